using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;
using Diffusion.Host.Runs;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>One training command from its options to its result: finds the images, opens the folder, works, answers.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
public sealed class TrainingSession(Session session, TrainOptions options)
{
    /// <summary>A run from its beginning.</summary>
    public ExitCode Begin(RecipeSource source)
    {
        SayWhatWasRenamed();
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var recipe = RunSetup.NewRecipe(source, options, machine);
        using var data = RunSetup.Images(recipe, options, session);
        if (options.Epochs is not null)
            recipe = RunSetup.NewRecipe(source, RunSetup.InSteps(options, recipe.Length.Batch, data.Train.Provenance), machine);
        recipe = RunSetup.Tuned(recipe, source, options, data.Train.Provenance, machine);
        var found = data.Train.Provenance;
        recipe = recipe with
        {
            Data = recipe.Data with
            {
                Sha256 = found.Sha256,
                ClassNames = found.Description.ClassNames,
                Found = recipe.Data is { Set: "folder", Size: null } ? new(found.Shape.Height, found.Shape.Width) : recipe.Data.Found,
            },
        };
        using var run = Start(recipe, data, machine);
        using var folder = options.Out is { } chosen ? RunFolder.Create(chosen) : RunFolder.Create("runs", recipe.Name, TimeProvider.System.GetLocalNow());
        RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
        DataPlace.Remember(folder, options.Data);
        return Work(run, data, folder, machine, null);
    }

    /// <summary>A run from its last good checkpoint.</summary>
    /// <param name="path">The run folder.</param>
    /// <param name="source">The recipe that the command is about; any run will do where it is none in particular.</param>
    public ExitCode Resume(string path, RecipeSource source)
    {
        SayWhatWasRenamed();
        using var folder = RunFolder.Open(path);
        var store = new CheckpointStore(folder.Checkpoints, options.Keep);
        var latest = store.Latest(damage => session.Warn($"{damage}; using the previous checkpoint"));
        var saved = latest is null ? null : Checkpoint.ReadHeader(latest);
        if (saved is not null && !Checkpoint.CanBeResumed(saved))
            throw new InputException(path, "weights only, as written by import and ema", "a run trained by this program; imported weights can be sampled and evaluated, not trained further");
        var written = File.Exists(folder.Recipe) ? RecipeFile.Read(folder.Recipe) : null;
        var resumed = ResumedRecipe.Of(folder.Recipe, written, saved, options);
        var recipe = resumed.Recipe;
        RefuseOther(path, source, recipe);
        RefuseShorter(path, recipe, saved);
        var place = options with { Data = DataPlace.Find(folder, options.Data, session.Say) };
        var machine = Machine.Ready(session, options.Device, options.Threads);
        using var data = RunSetup.Images(recipe, place, session);
        if (options.Epochs is not null)
        {
            resumed = ResumedRecipe.Of(folder.Recipe, written, saved, RunSetup.InSteps(options, recipe.Length.Batch, data.Train.Provenance));
            recipe = resumed.Recipe;
            RefuseShorter(path, recipe, saved);
        }
        using var run = Start(recipe, data, machine);
        RunProgress? progress = null;
        OutputException.Guard(folder.Path, () =>
        {
            store.SetAsideAfter(saved?.Updates ?? -1);
            new EmaArchive(folder.Ema).ForgetAfter(saved?.Updates ?? -1);
        });
        if (latest is null)
            session.Warn($"{path} has no intact checkpoint: the run starts from step 0");
        else
            progress = Continue(run, store, latest, machine, resumed);
        if (written is null)
            session.Warn($"{folder.Recipe} is missing; restored from the checkpoint");
        RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
        DataPlace.Remember(folder, options.Data ?? place.Data);
        return Work(run, data, folder, machine, progress);
    }

    private void SayWhatWasRenamed()
    {
        foreach (var note in RecipeChanges.Notes(options.Changes))
            session.Warn(note);
    }

    private static void RefuseShorter(string path, Recipe recipe, CheckpointHeader? saved)
    {
        if (saved is not null && recipe.Length.Steps < saved.Updates && recipe.Length.Steps != saved.Recipe.Length.Steps)
            throw new InputException(path, string.Create(CultureInfo.InvariantCulture, $"{saved.Updates} steps done"),
                string.Create(CultureInfo.InvariantCulture, $"fewer than the requested {recipe.Length.Steps}; --steps is the total of the whole run"));
    }

    // The name of a recipe, unless it was changed to one of nobody's.
    private static void RefuseOther(string path, RecipeSource source, Recipe recipe)
    {
        if (source is RecipeSource.BuiltIn { Name: var name } && recipe.Name != name
            && (BuiltInRecipes.Find(recipe.Name) is not null || BuiltInRecipes.Find(name)?.Quick.Data.Set != recipe.Data.Set))
            throw new InputException(path, $"a run of {recipe.Name}", $"one of {name}; to continue it: {ResumeLine.Of(path)}");
    }

