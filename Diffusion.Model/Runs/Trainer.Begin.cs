using System.Globalization;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Runs;

// How a run begins or is gone on with, and what is refused before.
public sealed partial class Trainer
{
    /// <summary>A run from its beginning.</summary>
    /// <param name="recipe">What is carried out.</param>
    /// <param name="data">The images; they stay the caller's.</param>
    /// <param name="folder">A new run folder; taken over.</param>
    /// <param name="options">How it is carried out.</param>
    /// <param name="from">
    /// The weights that it begins with; null for those that its recipe names (<see cref="Recipe.From"/>), or else for new ones. A
    /// checkpoint of step 0 keeps them, so that the run goes on without its source.
    /// </param>
    /// <exception cref="InputException">
    /// Recipe, images and weights do not fit together, or the run does not fit into memory.
    /// </exception>
    /// <exception cref="OutputException">The folder cannot be written to.</exception>
    public static Trainer Begin(
        Recipe recipe, TrainingData data, RunFolder folder, TrainerOptions? options = null, InitialWeights? from = null)
    {
        options ??= new();
        var (events, source) = (new Queue<TrainingEvent>(), from);
        return Owning(folder, Fresh, run =>
        {
            folder.Write(recipe);
            DataPlace.Remember(folder, options.Images, options.Bad);
            if (recipe.From is not null)
                OutputException.Guard(folder.Checkpoints, () => new CheckpointStore(folder.Checkpoints, options.Keep).Save(run));
            TeacherFolder.Join(run, folder, source, events.Enqueue);
            return new(run, data, folder, options, (null, events));
        });

        TrainingRun Fresh()
        {
            Concerns(recipe, data, options).ForEach(events.Enqueue);
            var weights = source ??= SourceOf(recipe, events.Enqueue);
            recipe = recipe.Remembering(data) with { From = weights?.Lineage };
            return Beginning(recipe, data, options, weights, events.Enqueue);
        }
    }

    private static InitialWeights? SourceOf(Recipe recipe, Action<TrainingEvent> tell) => recipe.From is { } lineage
        ? InitialWeights.Again(lineage, damage => tell(new TrainingEvent.Warning(damage))) : null;

    private static TrainingRun Beginning(
        Recipe recipe, TrainingData data, TrainerOptions options, InitialWeights? weights, Action<TrainingEvent> tell)
    {
        weights?.RefuseOther(recipe);
        foreach (var line in weights?.Lines(recipe) ?? [])
            tell(new TrainingEvent.Remark(line));
        return TrainingRun.Beginning(recipe, data, options.Device, weights is null ? null : network => weights.Into(network, recipe));
    }

    /// <summary>A run from its last good checkpoint, with the recipe that it had.</summary>
    /// <param name="folder">The run folder; taken over.</param>
    /// <param name="data">The images it was trained on; they stay the caller's.</param>
    /// <param name="options">How it is carried out.</param>
    /// <exception cref="InputException">There is nothing to go on from, or these are other images.</exception>
    /// <exception cref="OutputException">The folder cannot be written to.</exception>
    public static Trainer Resume(RunFolder folder, TrainingData data, TrainerOptions? options = null)
    {
        var damage = new List<TrainingEvent>();
        try
        {
            var saved = SavedRun.Find(folder, line => damage.Add(new TrainingEvent.Warning(line)));
            return Resume(saved.With([], null), data, options, damage);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A run from what was found in its folder, with what was asked for changed.</summary>
    /// <param name="saved">What was found; its folder is taken over.</param>
    /// <param name="data">The images it was trained on; they stay the caller's.</param>
    /// <param name="options">How it is carried out.</param>
    /// <param name="earlier">What <see cref="Train"/> is to tell first.</param>
    /// <exception cref="InputException">These are other images.</exception>
    /// <exception cref="OutputException">The folder cannot be written to.</exception>
    public static Trainer Resume(
        ResumedRun saved, TrainingData data, TrainerOptions? options = null, IEnumerable<TrainingEvent>? earlier = null)
    {
        options ??= new();
        var events = new Queue<TrainingEvent>(earlier ?? []);
        return Owning(saved.Folder, Fresh, run =>
        {
            TeacherFolder.Join(run, saved.Folder, null, events.Enqueue);
            return new(run, data, saved.Folder, options, (saved.Restore(run, options, events.Enqueue), events));
        });

        TrainingRun Fresh()
        {
            Concerns(saved.Recipe, data, options).ForEach(events.Enqueue);
            return saved.Checkpoint is null
                ? Beginning(saved.Recipe, data, options, SourceOf(saved.Recipe, events.Enqueue), events.Enqueue)
                : TrainingRun.Unfilled(saved.Recipe, data.Train, options.Device, data.Test);
        }
    }

    /// <summary>Refuses what cannot be carried out, before a folder is made for it.</summary>
    /// <exception cref="InputException">Recipe and images do not fit together, or the run does not fit into memory.</exception>
    public static void Check(Recipe recipe, TrainingData data, TrainerOptions options) => Concerns(recipe, data, options);

    private static List<TrainingEvent> Concerns(Recipe recipe, TrainingData data, TrainerOptions options)
    {
        recipe.RefuseUnfit(data);
        Sharding.RefuseUneven(recipe.Length.Shards, World.Current.Size);
        if (recipe.Distillation is not null && World.Current.Size > 1)
            throw new InputException("distillation", $"{World.Current.Size} processes", "one: the others have no teacher");
        var (need, memory) = (MemoryNeed.Of(recipe, data.Train.Provenance.Shape), DeviceMemory.AvailableOn(options.Device));
        if (need.Refusal(memory) is { } refusal)
            throw new InputException("recipe", refusal, "a smaller network, smaller images, or fewer averages");
        // A GPU that runs out of memory says so, and the step is tried again in parts.
        if (options.Device.type == DeviceType.CPU && need.RefusalOfBatch(memory) is { } tooMany)
            throw tooMany;
        var (batch, images) = (recipe.Length.Batch, data.Train.Provenance.Count);
        string?[] concerns =
        [
            need.Concern(memory), need.ConcernOfSampling(memory),
            batch <= images ? null : string.Create(CultureInfo.InvariantCulture,
                $"a batch of {batch:N0} is larger than the data: {images:N0} images, which every step sees more than once"),
        ];
        return [.. concerns.OfType<string>().Select(concern => new TrainingEvent.Warning(concern))];
    }

    private static Trainer Owning(RunFolder folder, Func<TrainingRun> begin, Func<TrainingRun, Trainer> make)
    {
        TrainingRun? run = null;
        try
        {
            return make(run = begin());
        }
        catch
        {
            run?.Dispose();
            folder.Dispose();
            throw;
        }
    }
}
