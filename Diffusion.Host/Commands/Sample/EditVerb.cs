using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Host.Samplers;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How real images are given to be changed.</summary>
internal sealed class EditVerb : Verb
{
    private static readonly string Parts = string.Join(", ", HiddenPart.Words.Select(known => known.Word));

    private readonly Cli.Argument<ImagePlace> _place = OriginalWords.Place();

    private readonly Cli.Option<Share[]> _strengths = Words.Repeated("--strength", "S",
        "redraw: the share of the way that images are noised and come back, above 0 and up to 1; can be given several times",
        new Computed<Share>("a number above 0 and up to 1", Share.Parse));

    private readonly Cli.Option<HiddenPart> _mask = Words.Option("--mask", "PART",
        $"fill in: the part that is made anew, {Parts}, or an image file that is white there", new Computed<HiddenPart>("a part of an image", HiddenPart.Parse));

    private readonly Cli.Option<int?> _jump = Words.Option("--jump", "J",
        "fill in: steps in a stretch that is gone again, RePaint's j; 10 without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _rounds = Words.Option("--rounds", "R",
        "fill in: how often a stretch is gone, RePaint's r; 5 without it, 1 for plain replacement", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _versions = Words.Option("--versions", "N",
        "rows of results, each from other noise; 1 for each strength and 3 for a mask without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<string> _out = Words.Option("--out", "FILE",
        "PNG file to write (or -o); edited.png without it", new FreeText("a file"));

    private readonly OriginalWords _originals = new("images that are edited; 10 without it");

    private readonly DrawingWords _drawing = new("each image's own, where the model knows labels");

    /// <summary>The command <c>edit</c>.</summary>
    public EditVerb()
        : base("edit", "Changes real images by a trained model: redraws them from part of the noise, or fills in a part.")
    {
        _out.Aliases.Add("-o");
        Arguments.Add(_drawing.Run);
        Arguments.Add(_place);
        Take([_out, _strengths, _mask, _jump, _rounds, _versions, .. _originals.All, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("edit runs/try mnist:test --strength 0.3 --strength 0.5 --strength 0.7", "noised images and what they come back as"),
        new("edit runs/try mnist:test --mask left -o filled.png", "the left half made anew, three times"),
        new("edit runs/try mnist:test --mask bottom --rounds 1", "without going stretches again: what is made fits less well"),
        new("edit runs/try photo.jpg --count 1 --mask hole.png", "an image and a mask of one's own"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Redrawing is SDEdit (Meng et al. 2021): sampling that sets out in the middle of the way. Filling in is RePaint (Lugmayr et al. 2022): after every "
        + "step the known part is put back, as noisy as the rest, and stretches of steps are gone again so that both parts come to agree.",
        "Solvers that remember earlier steps can fill in with --rounds 1 only. A sampler with noise, such as the recipes', fills in better than ddim.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerWords.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (!typed.IsGiven(_strengths) && !typed.IsGiven(_mask))
            yield return $"edit: needs {_strengths.Name} or {_mask.Name}";
        if (typed.IsGiven(_strengths) && typed.IsGiven(_mask))
            yield return $"{_mask.Name}: cannot be combined with {_strengths.Name}";
        foreach (var option in new Cli.Option[] { _jump, _rounds })
            if (typed.IsGiven(option) && !typed.IsGiven(_mask))
                yield return $"{option.Name}: needs {_mask.Name} too";
        foreach (var fault in _drawing.Faults(typed))
            yield return fault;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        Edit edit = typed.GetValue(_mask) is { } hidden
            ? new Edit.FillIn(hidden, new RePaintSchedule(typed.GetValue(_jump) ?? 10, typed.GetValue(_rounds) ?? 5))
            : new Edit.Redraw(typed.GetValue(_strengths)!.Select(share => share.Value).ToSequence());
        return new Command.EditImages(_drawing.Read(typed), _originals.Read(typed, typed.GetValue(_place)!, usual: 10), edit)
        {
            Versions = typed.GetValue(_versions) ?? (edit is Edit.FillIn ? 3 : 1),
            Out = typed.GetValue(_out) ?? "edited.png",
        };
    }

    private sealed record Share(double Value)
    {
        public static Share Parse(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1
                ? new(number)
                : throw new ArgumentException($"'{text}' is no share.", nameof(text));
    }
}
