using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How samples are asked for.</summary>
internal sealed class SampleSyntax : CommandSyntax
{
    private readonly OutputOption _out = new OutputOption("--out",
        "grid as .png or .svg, .npz array, or folder for one PNG per sample; animation as .png, .gif or .webp (default: samples.png)",
        SampleOutput.Endings).Also("-o");

    private readonly Cli.Option<int?> _zoom = SheetOptionGroup.Zoom();

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "number of samples (default: as in the grid of an evaluation; 4 with --strip, 20 with --animation)",
        new WholeNumber<int>("a positive whole number", 1)).Also("-n");

    private readonly Cli.Option<bool> _subdirs = Define.Flag("--subdirs",
        "a folder for each thousand of a folder's PNG files, such as 001000/001234.png");

    private readonly Cli.Option<long?> _first = Define.Option("--first", "N",
        "number of the first sample (default: 0)", new WholeNumber<long>("a whole number", 0));

    private readonly Cli.Option<string> _request = Define.Option("--request", "FILE",
        "repeat the sampling request in this sheet or JSON file; other options change it", new FreeText("a file"));

    private readonly Cli.Option<bool> _strip = Define.Flag("--strip",
        "progressive generation: a row of states x_t and a row of predictions of x_0 per sample");

    private readonly Cli.Option<bool> _animation = Define.Flag("--animation",
        "progressive generation as an animation: PNG, GIF or WebP");

    private readonly SamplingOptionGroup _drawing = new("all classes in turn");

    private readonly ClassifierOptionGroup _steering = new();

    /// <summary>The command <c>sample</c>.</summary>
    public SampleSyntax()
        : base("sample", "Generates images with a trained model; also classifier guidance, classifier-free guidance and "
            + "progressive generation.")
    {
        Arguments.Add(_drawing.Run);
        Take([_out, _zoom, _count, _first, _subdirs, _request, _strip, _animation, .. _steering.All, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("sample runs/try -o grid.png", "the sample grid of the last evaluation, pixel for pixel"),
        new("sample runs/try --steps 100 -o grid.png", "the run's sampler with 100 steps"),
        new("sample runs/try --sampler dpm++2m --steps 20 --count 100", "100 images with DPM-Solver++(2M), 20 NFE"),
        new("sample runs/try -n 50000 -o samples/", "a folder for torch-fidelity or pytorch-fid, continued when it is run again"),
        new("sample runs/try -n 50000 -o samples.npz", "an array for the evaluator of guided-diffusion (ADM)"),
        new("sample runs/try --request grid.png -o again.png", "the same images again"),
        new("sample runs/try --label 7 --guidance 3", "one class, with classifier-free guidance"),
        new("sample runs/try --guidance 6 --guidance-interval 0.3,5 --apg 0", "strong guidance at medium noise only, projected"),
        new("sample runs/try --autoguidance runs/early --guidance 1", "away from a weaker model, or an earlier checkpoint"),
        new("sample runs/try --label cat --and dog --not bird", "labels combined"),
        new("sample runs/try --label cat,dog --count 40", "two classes by name, half the samples each"),
        new("sample runs/try --classifier runs/classifier --classifier-scale 3",
            "classifier guidance of an unconditional model, labels 0 to 9 in turn"),
        new("sample runs/try --strip -o strip.png", "progressive generation, from noise to image"),
        new("sample runs/try --animation -o forming.gif", "the same as an animation"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Options override the run's recipe one by one: --steps keeps the run's sampler; --sampler keeps the number of steps and uses the "
        + "new sampler's "
        + "default settings and spacing. Sample k depends on the seed and k only. A PNG, SVG, GIF or WebP file contains recipe, step, "
        + "sampler, plan, seed, guidance and the "
        + "request as text.",
        "--guidance-schedule, --apg, --guidance-interval and --guidance-rescale shape the guidance of --guidance, of --autoguidance or of "
        + "the run, in this order. --and, --not and --blend change what each label of --label means. NFE counts one evaluation per model "
        + "call; guidance asks for one more answer per label or weaker model.",
        "An .npz file contains arr_0, uint8 [N, H, W, C], and for class-conditional samples arr_1, int64 [N].",
        "In a folder, sample k is the file of number k. Samples that are there already are not drawn again, so that the same command "
        + "continues after an interruption, and a larger --count adds to them. samples.json says what they were drawn from; samples of "
        + "another model, seed, sampler, guidance or labels are refused.",
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.GetValue(_strip) && typed.GetValue(_animation))
            yield return $"{_animation.Name}: cannot be combined with {_strip.Name}";
        var (path, extension) = (Out(typed).Path, Path.GetExtension(Out(typed).Path).ToLowerInvariant());
        if (typed.GetValue(_strip) && Out(typed) is not SampleOutput.Sheet)
            yield return $"{_strip.Name}: requires a .png or .svg file, not {path}";
        if (typed.GetValue(_animation) && extension is not (".png" or ".gif" or ".webp"))
            yield return $"{_animation.Name}: requires a .png, .gif or .webp file, not {path}";
        // A request may be that of an animation.
        if (!typed.GetValue(_animation) && !typed.IsGiven(_request) && Out(typed) is SampleOutput.Film)
            yield return $"{_out.Name}: {path} is an animation, which requires {_animation.Name}";
        if (typed.IsGiven(_zoom) && Out(typed) is (SampleOutput.Arrays or SampleOutput.Folder))
            yield return $"{_zoom.Name}: requires a sheet or an animation, not {path}";
        if (typed.GetValue(_subdirs) && Out(typed) is not SampleOutput.Folder)
            yield return $"{_subdirs.Name}: requires a folder, such as samples/, not {path}";
        foreach (var fault in _drawing.Faults(typed).Concat(_steering.Faults(typed)))
            yield return fault;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var drawing = _drawing.Read(typed);
        var request = drawing.Request with
        {
            Count = typed.GetValue(_count),
            First = typed.GetValue(_first),
            Classifier = _steering.Read(typed),
            Sheet = typed.GetValue(_strip) ? SheetKind.Strip : typed.GetValue(_animation) ? SheetKind.Animation : null,
        };
        return new Command.Sample(Out(typed), new(drawing with { Request = request })
        {
            RequestFile = typed.GetValue(_request),
            Scale = typed.GetValue(_zoom),
        });
    }

    private SampleOutput Out(Cli.ParseResult typed) => SampleOutput.Parse(typed.GetValue(_out) ?? "samples.png") switch
    {
        SampleOutput.Folder folder when typed.GetValue(_subdirs) => folder with { Layout = FolderLayout.Thousands },
        var other => other,
    };
}
