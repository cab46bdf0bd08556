using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How real images are given to be changed.</summary>
internal sealed class EditSyntax : CommandSyntax
{
    private static readonly string Parts = string.Join(", ", HiddenPart.Words.Select(known => known.Word));

    private readonly Cli.Argument<ImagePlace> _place = ImageOptionGroup.Place();

    private readonly Cli.Option<Share[]> _strengths = Define.Repeated("--strength", "S",
        "SDEdit: fraction of the noise that is added and removed, in (0, 1]; repeatable",
        new Computed<Share>("a number above 0 and up to 1", Share.Parse));

    private readonly Cli.Option<HiddenPart> _mask = Define.Option("--mask", "PART",
        $"RePaint: region to fill in: {Parts}, or an image file that is white there",
        new Computed<HiddenPart>("a part of an image", HiddenPart.Parse));

    private readonly Cli.Option<int?> _jump = Define.Option("--jump", "J",
        "RePaint: jump length j (default: 10)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _rounds = Define.Option("--rounds", "R",
        "RePaint: resampling rounds r; 1 is plain replacement (default: 5)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _versions = Define.Option("--versions", "N",
        "results per image, from different noise (default: 1 per strength, 3 with --mask)",
        new WholeNumber<int>("a positive whole number", 1));

    private readonly SheetOptionGroup _sheet = new("edited.png");

    private readonly ImageOptionGroup _originals = new("number of images (default: 10)");

    private readonly SamplingOptionGroup _drawing = new("each image's own, with a class-conditional model");

    /// <summary>The command <c>edit</c>.</summary>
    public EditSyntax()
        : base("edit", "Edits real images: SDEdit (image-to-image) and RePaint (inpainting).")
    {
        Arguments.Add(_drawing.Run);
        Arguments.Add(_place);
        Take([.. _sheet.All, _strengths, _mask, _jump, _rounds, _versions, .. _originals.All, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("edit runs/try mnist:test --strength 0.3 --strength 0.5 --strength 0.7", "SDEdit at three strengths"),
        new("edit runs/try mnist:test --mask left -o filled.png", "inpaint the left half, three versions"),
        new("edit runs/try mnist:test --mask bottom --rounds 1", "no resampling: the filled-in region blends in less well"),
        new("edit runs/try photo.jpg --count 1 --mask hole.png", "your own image and mask"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "SDEdit (Meng et al. 2021) adds noise to the image and samples from there. RePaint (Lugmayr et al. 2022) replaces the known "
        + "region by the noised original after "
        + "every step, and jumps back several times so that both regions agree.",
        "Multistep samplers support RePaint with --rounds 1 only. Stochastic samplers, such as the recipes', inpaint better than ddim.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (!typed.IsGiven(_strengths) && !typed.IsGiven(_mask))
            yield return $"edit: requires {_strengths.Name} or {_mask.Name}";
        if (typed.IsGiven(_strengths) && typed.IsGiven(_mask))
            yield return $"{_mask.Name}: cannot be combined with {_strengths.Name}";
        foreach (var option in new Cli.Option[] { _jump, _rounds })
            if (typed.IsGiven(option) && !typed.IsGiven(_mask))
                yield return $"{option.Name}: requires {_mask.Name}";
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
            Out = _sheet.Out(typed) ?? "edited.png",
            Scale = _sheet.Scale(typed),
        };
    }

    private sealed record Share(double Value)
    {
        public static Share Parse(string text) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 1
                ? new(number)
                : throw new ArgumentException($"'{text}' is no strength.", nameof(text));
    }
}
