using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>A folder as diffusers' <c>DDPMPipeline</c> is saved: network, weights and scheduler.</summary>
public static class DiffusersFolder
{
    /// <summary>The version whose settings are read and written.</summary>
    internal const string Version = "0.30.3";

    private const string IndexName = "model_index.json";
    private const string AverageFolder = "unet_ema";
    private const string NetworkName = "config.json";
    private const string SchedulerName = "scheduler_config.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n" };

    /// <summary>
    /// Reads a model: a pipeline's folder, or that of a network alone, which then is taken to predict noise over the linear schedule.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="note">Called, in sentences, with what was passed over or taken otherwise than it stands there.</param>
    /// <returns>The network, which the caller disposes of, and a recipe that says what is known of its training.</returns>
    /// <exception cref="InputException">Something is missing or has no meaning here; the message names it.</exception>
    /// <exception cref="InvalidFileException">The weights are damaged.</exception>
    public static (UNet Network, Recipe Recipe) Read(string folder, Action<string>? note = null)
    {
        note ??= _ => { };
        if (File.Exists(folder))
            throw new InputException(folder, FileKind.OtherThanArraysAt(folder) ?? "a file",
                "a folder: config.json beside its weights, or a pipeline's with unet and scheduler");
        if (!Directory.Exists(folder))
            throw new InputException(folder, "no such file or folder", "a file of weights, or a folder that diffusers saved");
        if (File.Exists(Path.Combine(folder, IndexName)))
            Noted(DiffusersConfig.Open(Path.Combine(folder, IndexName)), note, CheckIndex);
        var unet = NetworkIn(folder);
        if (!File.Exists(Path.Combine(unet, NetworkName)))
            throw new InputException(folder, Directory.EnumerateFileSystemEntries(folder).Any()
                ? $"a folder without {IndexName} and {NetworkName}" : "an empty folder",
                "a file of weights, or a folder that diffusers saved");
        if (Path.GetFileName(unet) == AverageFolder && unet != folder)
            note($"{folder}: the weights of {AverageFolder}, the average of training, are taken");
        var described = Noted(DiffusersConfig.Open(Path.Combine(unet, NetworkName)), note, DiffusersNetwork.Read);
        var shape = described.Shape;
        if (shape.OutputChannels != shape.InputChannels && !shape.PredictsVariance)
            throw new InputException(Path.Combine(unet, NetworkName), $"out_channels = {shape.OutputChannels}",
                $"in_channels, {shape.InputChannels}, or twice as many where a variance is learned");
        if (shape.Labels is { Classes: > 1 } labels && DiffusersWeights.NullLabelIn(unet) == NullLabel.Learned)
            shape = shape with { Labels = new(labels.Classes - 1, NullLabel.Learned) };
        var (recipe, isNegated) = RecipeOf(folder, shape, described.Size, note);
        var network = DiffusersWeights.Load(shape, unet, note);
        if (isNegated)
            DiffusersWeights.Negate(network);
        return (network, recipe);
    }

    /// <summary>The file with the weights of a folder, or null where there is none.</summary>
    public static string? WeightsIn(string folder) => DiffusersWeights.Find(NetworkIn(folder)) ?? DiffusersWeights.Find(folder);

    // Checkpoints of a training hold an average beside the last weights. Folders of 2022 have everything in one place.
    private static string NetworkIn(string folder) => new[] { AverageFolder, "unet" }.Select(name => Path.Combine(folder, name))
        .FirstOrDefault(place => File.Exists(Path.Combine(place, NetworkName))) ?? (
            Directory.Exists(Path.Combine(folder, "unet")) ? Path.Combine(folder, "unet") : folder);

    private static T Noted<T>(DiffusersConfig config, Action<string> note, Func<DiffusersConfig, T> read)
    {
        var result = read(config);
        foreach (var sentence in config.Notes)
            note(sentence);
        return result;
    }

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

    /// <summary>
    /// Writes a folder that <c>DDPMPipeline.from_pretrained</c> opens; of a network under the preconditioning of EDM one from which unet
    /// and scheduler are loaded by their folders, without a pipeline.
    /// </summary>
    /// <param name="folder">A folder that is empty or not there yet; it appears when it is complete.</param>
    /// <param name="network">The network.</param>
    /// <param name="recipe">What it was trained by.</param>
    /// <param name="size">Height and width of the samples, where known.</param>
    /// <exception cref="InputException">The folder is taken, or diffusers has no words for the model.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, UNet network, Recipe recipe, ImageSize? size)
    {
        if (File.Exists(folder) || (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any()))
            throw new InputException(folder, "an existing file or folder", "a new or empty folder");
        var (settings, index) = Scheduler(recipe);
        var described = new DiffusersNetwork(DiffusersLabels.Folded(network.Shape), size).ToJson();
        var partial = AtomicFile.PartialOf(folder);
        try
        {
            AtomicFile.Named(folder, partial, () =>
            {
                var unet = Directory.CreateDirectory(Path.Combine(partial, "unet")).FullName;
                DiffusersWeights.Save(network, unet);
                Save(described, Path.Combine(unet, NetworkName));
                Save(settings, Path.Combine(Directory.CreateDirectory(Path.Combine(partial, "scheduler")).FullName, SchedulerName));
                if (index is not null)
                    Save(index, Path.Combine(partial, IndexName));
                if (Directory.Exists(folder))
                    Directory.Delete(folder);
                Directory.Move(partial, folder);
                DirectoryEntry.Flush(folder);
            });
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static (Recipe Recipe, bool IsNegated) RecipeOf(string folder, UNetShape shape, ImageSize? size, Action<string> note)
    {
        var recipe = ImportedRecipe.Of(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), shape, size);
        string[] places = [Path.Combine(folder, "scheduler", SchedulerName), Path.Combine(folder, SchedulerName)];
        if (places.FirstOrDefault(File.Exists) is not { } place)
        {
            note($"{folder}: no {SchedulerName}, so the network is taken to predict noise over the linear schedule of 1000 steps");
            return (recipe, false);
        }
        var config = DiffusersConfig.Open(place);
        if (DiffusersEdmScheduler.Classes.Contains(config.Text("_class_name")))
        {
            var edm = Noted(config, note, DiffusersEdmScheduler.Read);
            return shape.PredictsVariance
                ? throw new InputException(place, "no learned variance",
                    $"what fits the network's {shape.OutputChannels} output channels for {shape.InputChannels}")
                : (edm.Complete(recipe), edm.IsNegated);
        }
        var scheduler = Noted(config, note, DiffusersScheduler.Read);
        var learned = scheduler.Learned;
        if (shape.PredictsVariance != learned is not null)
            throw new InputException(place, learned is null ? "no learned variance" : "variance_type = learned_range",
                $"what fits the network's {shape.OutputChannels} output channels for {shape.InputChannels}");
        return (recipe with
        {
            Schedule = scheduler.Schedule,
            Prediction = scheduler.Prediction,
            Objective = learned is null ? recipe.Objective : new Objective.Hybrid(),
            Variance = learned,
            Evaluation = recipe.Evaluation with { Sampler = scheduler.Sampler, Spacing = scheduler.Grid },
        }, false);
    }

    internal static bool CheckIndex(DiffusersConfig index)
    {
        var known = index.Choice("_class_name", ("DDPMPipeline", true), ("DDIMPipeline", true), ("PNDMPipeline", true));
        index.Class("unet", "UNet2DModel", "UNet2DModel");
        index.Class("scheduler", DiffusersSampling.Wanted, [.. DiffusersSampling.Classes, .. DiffusersEdmScheduler.Classes]);
        index.Complete();
        return known;
    }

    // With an index where a pipeline of the library draws with it: none scales the state as EDM's networks are used to.
    private static (JsonObject Settings, JsonObject? Index) Scheduler(Recipe recipe)
    {
        if (DiffusersEdmScheduler.Of(recipe) is { } edm)
            return (edm.ToJson(), null);
        if (recipe.Schedule is not NoiseSchedule.Discrete schedule)
            throw new InputException(
                "schedule", RecipeOutline.TextOf(recipe.Schedule), "one of whole levels, which diffusers' schedulers know");
        var learned = recipe.Variance as Variance.Learned;
        var scheduler = new DiffusersScheduler(schedule, recipe.Prediction, recipe.Evaluation.Sampler, recipe.Evaluation.Spacing);
        return (scheduler.ToJson(learned), Index(scheduler.ClassName(learned)));
    }

    private static JsonObject Index(string scheduler) => new()
    {
        ["_class_name"] = scheduler == DiffusersSampling.Ddim[0] ? "DDIMPipeline" : "DDPMPipeline",
        ["_diffusers_version"] = Version,
        ["scheduler"] = new JsonArray("diffusers", scheduler),
        ["unet"] = new JsonArray("diffusers", "UNet2DModel"),
    };

    private static void Save(JsonObject json, string path) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(json.ToJsonString(Indented) + "\n")));
}
