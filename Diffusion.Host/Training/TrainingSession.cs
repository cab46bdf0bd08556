using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Recipes;
using Diffusion.Host.Runs;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>One training command from its options to its result: finds the pictures, opens the folder, works, answers.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
public sealed class TrainingSession(Session session, TrainOptions options)
{
    /// <summary>A run from its beginning.</summary>
    public ExitCode Begin(RecipeSource source)
    {
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var recipe = RunSetup.NewRecipe(source, options, machine);
        using var data = RunSetup.Pictures(recipe.Data, options, Downloads, session.Stopping);
        recipe = RunSetup.Tuned(recipe, source, options, data.Train.Provenance, machine);
        recipe = recipe with { Data = recipe.Data with { Sha256 = data.Train.Provenance.Sha256 } };
        using var run = Start(recipe, data, machine);
        using var folder = options.Out is { } chosen ? RunFolder.Create(chosen) : RunFolder.Create("runs", recipe.Name, TimeProvider.System.GetLocalNow());
        RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
        return Work(run, data, folder, machine, 0);
    }

    /// <summary>A run from its last whole checkpoint.</summary>
    public ExitCode Resume(string path)
    {
        using var folder = RunFolder.Open(path);
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var recipe = RecipeFile.Read(folder.Recipe);
        recipe = recipe with { Length = options.Steps is null && options.Epochs is null ? recipe.Length : RunSetup.Lengthened(recipe.Length, options) with { StepsPerEpoch = recipe.Length.StepsPerEpoch } };
        using var data = RunSetup.Pictures(recipe.Data, options, Downloads, session.Stopping);
        using var run = Start(recipe, data, machine);
        var latest = new CheckpointStore(folder.Checkpoints).Latest(damage => session.Warn($"{damage}; the checkpoint before it is used"));
        if (latest is null)
            session.Warn($"{path} has no whole checkpoint: the run begins anew");
        else
            Continue(run, latest, machine);
        RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
        return Work(run, data, folder, machine, (int)(run.Updates / recipe.Length.StepsPerEpoch));
    }

    private void Continue(TrainingRun run, string checkpoint, Machine machine)
    {
        var saved = Checkpoint.ReadHeader(checkpoint);
        Checkpoint.Restore(run, checkpoint);
        session.Say(string.Create(CultureInfo.InvariantCulture, $"resumed at step {run.Updates}"));
        var device = machine.Device.type.ToString().ToLowerInvariant();
        if (saved.Threads != machine.Threads || saved.Device != device)
            session.Warn($"the run was on {saved.Device} with {Threads(saved.Threads)} and goes on on {device} with {Threads(machine.Threads)}: as good, but not bit for bit the same");
    }

    private static string Threads(int count) => count == 1 ? "1 thread" : string.Create(CultureInfo.InvariantCulture, $"{count} threads");

    private TrainingRun Start(Recipe recipe, LocatedData data, Machine machine)
    {
        if (recipe.Network.InputChannels != data.Train.Provenance.Shape.Channels)
            throw new InputException("recipe", $"a network for {recipe.Network.InputChannels} channels", $"{data.Train.Provenance.Shape.Channels}, as the pictures have");
        var classes = data.Train.Provenance.Description.ClassNames.Count;
        if (recipe.Goal is Goal.Classify goal && goal.Classes != classes)
            throw new InputException("recipe", $"a classifier of {goal.Classes} classes", $"{classes}, as the pictures have");
        return new(recipe, data.Train, machine.Device);
    }

    private ExitCode Work(TrainingRun run, LocatedData data, RunFolder folder, Machine machine, int epochs)
    {
        using var log = new RunLog(folder.Log, TimeProvider.System);
        using var evaluation = Evaluation(run.Recipe, data, machine);
        using var report = epochs == 0 && run.Updates == 0 ? CsvReport.Create(folder.Report, evaluation.Columns) : CsvReport.Continue(folder.Report, evaluation.Columns, epochs);
        var logged = session with { Record = log.Add };
        logged.Say(data.Line);
        logged.Say(Facts(run, machine));
        foreach (var remark in evaluation.Remarks)
            logged.Say(remark);
        logged.Say($"run folder: {folder.Path}");
        var job = new TrainingJob(run, folder, evaluation, report, new(options.CheckpointEvery, report.Elapsed)
        {
            Keep = options.Keep,
            Events = options.Events == EventFiles.TensorBoard ? new(folder.Events, TimeProvider.System) : null,
        });
        var result = ProgressDisplay.Show(logged, job.Work);
        Answer(run, folder, result);
        return ExitCode.Success;
    }

    private IEpochEvaluation Evaluation(Recipe recipe, LocatedData data, Machine machine) => recipe.Goal is Goal.Classify
        ? new ClassifierEvaluation(recipe, data)
        : new EpochEvaluation(recipe, data.Train.Provenance, DistanceMeters.For(data, Inception(recipe), machine.Device));

    private void Answer(TrainingRun run, RunFolder folder, EpochFindings? result)
    {
        var figures = result?.Figures ?? [];
        session.Answer(
            string.Join('\n', [$"{folder.Path}", .. figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {figure.Value:0.###} of {result!.Count} {(run.Recipe.Goal is Goal.Classify ? "pictures" : "samples")}"))]),
            new JsonObject
            {
                ["run"] = folder.Path,
                ["steps"] = run.Updates,
                ["samples"] = result?.Count,
                [result?.Key ?? "distances"] = new JsonObject(figures.Select(figure => KeyValuePair.Create(figure.Name, (JsonNode?)figure.Value))),
            });
    }

    // Weights that were asked for must be there; without a network the run goes on with the embedded network alone, and says so.
    private string? Inception(Recipe recipe)
    {
        if (options.Inception is { } given)
            return given;
        var (folder, file) = (CacheFolder.Default["inception"], KnownDownloads.Inception);
        var cached = Path.Combine(folder, file.FileName);
        if (File.Exists(cached) || recipe.Evaluation.Inception != InceptionWeights.Downloaded || options.Downloads == DownloadPolicy.Forbidden)
            return File.Exists(cached) ? cached : null;
        using var client = Downloader.NewClient();
        var fetched = new Downloader(client, Patience.Default, Downloads).Fetch(file, folder, session.Stopping).GetAwaiter().GetResult();
        if (fetched is Fetched.Failed failed)
            session.Warn($"no column fid: {file.FileName} was not downloaded ({failed.Reason}); --inception FILE names it");
        return fetched is Fetched.Stored ? cached : null;
    }

    private static string Facts(TrainingRun run, Machine machine)
    {
        var (recipe, length) = (run.Recipe, run.Recipe.Length);
        var precision = recipe.Precision == Precision.Bfloat16 ? "bfloat16" : "float32";
        var layout = recipe.Layout == MemoryLayout.ChannelsLast && machine.Device.type == TorchSharp.DeviceType.CUDA ? " with channels last" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"{recipe.Name}: {run.Arena.ParameterCount:N0} parameters, {precision}{layout} on {machine}; {length.Steps:N0} steps of {length.Batch} pictures, {length.Steps * length.Batch:N0} in all, with a report every {length.StepsPerEpoch:N0}");
    }

    private IProgress<DownloadEvent> Downloads => new DownloadLines(session);
}
