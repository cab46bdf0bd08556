using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that every training command shares.</summary>
internal sealed class TrainWords
{
    private readonly Cli.Option<string> _data = Words.Option("--data", "DIR",
        "folder that holds the images; without it the cache, a download, or the sample inside the program", new FreeText("a folder"));

    private readonly Cli.Option<string> _out = Words.Option("--out", "DIR",
        "run folder, new or empty; without it runs/RECIPE-TIME", new FreeText("a folder"));

    private readonly Cli.Option<int?> _epochs = Words.Option("--epochs", "N",
        "passes over the data in the whole run", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<long?> _steps = Words.Option("--steps", "N",
        "updates of the weights in the whole run; overrides --epochs", new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<int?> _batch = Words.Option("--batch", "N",
        "images per update", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where every random number comes from", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<DeviceChoice?> _device = Words.Option("--device", "auto|cpu|cuda",
        "where to compute; auto takes CUDA where there is one",
        new OneOf<DeviceChoice?>(("auto", DeviceChoice.Auto), ("cpu", DeviceChoice.Cpu), ("cuda", DeviceChoice.Cuda)));

    private readonly Cli.Option<int?> _threads = Words.Option("--threads", "N",
        "threads of one tensor operation (default: OMP_NUM_THREADS, else the number of cores)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<string> _inception = Words.Option("--inception", "FILE",
        "weights of the Inception network, for the column fid", new FreeText("a file"));

    private readonly Cli.Option<bool> _noDownload = Words.Flag("--no-download", "ask nothing of the network");

    private readonly Cli.Option<bool> _skipBad = Words.Flag("--skip-bad", "leave out image files that cannot be decoded, and count them");

    private readonly Cli.Option<bool> _tensorBoard = Words.Flag("--tensorboard", "write event files for TensorBoard too, into tensorboard/ of the run folder");

    private readonly Cli.Option<long?> _checkpointEvery = Words.Option("--checkpoint-every", "STEPS",
        "updates between two checkpoints; there is one at every evaluation too", new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<int?> _keep = Words.Option("--keep", "N",
        $"latest checkpoints that stay, beside the best one; {TrainerOptions.DefaultKeep} without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<RecipeChange[]> _set = Words.Repeated("--set", "PATH=VALUE",
        "change one setting of the recipe, such as optimiser.rate.peak=1e-4; can be repeated",
        new Computed<RecipeChange>("a setting and its value, as in optimiser.rate.peak=1e-4", ReadChange));

    /// <summary>The size of the job.</summary>
    public Cli.Option<Preset?> Preset { get; } = Words.Option("--preset", "quick|paper",
        "size of the job: minutes on a CPU, or as published; without it paper where there is CUDA, else quick",
        new OneOf<Preset?>(("quick", Model.Recipes.Preset.Quick), ("paper", Model.Recipes.Preset.Paper)));

    /// <summary>The run to go on with.</summary>
    public Cli.Option<string> Resume { get; } = Words.Option("--resume", "RUN",
        "go on with the run in this folder, from its last checkpoint", new FreeText("a run folder"));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All =>
    [
        _data, _out, Preset, _epochs, _steps, _batch, _seed, _device, _threads, _inception, _noDownload, _skipBad, _checkpointEvery, _keep, _tensorBoard, Resume, _set,
    ];

    /// <summary>Options that would make a resumed run another run.</summary>
    public Cli.Option[] FixedByTheRun => [_out, Preset, _batch, _seed];

    /// <summary>The options as a value.</summary>
    public TrainOptions Read(Cli.ParseResult typed) => new()
    {
        Data = typed.GetValue(_data),
        Out = typed.GetValue(_out),
        Preset = typed.GetValue(Preset),
        Epochs = typed.GetValue(_epochs),
        Steps = typed.GetValue(_steps),
        Batch = typed.GetValue(_batch),
        Seed = typed.GetValue(_seed),
        Device = typed.GetValue(_device) ?? DeviceChoice.Auto,
        Threads = typed.GetValue(_threads),
        Inception = typed.GetValue(_inception),
        Downloads = typed.GetValue(_noDownload) ? DownloadPolicy.Forbidden : DownloadPolicy.Allowed,
        Bad = typed.GetValue(_skipBad) ? BadImages.Skipped : BadImages.Refused,
        CheckpointEvery = typed.GetValue(_checkpointEvery),
        Keep = typed.GetValue(_keep) ?? TrainerOptions.DefaultKeep,
        Events = typed.GetValue(_tensorBoard) ? EventFiles.TensorBoard : EventFiles.None,
        Resume = typed.GetValue(Resume),
        Changes = (typed.GetValue(_set) ?? []).ToSequence(),
    };

    private static RecipeChange ReadChange(string token) =>
        token.Split('=', 2) is [{ Length: > 0 } path, { Length: > 0 } value] && !path.Split('.').Contains("")
            ? new(path, value)
            : throw new ArgumentException($"'{token}' names no setting and value.", nameof(token));
}
