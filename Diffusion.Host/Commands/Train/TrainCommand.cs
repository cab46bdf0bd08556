using Diffusion.Host.Devices;
using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Trains a model, sampling and measuring at every evaluation.</summary>
    /// <param name="Recipe">What is trained; where a run is gone on with, any run will do unless this is one in particular.</param>
    /// <param name="Options">What a person asked for besides.</param>
    public sealed record Train(RecipeSource Recipe, TrainOptions Options) : Command
    {
        /// <summary>What the parts of the run take, for a run of a given time; null to find it by trying.</summary>
        public RunCosts? Costs { get; init; }

        /// <summary>What tells the time.</summary>
        public TimeProvider Clock { get; init; } = TimeProvider.System;

        /// <inheritdoc/>
        internal override bool IsShared => true;

        /// <inheritdoc/>
        internal override void Follow(Session session) => Shared.Follow(session);

        private SharedTraining Shared => new(Recipe, Options);

        /// <inheritdoc/>
        public override ExitCode Run(Session session) => Options.Resume is { } path
            ? (this with { Options = Saved(path, ImageOptions.Remembered(path, Options)) }).GoOn(session, path)
            : Options.From is { } source ? BeginFrom(source, session)
            : (this with { Options = ImageOptions.Placed(Recipe, Options, session) }).Begin(session, null);

        // As often as before, unless it is said anew.
        private static TrainOptions Saved(string run, TrainOptions options)
        {
            var policy = CheckpointPolicy.Of(run);
            return options with
            {
                CheckpointEvery = options.CheckpointEvery ?? policy.Every,
                Keep = options.Keep == TrainerOptions.DefaultKeep ? policy.Keep : options.Keep,
            };
        }

        private ExitCode BeginFrom(string source, Session session)
        {
            var weights = InitialWeights.Find(source, session.Warn, CarriedModels.NameOf(source));
            var begun = Recipe is RecipeSource.OfRun ? this with
            {
                Recipe = new RecipeSource.Found(weights.Onward()),
                Options = ImageOptions.OfSource(source, weights.Recipe, Options, session),
            } : this with { Options = ImageOptions.Placed(Recipe, Options, session) };
            return begun.Begin(session, weights);
        }

        private ExitCode Begin(Session session, InitialWeights? weights)
        {
            var began = Clock.GetTimestamp();
            SayWhatWasRenamed(session);
            if (Options.Out is { } wanted)
                RunFolder.RequireNew(wanted);
            var machine = Machine.Ready(session, Options.Device, Options.Threads);
            var recipe = RunSetup.NewRecipe(Recipe, Options, machine);
            ImageOptions.RefuseTooLarge(recipe, machine);
            // Images may have to be downloaded first, which is no part of a run's time.
            var opening = Clock.GetTimestamp();
            using var data = RunSetup.NewImages(Recipe, recipe, Options, session);
            var opened = Clock.GetElapsedTime(opening);
            recipe = Shared.Sharded(
                RunSetup.NewRecipe(Recipe, Options, machine, data.Train.Provenance), World.Current.Size);
            recipe.RefuseUnfit(data);
            if (recipe.Distillation is not null && (Options.Time is not null || Options.Mode == RunMode.Dry))
                throw new InputException(
                    Options.Mode == RunMode.Dry ? "--dry-run" : "--minutes", "a distillation, which is not tried first", "--steps N");
            Shared.Lead(recipe, Options.Data, data);
            if (PredictionAdvice.Of(recipe, Options.Changes) is { } advice)
                session.Warn(advice);
            weights ??= recipe.From is { } lineage
                ? InitialWeights.Again(lineage, session.Warn, CarriedModels.Resolve(lineage.Run)) : null;
            weights?.RefuseOther(recipe);
            if (ImageOptions.Unused(recipe, data.Train.Provenance) is { } unused)
                session.Say(unused);
            recipe = RunSetup.Tuned(recipe, Recipe, Options, data.Train.Provenance, machine);
            Trainer.Check(recipe, data, new() { Device = machine.Device });
            var options = Carried(session, recipe, machine, Options.Data);
            var timed = new TimedRecipe(recipe, data, options) { Asked = Options.Changes, Costs = Costs, Clock = Clock };
            RunTime? kept = null;
            if (Options.Time is { } time)
                (recipe, kept) = timed.Planned(
                    session, new(time) { Gone = Clock.GetElapsedTime(began) - opened, Samplings = Options.Samplings });
            else if (RunSetup.QuickTraining(Recipe, Options, machine) is { } most)
                (recipe, kept) = timed.Within(session, most);
            if (Options.Mode == RunMode.Dry)
            {
                foreach (var line in weights?.Lines(recipe.Remembering(data)) ?? [])
                    session.Say(line);
                new DryRun(recipe with { From = weights?.Lineage }, data, machine).Answer(session);
                return ExitCode.Success;
            }
            var folder = Options.Out is { } chosen
                ? RunFolder.Create(chosen)
                : RunFolder.Create("runs", recipe.Name, TimeProvider.System.GetLocalNow());
            new CheckpointPolicy(Options.CheckpointEvery, Options.Keep).Remember(folder);
            using var trainer = Trainer.Begin(
                recipe, data, folder, options with { GoOn = ResumeHint.Of(folder.Path, Options), Time = kept }, weights);
            return Work(session, trainer, data, machine);
        }

        private ExitCode GoOn(Session session, string path)
        {
            SayWhatWasRenamed(session);
            CarriedModels.RequireRun(path);
            using var folder = RunFolder.Open(path);
            var saved = SavedRun.Find(folder, session.Warn);
            var resumed = saved.With(Options.Changes, Options.Steps);
            RefuseOther(path, resumed.Recipe);
            var place = DataPlace.Find(path, Options.Data, session.Say);
            var machine = Machine.Ready(session, Options.Device, Options.Threads);
            using var data = RunSetup.Images(resumed.Recipe, Options with { Data = place }, session);
            if (Options.Epochs is not null)
                resumed = saved.With(Options.Changes, RunSetup.InSteps(Options, resumed.Recipe.Length.Batch, data.Train.Provenance).Steps);
            Shared.Lead(resumed.Recipe, place, data);
            var options = Carried(session, resumed.Recipe, machine, place) with { GoOn = ResumeHint.Of(path, Options) };
            new CheckpointPolicy(Options.CheckpointEvery, Options.Keep).Remember(folder);
            using var trainer = Trainer.Resume(resumed, data, options);
            return Work(session, trainer, data, machine);
        }

        private void SayWhatWasRenamed(Session session)
        {
            foreach (var note in RecipeChanges.Notes(Options.Changes))
                session.Warn(note);
        }

        // The name of a recipe, unless it was changed to one of nobody's.
        private void RefuseOther(string path, Recipe recipe)
        {
            if (Recipe is RecipeSource.BuiltIn { Name: var name } && recipe.Name != name
                && (BuiltInRecipes.Find(recipe.Name) is not null || BuiltInRecipes.Find(name)?.Quick.Data.Set != recipe.Data.Set))
                throw new InputException(path, $"a run of {recipe.Name}", $"one of {name}; to continue it: {ResumeLine.Of(path)}");
        }

        private TrainerOptions Carried(Session session, Recipe recipe, Machine machine, string? place) => new()
        {
            Device = machine.Device,
            Clock = Clock,
            CheckpointEvery = Options.CheckpointEvery,
            Keep = Options.Keep,
            Images = place,
            Bad = Options.Bad,
            Inception = recipe.Goal is Goal.Denoise ? Inception(session, recipe) : null,
            Statistics = CacheFolder.Default["statistics"],
        };

        private ExitCode Work(Session session, Trainer trainer, TrainingData data, Machine machine)
        {
            var (run, folder) = (trainer.Run, trainer.Folder);
            using var log = new RunLog(folder.Log, TimeProvider.System);
            var logged = session with { Record = log.Add };
            logged.Say(data.Line);
            logged.Say(Facts(run, machine));
            logged.Say($"run folder: {folder.Path}");
            if (Options is { Resume: not null, CheckpointEvery: null } && run.Updates < run.Recipe.Length.Steps)
                logged.Say("checkpoints: after evaluations only; --checkpoint-every N saves more often");
            if (run.Updates >= run.Recipe.Length.Steps)
                logged.Say($"{(run.Updates == 1 ? "the only step is" : $"all {Counted.Of(run.Updates, "step")} are")} done"
                    + (Options.GoOn is null ? $"; to train longer: {ResumeHint.Of(folder.Path, Options)} --steps {2 * run.Updates}" : ""));
            var result = ProgressDisplay.Show(logged, (above, display) =>
            {
                using var lines = new TrainingLines(above, display, folder)
                {
                    Events = Options.Events == EventFiles.TensorBoard ? new(folder.Events, TimeProvider.System) : null,
                };
                return trainer.Train(lines, session.Stopping);
            });
            Answer(session, trainer, result);
            if (Options.Mode != RunMode.Part)
                SayWhatNext(session, trainer);
            return ExitCode.Success;
        }

        // Weights that were asked for must be there; offline the run goes on with the embedded network alone, and says so.
        private string? Inception(Session session, Recipe recipe)
        {
            var mayFetch = recipe.Evaluation.Inception == InceptionWeights.Downloaded && Options.Downloads == DownloadPolicy.Allowed
                && Options.Mode != RunMode.Dry;
            var found = InceptionWeightsFile.Find(session, Options.Inception, mayFetch ? DownloadPolicy.Allowed : DownloadPolicy.Offline);
            if (found.Path is null && mayFetch)
                session.Warn($"no column fid: {InceptionV3.Weights.FileName} {found.Reason}; --inception FILE names it");
            return found.Path;
        }

        private static string Facts(TrainingRun run, Machine machine)
        {
            var (recipe, length) = (run.Recipe, run.Recipe.Length);
            var precision = recipe.Precision == Precision.Bfloat16 ? "bfloat16" : "float32";
            var layout = recipe.LayoutOn(machine.Device.type) == MemoryLayout.ChannelsLast ? " with channels last" : "";
            var shards = length.Shards == 1 ? ""
                : string.Create(CultureInfo.InvariantCulture, $", {length.Shards} shards on {Of(World.Current.Size)}");
            return string.Create(CultureInfo.InvariantCulture,
                $"{recipe.Name}: {run.Arena.ParameterCount:N0} parameters, {precision}{layout} on {machine}{shards}; " +
                    $"{LengthRecipe.StepText(length.Steps)} of {Counted.Of(length.Batch, "image")}, " +
                    $"{length.Steps * length.Batch:N0} in all ({run.Schedule.EpochsText(length.Steps)}), with {run.Schedule.CountText}");
        }

        private static string Of(int processes) =>
            processes == 1 ? "1 process" : string.Create(CultureInfo.InvariantCulture, $"{processes} processes");

        private void SayWhatNext(Session session, Trainer trainer)
        {
            var (place, run) = (trainer.Folder.Path, ResumeLine.Quoted(trainer.Folder.Path));
            if (trainer.Folder.Samples(trainer.Run.Updates) is var sheet && File.Exists(sheet))
                session.Say($"samples: {sheet}");
            session.Say("next:");
            if (trainer.Run.Recipe.Goal is Goal.Denoise)
                session.Say($"  {ResumeLine.Call} sample {run} -o samples.png");
            session.Say($"  {ResumeLine.Call} report {run}");
            session.Say($"  {ResumeHint.Of(place, Options)} --steps {2 * trainer.Run.Updates}");
        }

        private static void Answer(Session session, Trainer trainer, EvaluationResult? result)
        {
            var figures = result?.Figures ?? [];
            var counted = trainer.Run.Recipe.Goal is Goal.Classify ? "images" : "samples";
            session.Answer(
                string.Join('\n', [
                    trainer.Folder.Path,
                    .. figures.Select(figure => string.Create(
                        CultureInfo.InvariantCulture,
                        $"{figure.Name} {NumberText.Short(figure.Value, "0.###")} of {result!.Count} {counted}")),
                ]),
                new JsonObject
                {
                    ["run"] = trainer.Folder.Path,
                    ["steps"] = trainer.Run.Updates,
                    ["samples"] = result?.Count,
                    [result?.Key ?? "distances"] = new JsonObject(
                        figures.Select(figure => KeyValuePair.Create(figure.Name, (JsonNode?)figure.Value))),
                });
        }
    }
}
