using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>A folder as diffusers' <c>DDPMPipeline</c> is saved: network, weights and scheduler.</summary>
public static class DiffusersFolder
{
    /// <summary>The version whose settings are read and written.</summary>
    internal const string Version = "0.30.3";

    private const string IndexName = "model_index.json";
    private const string NetworkName = "config.json";
    private const string SchedulerName = "scheduler_config.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>Reads a model: a pipeline's folder, or that of a network alone, which then is taken to predict noise over the linear schedule.</summary>
    /// <param name="folder">The folder.</param>
    /// <returns>The network, which the caller disposes of, and a recipe that says what is known of its training.</returns>
    /// <exception cref="InputException">Something is missing or has no meaning here; the message names it.</exception>
    /// <exception cref="InvalidFileException">The weights are damaged.</exception>
    public static (UNet Network, Recipe Recipe) Read(string folder)
    {
        if (File.Exists(Path.Combine(folder, IndexName)))
            CheckIndex(DiffusersConfig.Open(Path.Combine(folder, IndexName)));
        // Folders of 2022 have everything in one place.
        var unet = Directory.Exists(Path.Combine(folder, "unet")) ? Path.Combine(folder, "unet") : folder;
        var described = DiffusersNetwork.Read(DiffusersConfig.Open(Path.Combine(unet, NetworkName)));
        var shape = described.Shape;
        if (shape.OutputChannels != shape.InputChannels && !shape.PredictsVariance)
            throw new InputException(Path.Combine(unet, NetworkName), $"out_channels = {shape.OutputChannels}", $"in_channels, {shape.InputChannels}, or twice as many where a variance is learned");
        if (shape.Labels is { Classes: > 1 } labels && DiffusersWeights.NullLabelIn(unet) == NullLabel.Learned)
            shape = shape with { Labels = new(labels.Classes - 1, NullLabel.Learned) };
        var recipe = RecipeOf(folder, shape, described.Side);
        return (DiffusersWeights.Load(shape, unet), recipe);
    }

    /// <summary>The file with the weights of a folder, or null where there is none.</summary>
    public static string? WeightsIn(string folder) => DiffusersWeights.Find(Path.Combine(folder, "unet")) ?? DiffusersWeights.Find(folder);

    /// <summary>What the folder's files say of network and scheduler, as it stands there, whether or not it has a meaning here.</summary>
    /// <exception cref="InputException">A file is no JSON object.</exception>
    public static Sequence<(string Name, string Text)> Settings(string folder) =>
    [
        .. new[] { Path.Combine("unet", NetworkName), NetworkName, Path.Combine("scheduler", SchedulerName), SchedulerName }
            .Select(name => Path.Combine(folder, name))
            .Where(File.Exists)
            .SelectMany(place => DiffusersConfig.Open(place).Settings()
                .Select(setting => ($"{(Path.GetFileName(place) == NetworkName ? "network" : "scheduler")} {setting.Name}", setting.Text))),
    ];

    /// <summary>Writes a folder that <c>DDPMPipeline.from_pretrained</c> opens.</summary>
    /// <param name="folder">A folder that is empty or not there yet; it appears when it is complete.</param>
    /// <param name="network">The network.</param>
    /// <param name="recipe">What it was trained by.</param>
    /// <param name="side">Height and width of the samples, where known.</param>
    /// <exception cref="InputException">The folder is taken, or diffusers has no words for the model.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, UNet network, Recipe recipe, int? side)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new InputException(folder, "something that is there already", "an empty folder, or one that is not there yet");
        if (recipe.Schedule is not NoiseSchedule.Discrete schedule)
            throw new InputException("schedule", recipe.Schedule.ToString(), "one of whole levels, which diffusers' schedulers know");
        var described = new DiffusersNetwork(network.Shape, side).ToJson();
        var scheduler = new DiffusersScheduler(schedule, recipe.Prediction, recipe.Evaluation.Sampler, recipe.Evaluation.Grid).ToJson(recipe.Variance as Variance.Learned);
        var partial = $"{Path.TrimEndingDirectorySeparator(folder)}.{Guid.NewGuid():N}{AtomicFile.PartialExtension}";
        try
        {
            var unet = Directory.CreateDirectory(Path.Combine(partial, "unet")).FullName;
            DiffusersWeights.Save(network, unet);
            Save(described, Path.Combine(unet, NetworkName));
            Save(scheduler, Path.Combine(Directory.CreateDirectory(Path.Combine(partial, "scheduler")).FullName, SchedulerName));
            Save(Index(), Path.Combine(partial, IndexName));
            if (Directory.Exists(folder))
                Directory.Delete(folder);
            Directory.Move(partial, folder);
            DirectoryEntry.Flush(folder);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static Recipe RecipeOf(string folder, UNetShape shape, int? side)
    {
        var recipe = new Recipe
        {
            Name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))),
            Data = new() { Set = "folder", Side = side },
            Network = shape,
            Labels = shape.Labels is { Null: NullLabel.Learned } ? new Conditioning.Labelled() : new Conditioning.None(),
            // What the weights are an average of, if of anything, is not known.
            Averages = [new EmaDecay.Constant(0)],
            Length = new() { Steps = 1, StepsPerEpoch = 1 },
            Evaluation = new(),
        };
        string[] places = [Path.Combine(folder, "scheduler", SchedulerName), Path.Combine(folder, SchedulerName)];
        if (places.FirstOrDefault(File.Exists) is not { } place)
            return recipe;
        var scheduler = DiffusersScheduler.Read(DiffusersConfig.Open(place));
        var learned = (scheduler.Sampler as Sampler.Ancestral)?.Variance as Variance.Learned;
        if (shape.PredictsVariance != learned is not null)
            throw new InputException(place, learned is null ? "no learned variance" : "variance_type = learned_range", $"what fits the network's {shape.OutputChannels} output channels for {shape.InputChannels}");
        return recipe with
        {
            Schedule = scheduler.Schedule,
            Prediction = scheduler.Prediction,
            Objective = learned is null ? recipe.Objective : new Objective.Hybrid(),
            Variance = learned,
            Evaluation = recipe.Evaluation with { Sampler = scheduler.Sampler, Grid = scheduler.Grid },
        };
    }

    internal static void CheckIndex(DiffusersConfig index)
    {
        index.Choice("_class_name", ("DDPMPipeline", true), ("DDIMPipeline", true));
        index.Class("unet", "UNet2DModel");
        index.Class("scheduler", "DDPMScheduler", "DDIMScheduler");
        index.Complete();
    }

    private static JsonObject Index() => new()
    {
        ["_class_name"] = "DDPMPipeline",
        ["_diffusers_version"] = Version,
        ["scheduler"] = new JsonArray("diffusers", "DDPMScheduler"),
        ["unet"] = new JsonArray("diffusers", "UNet2DModel"),
    };

    private static void Save(JsonObject json, string path) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n")));
}
