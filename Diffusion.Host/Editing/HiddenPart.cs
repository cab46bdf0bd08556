using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Editing;

/// <summary>The part of an image that is made anew. A closed union.</summary>
public abstract record HiddenPart
{
    private HiddenPart()
    {
    }

    /// <summary>The parts that have words.</summary>
    public static IReadOnlyList<(string Word, HiddenPart Part)> Words { get; } =
    [
        Known("left", (x, _) => x < 0.5),
        Known("right", (x, _) => x > 0.5),
        Known("top", (_, y) => y < 0.5),
        Known("bottom", (_, y) => y > 0.5),
        Known("centre", (x, y) => Max(Abs(x - 0.5), Abs(y - 0.5)) < 0.25),
        Known("border", (x, y) => Max(Abs(x - 0.5), Abs(y - 0.5)) > 0.25),
    ];

    /// <summary>What a person calls it.</summary>
    public abstract string Name { get; }

    /// <summary>bool [H, W], true where images are made anew.</summary>
    /// <exception cref="InputException">A file cannot be read, or hides nothing or everything.</exception>
    public abstract torch.Tensor Over(ImageShape shape, Session session);

    /// <summary>The part that a word or a path names.</summary>
    public static HiddenPart Parse(string text) => string.IsNullOrWhiteSpace(text)
        ? throw new ArgumentException("An empty word names no part.", nameof(text))
        : Words.FirstOrDefault(known => known.Word == text).Part ?? new Drawn(text);

    private static (string, HiddenPart) Known(string word, Func<double, double, bool> isHidden) => (word, new Region(word, isHidden));

    /// <summary>A part that has a word.</summary>
    /// <param name="Name">The word.</param>
    /// <param name="IsHidden">Whether a pixel's middle is hidden: x from the left and y from the top, both from 0 to 1.</param>
    public sealed record Region(string Name, Func<double, double, bool> IsHidden) : HiddenPart
    {
        /// <inheritdoc/>
        public override string Name { get; } = Name;

        /// <inheritdoc/>
        public override torch.Tensor Over(ImageShape shape, Session session)
        {
            var hidden = new bool[shape.Height * shape.Width];
            for (var y = 0; y < shape.Height; y++)
                for (var x = 0; x < shape.Width; x++)
                    hidden[y * shape.Width + x] = IsHidden((x + 0.5) / shape.Width, (y + 0.5) / shape.Height);
            using var row = torch.tensor(hidden);
            return row.view(shape.Height, shape.Width);
        }
    }

    /// <summary>The white part of an image file.</summary>
    /// <param name="Path">The file.</param>
    public sealed record Drawn(string Path) : HiddenPart
    {
        /// <inheritdoc/>
        public override string Name => System.IO.Path.GetFileName(Path);

        /// <inheritdoc/>
        public override torch.Tensor Over(ImageShape shape, Session session)
        {
            if (!File.Exists(Path))
                throw new InputException(
                    "--mask", Path, $"an image file, or one of {string.Join(", ", Words.Select(known => known.Word))}");
            using var scope = torch.NewDisposeScope();
            using var drawing = OriginalImages.Read(session, new(new ImagePlace(Path, Split.Train), 1), shape with { Channels = 1 });
            var hidden = drawing.Images[0, 0] > Number.Of(0);
            var (white, all) = (hidden.sum().item<long>(), hidden.numel());
            return white > 0 && white < all
                ? hidden.MoveToOuterDisposeScope()
                : throw new InputException(
                    Path, white == 0 ? "an all-black mask" : "an all-white mask", "white in the region to fill in, black elsewhere");
        }
    }
}
