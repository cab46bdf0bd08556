using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a progressive distillation is asked for.</summary>
internal sealed class DistilSyntax : CommandSyntax
{
    private static readonly Sequence<int> UsualCalls = [8, 4, 2, 1];

    private readonly Cli.Argument<string> _run = Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly Cli.Option<Sequence<int>> _calls = Define.Option("--calls", "N,N,...",
        "network calls of the students, one after another; each divides the one before (default: 8,4,2,1)",
        new Computed<Sequence<int>>("numbers of network calls such as 8,4,2,1", NumberList.Positive));

    private readonly Cli.Option<int?> _teacherCalls = Define.Option("--teacher-calls", "N",
        "steps of DDIM that RUN itself takes, a multiple of the first of --calls (default: twice that)",
        new WholeNumber<int>("a whole number from 2", 2));

    private readonly Cli.Option<double?> _guidance = Define.Option("--guidance", "W",
        "guidance weight w of RUN, which the students take over (default: the run's)", new RealNumber(-100, 100));

    private readonly Cli.Option<long?> _images = Define.Option("--images", "N",
        $"images that each student is trained on, with repetition (default: {DistilOptions.UsualImages})",
        new WholeNumber<long>("a positive whole number", 1));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR",
        "folder of the students calls-N (default: RUN-distilled)", new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "batch size (default: the run's)", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<int?> _samples = Define.Option("--samples", "N",
        "samples of the evaluation at the end of each stage (default: the run's)", new WholeNumber<int>("a whole number from 2", 2));

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: another one than that of the teacher)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<RecipeChange[]> _set = Define.Repeated("--set", "PATH=VALUE",
        "override a setting of every student's recipe, such as optimiser.rate.peak=1e-3; repeatable", new ChangeWord());

    private readonly Cli.Option<long?> _checkpointEvery = Define.Option("--checkpoint-every", "STEPS",
        "steps between checkpoints (default: only at the end)", new WholeNumber<long>("a positive whole number", 1));

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>distil</c>.</summary>
    public DistilSyntax()
        : base("distil", "Progressive distillation: trains students of a model that need 8, 4, 2 and 1 network calls per sample.")
    {
        Arguments.Add(_run);
        Take([
            _out, _calls, _teacherCalls, _guidance, _images, _batch, _samples, _seed, _set, _checkpointEvery, .. _data.All, .. _machine.All,
        ]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("distil digits -o few", "students of the model that comes with the program: few/calls-8, calls-4, calls-2, calls-1"),
        new("distil runs/try --calls 16,4 --teacher-calls 64", "four steps of the teacher for each of the student"),
        new("distil runs/try --guidance 1 --images 100000", "guidance of w = 1 folded in, and a longer training"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "A student begins with the weights of its teacher and learns to go in one step of DDIM where that goes in several (Salimans and Ho "
        + "2022); the first teacher is guided, and the students need no guidance and half the work per call (Meng et al. 2023). Each is a "
        + "run of its own, which keeps its teacher's weights; sample DIR/calls-2 draws with its steps and without guidance.",
        "Run again with the same folder, it goes on where it was stopped. The model must predict velocity, flow or the image: from noise "
        + "prediction nothing can be read at the first of few steps.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        var calls = typed.GetValue(_calls) ?? UsualCalls;
        if (calls.Max() > DistilOptions.MostCalls)
            yield return $"{_calls.Name}: {calls.Max()} is more than {DistilOptions.MostCalls}";
        if (typed.GetValue(_teacherCalls) > DistilOptions.MostCalls)
            yield return $"{_teacherCalls.Name}: {typed.GetValue(_teacherCalls)} is more than {DistilOptions.MostCalls}";
        foreach (var (before, after) in calls.Zip(calls.Skip(1)).Where(pair => pair.First % pair.Second != 0 || pair.First == pair.Second))
            yield return $"{_calls.Name}: {after} must divide {before}, and be less";
        if (typed.GetValue(_teacherCalls) is { } first && (first % calls[0] != 0 || first == calls[0]))
            yield return $"{_teacherCalls.Name}: {first} is no multiple of {calls[0]}, such as {2L * calls[0]}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var (run, calls) = (typed.GetValue(_run)!, typed.GetValue(_calls) ?? UsualCalls);
        return new Command.Distil(run, new(calls, new()
        {
            Out = typed.GetValue(_out) ?? UsualPlace(run),
            Data = _data.Folder(typed),
            Downloads = _data.Downloads(typed),
            Batch = typed.GetValue(_batch),
            Seed = typed.GetValue(_seed),
            CheckpointEvery = typed.GetValue(_checkpointEvery),
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
            Changes = [.. TrainOptionGroup.Sampled(typed.GetValue(_samples)), .. typed.GetValue(_set) ?? []],
        })
        {
            TeacherCalls = typed.GetValue(_teacherCalls),
            Images = typed.GetValue(_images) ?? DistilOptions.UsualImages,
            Guidance = typed.GetValue(_guidance) is { } w ? w == 0 ? new Guidance.None() : new Guidance.ClassifierFree(w) : null,
        });
    }

    private static string UsualPlace(string run)
    {
        var name = Path.TrimEndingDirectorySeparator(CarriedModels.NameOf(run));
        return $"{(CarriedModels.Owns(run) ? Path.Combine("runs", name) : name)}-distilled";
    }
}
