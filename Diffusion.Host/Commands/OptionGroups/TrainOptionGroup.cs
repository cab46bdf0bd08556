using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that every training command shares.</summary>
internal sealed class TrainOptionGroup
{
    private const int MostInGrid = 64;

    private readonly DataOptionGroup _data = new();

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "run folder, new or empty (default: runs/RECIPE-TIME)", new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<int?> _epochs = Define.Option("--epochs", "N",
        "length of the run in passes over the data", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<long?> _steps = Define.Option("--steps", "N",
        "length of the run in training steps; overrides --epochs", new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<double?> _minutes = Define.Option("--minutes", "M",
        "length of the run in minutes, evaluations included: as many steps as fit, at the pace of a short trial and then of the run",
        new RealNumber(0.001, 100_000));

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "batch size", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the recipe's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly MachineOptionGroup _machine = new();

    private readonly Cli.Option<string> _inception = Define.Option("--inception", "FILE",
        "Inception weights for FID (default: the cache, else a download)", new FreeText("a file"));

    private readonly Cli.Option<bool> _skipBad = Define.Flag("--skip-bad", "skip image files that cannot be decoded, and report how many");

    private readonly Cli.Option<bool> _tensorBoard =
        Define.Flag("--tensorboard", "also write TensorBoard event files, to tensorboard/ in the run folder");

    private readonly Cli.Option<long?> _checkpointEvery = Define.Option("--checkpoint-every", "STEPS",
        "steps between checkpoints, besides the one after each evaluation (default: no others)",
        new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<int?> _keep = Define.Option("--keep", "N",
        $"recent checkpoints to keep, besides the best (default: {TrainerOptions.DefaultKeep})",
        new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<RecipeChange[]> _set = Define.Repeated("--set", "PATH=VALUE",
        "override a setting of the recipe, such as optimiser.rate.peak=1e-4; repeatable",
        new ChangeWord());

    /// <summary>The size of the job.</summary>
    public Cli.Option<Preset?> Preset { get; } = Define.Option("--preset", "quick|paper",
        "quick: minutes on a CPU; paper: the published settings (default: paper with CUDA, else quick)",
        new OneOf<Preset?>(("quick", Model.Recipes.Preset.Quick), ("paper", Model.Recipes.Preset.Paper)));

    /// <summary>The size of the images, where they have none of their own.</summary>
    public Cli.Option<ImageSize> Size { get; } = Define.Option("--size", "N|HxW",
        "image size for train folder: the centre of each image in these proportions, scaled (default: the recipe's)",
        new SizeWord()).Also("--side");

    /// <summary>What is kept of the colours of the images, where they have no channels of their own.</summary>
    public Cli.Option<ImageChannels?> Channels { get; } = ChannelsOption.Of(
        "channels of the images of train folder: the brightness, or red, green and blue, or these with alpha (default: grey where all "
        + "are, else rgb)");

    /// <summary>What transparency in the images is laid over.</summary>
    public Cli.Option<PixelColour?> Background { get; } = Define.Option("--background", "COLOUR",
        "colour under the transparent parts of the images of train folder: white, black or #rrggbb (default: the recipe's, white)",
        new ColourWord());

    /// <summary>Whether the model is to be class-conditional.</summary>
    public Cli.Option<bool> Labels { get; } = Define.Flag("--labels",
        "class-conditional model for classifier-free guidance; the classes are those of the images, such as subfolders");

    /// <summary>A description instead of a run.</summary>
    public Cli.Option<bool> DryRun { get; } = Define.Flag("--dry-run",
        "describe the run instead: data, network, memory, time per step, evaluations, total time");

    private readonly Cli.Option<int?> _samples = Define.Option("--samples", "N",
        "samples per evaluation (default: the recipe's; fewer in a short run)", new WholeNumber<int>("a whole number from 2", 2));

    /// <summary>The run to continue.</summary>
    public Cli.Option<string> Resume { get; } = Define.Option("--resume", "RUN",
        "continue the run in this folder from its last checkpoint", new FreeText("a run folder"));

    /// <summary>The run whose weights a new one begins with.</summary>
    public Cli.Option<string> From { get; } = Define.Option("--from", "RUN",
        "begin a new run with the EMA weights of this run, checkpoint, import or model that comes with the program", new RunWord());

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All =>
    [
        _out, Preset, Resume, From, _set, _steps, _epochs, _minutes, _batch, _samples, _seed, .. _data.All, Size, Channels, Background,
        Labels, _skipBad, _inception, _checkpointEvery, _keep, _tensorBoard, DryRun, .. _machine.All,
    ];

    /// <summary>Options that would make a resumed run another run.</summary>
    public Cli.Option[] FixedByTheRun => [_out, Preset, From, _batch, _seed, Size, Channels, Background, Labels];

    /// <summary>The options as a value.</summary>
    public TrainOptions Read(Cli.ParseResult typed) => new()
    {
        Data = _data.Folder(typed),
        Size = typed.GetValue(Size),
        Channels = typed.GetValue(Channels),
        Background = typed.GetValue(Background),
        Labels = typed.GetValue(Labels) ? ImageLabels.Conditional : ImageLabels.AsInRecipe,
        Out = typed.GetValue(_out),
        Preset = typed.GetValue(Preset),
        Epochs = typed.GetValue(_epochs),
        Steps = typed.GetValue(_steps),
        Time = typed.GetValue(_minutes) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        Batch = typed.GetValue(_batch),
        Seed = typed.GetValue(_seed),
        Device = _machine.Device(typed),
        Threads = _machine.Threads(typed),
        Inception = typed.GetValue(_inception),
        Downloads = _data.Downloads(typed),
        Bad = typed.GetValue(_skipBad) ? BadImages.Skipped : BadImages.Refused,
        CheckpointEvery = typed.GetValue(_checkpointEvery),
        Keep = typed.GetValue(_keep) ?? TrainerOptions.DefaultKeep,
        Events = typed.GetValue(_tensorBoard) ? EventFiles.TensorBoard : EventFiles.None,
        From = typed.GetValue(From),
        Resume = typed.GetValue(Resume),
        Mode = typed.GetValue(DryRun) ? RunMode.Dry : RunMode.Real,
        Changes = [.. Sampled(typed.GetValue(_samples)), .. typed.GetValue(_set) ?? []],
    };

    /// <summary>Why <c>--background</c> cannot be used with other options; empty where it can.</summary>
    public IEnumerable<string> ColourFaults(Cli.ParseResult typed)
    {
        if (typed.IsGiven(Background) && typed.GetValue(Channels) is ImageChannels.ColourAndAlpha)
            yield return $"{Background.Name}: {Channels.Name} rgba keeps transparency, and nothing is laid under it; omit one of them";
    }

    /// <summary>Why <c>--minutes</c> cannot be used with other options; empty where it can.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="verb">The command.</param>
    public IEnumerable<string> TimeFaults(Cli.ParseResult typed, string verb)
    {
        if (!typed.IsGiven(_minutes))
            yield break;
        if (typed.GetValue(Resume) is { } run)
            yield return $"{_minutes.Name}: a resumed run keeps its length; to train longer: {ResumeLine.Of(run, verb)} {_steps.Name} N";
        foreach (var length in new Cli.Option[] { _steps, _epochs }.Where(option => typed.IsGiven(option)))
            yield return $"{_minutes.Name}: decides the number of steps; omit {length.Name}";
        foreach (var change in (typed.GetValue(_set) ?? []).Where(change => change.Path is "length" or "length.steps"))
            yield return $"{_minutes.Name}: decides the number of steps; omit {_set.Name} {change.Path}";
    }

    // What --set says of it is heard last. A sheet does not show more than are drawn.
    internal static IEnumerable<RecipeChange> Sampled(int? samples)
    {
        if (samples is not { } count)
            yield break;
        var text = count.ToString(CultureInfo.InvariantCulture);
        yield return new("evaluation.samples", text);
        yield return new("evaluation.finalSamples", text);
        if (count < MostInGrid)
            yield return new("evaluation.gridImages", text);
    }
}