    private RunProgress? Continue(TrainingRun run, CheckpointStore store, string checkpoint, Machine machine, ResumedRecipe resumed)
    {
        var saved = Checkpoint.ReadHeader(checkpoint);
        Checkpoint.Restore(run, checkpoint);
        session.Say(string.Create(CultureInfo.InvariantCulture, $"resumed at step {run.Updates}"));
        foreach (var change in resumed.Changes)
            session.Say(change);
        var device = machine.Device.type.ToString().ToLowerInvariant();
        if (saved.Threads != machine.Threads || saved.Device != device)
            session.Warn($"resumed on {device} with {Threads(machine.Threads)} (was {saved.Device} with {Threads(saved.Threads)}): equivalent, not bit-identical");
        var progress = Progress(checkpoint);
        // What was asked for is kept, should the run be killed before its next checkpoint.
        if (resumed.IsAnother)
            OutputException.Guard(checkpoint, () => store.Save(run, progress: progress));
        return progress;
    }

    private RunProgress? Progress(string checkpoint)
    {
        try
        {
            return Checkpoint.ReadProgress(checkpoint);
        }
        catch (IOException damage)
        {
            session.Warn($"{damage.Message}; the report is taken as it is");
            return null;
        }
    }

    private static string Threads(int count) => count == 1 ? "1 thread" : string.Create(CultureInfo.InvariantCulture, $"{count} threads");

    private TrainingRun Start(Recipe recipe, TrainingData data, Machine machine)
    {
        RunSetup.CheckChannels(recipe, data.Train.Provenance);
        var classes = data.Train.Provenance.Description.ClassNames.Count;
        if (recipe.Goal is Goal.Classify goal && goal.Classes != classes)
            throw new InputException("recipe", $"a classifier of {goal.Classes} classes", $"{classes}, as the images have");
        var need = MemoryNeed.Of(recipe, data.Train.Provenance.Shape);
        if (need.Refusal(machine.Memory) is { } refusal)
            throw new InputException("recipe", refusal, "a smaller network, or fewer averages");
        if (need.Concern(machine.Memory) is { } concern)
            session.Warn(concern);
        return new(recipe, data.Train, machine.Device, data.Test);
    }

    private ExitCode Work(TrainingRun run, TrainingData data, RunFolder folder, Machine machine, RunProgress? progress)
    {
        using var log = new RunLog(folder.Log, TimeProvider.System);
        using var evaluation = Evaluation(run.Recipe, data, machine);
        using var report = run.Updates == 0 ? CsvReport.Create(folder.Report, evaluation.Columns) : CsvReport.Continue(folder.Report, evaluation.Columns, (run.Updates, run.Schedule), progress);
        var logged = session with { Record = log.Add };
        logged.Say(data.Line);
        logged.Say(Facts(run, machine));
        foreach (var remark in evaluation.Remarks)
            logged.Say(remark);
        if (RunSetup.Idleness(run.Recipe) is { } idleness)
            logged.Warn(idleness);
        if (report.Remark is { } remarked)
            logged.Warn(remarked);
        logged.Say($"run folder: {folder.Path}");
        var hint = ResumeHint.Of(folder.Path, options);
        if (run.Updates >= run.Recipe.Length.Steps)
            logged.Say($"all {run.Updates} steps are done; to train longer: {hint} --steps {2 * run.Updates}");
        var job = new TrainingJob(run, folder, evaluation, report, new(options.CheckpointEvery, report.Elapsed)
        {
            Keep = options.Keep,
            GoOn = hint,
            Images = DataPlace.Known(folder),
            Events = options.Events == EventFiles.TensorBoard ? new(folder.Events, TimeProvider.System) : null,
        });
        var result = ProgressDisplay.Show(logged, job.Work);
        Answer(run, folder, result);
        return ExitCode.Success;
    }

    private IEpochEvaluation Evaluation(Recipe recipe, TrainingData data, Machine machine) => recipe.Goal is Goal.Classify
        ? new ClassifierEvaluation(recipe, data)
        : new EpochEvaluation(recipe, data.Train.Provenance, DistanceMeters.For(data, Inception(recipe), machine.Device));

    private void Answer(TrainingRun run, RunFolder folder, EpochFindings? result)
    {
        var figures = result?.Figures ?? [];
        session.Answer(
            string.Join('\n', [$"{folder.Path}", .. figures.Select(figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Name} {NumberText.Short(figure.Value, "0.###")} of {result!.Count} {(run.Recipe.Goal is Goal.Classify ? "images" : "samples")}"))]),
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
        var (folder, file) = (CacheFolder.Default["inception"], InceptionV3.Weights);
        var cached = Path.Combine(folder, file.FileName);
        if (File.Exists(cached) || recipe.Evaluation.Inception != InceptionWeights.Downloaded || options.Downloads == DownloadPolicy.Offline)
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
            $"{recipe.Name}: {run.Arena.ParameterCount:N0} parameters, {precision}{layout} on {machine}; {length.Steps:N0} steps of {length.Batch} images, {length.Steps * length.Batch:N0} in all ({run.Schedule.EpochText(length.Steps)} epochs), with {run.Schedule.CountText}");
    }

    private IProgress<DownloadEvent> Downloads => new DownloadLines(session);
}
