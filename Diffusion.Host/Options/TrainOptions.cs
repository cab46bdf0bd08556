using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Options;

/// <summary>What a person asked of a training run; null where the recipe, the machine or a convention decides.</summary>
public sealed record TrainOptions
{
    /// <summary>Folder that holds the images.</summary>
    public string? Data { get; init; }

    /// <summary>Height and width that the images of a folder are cut and scaled to.</summary>
    public ImageSize? Size { get; init; }

    /// <summary>What is kept of the colours of the images of a folder; null for what the recipe's network takes.</summary>
    public ImageChannels? Channels { get; init; }

    /// <summary>What transparency in the images of a folder is laid over; null for what the recipe says.</summary>
    public PixelColour? Background { get; init; }

    /// <summary>Whether the model is conditioned on the labels of its images.</summary>
    public ImageLabels Labels { get; init; }

    /// <summary>What becomes of image files that cannot be decoded.</summary>
    public BadImages Bad { get; init; }

    /// <summary>The run folder.</summary>
    public string? Out { get; init; }

    /// <summary>The size of the job.</summary>
    public Preset? Preset { get; init; }

    /// <summary>Passes over the data in the whole run; at least 1. <see cref="Steps"/> overrides it.</summary>
    public int? Epochs { get; init; }

    /// <summary>Updates of the weights in the whole run; at least 1.</summary>
    public long? Steps { get; init; }

    /// <summary>The time that the run may take with its evaluations, which decides its length; above zero.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>
    /// Times that as many samples as in the last evaluation are drawn after the run, within <see cref="Time"/>; at least 0.
    /// </summary>
    public int Samplings { get; init; }

    /// <summary>Images per update; at least 1.</summary>
    public int? Batch { get; init; }

    /// <summary>Where every random number comes from.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Where the tensors live.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>File with the weights of the Inception network that FID is defined by.</summary>
    public string? Inception { get; init; }

    /// <summary>Whether data and weights may be downloaded.</summary>
    public DownloadPolicy Downloads { get; init; }

    /// <summary>Updates between two checkpoints; at least 1.</summary>
    public long? CheckpointEvery { get; init; }

    /// <summary>How many of the latest checkpoints stay, beside the best one; at least 1.</summary>
    public int Keep { get; init; } = TrainerOptions.DefaultKeep;

    /// <summary>What else the report becomes while the run goes on.</summary>
    public EventFiles Events { get; init; }

    /// <summary>Run, checkpoint or model whose weights a new run begins with.</summary>
    public string? From { get; init; }

    /// <summary>Folder of an earlier run to go on with.</summary>
    public string? Resume { get; init; }

    /// <summary>Whether a run is made, or only described.</summary>
    public RunMode Mode { get; init; }

    /// <summary>The command that goes on with the run, for hints.</summary>
    public string Verb { get; init; } = "train";

    /// <summary>The whole line that goes on with the run, where it is a part of something larger; null for one of the run itself.</summary>
    public string? GoOn { get; init; }

    /// <summary>Single settings of the recipe, changed last.</summary>
    public Sequence<RecipeChange> Changes { get; init; } = [];
}

/// <summary>How a model is conditioned on the labels of its images.</summary>
public enum ImageLabels
{
    /// <summary>What the recipe says.</summary>
    AsInRecipe,

    /// <summary>The label of each image, whatever the recipe says.</summary>
    Conditional,
}

/// <summary>What becomes of a run that is asked for.</summary>
public enum RunMode
{
    /// <summary>It is carried out.</summary>
    Real,

    /// <summary>It is carried out as a part of something larger, which says itself what comes next.</summary>
    Part,

    /// <summary>It is described: what it needs and how long it takes. No folder is made.</summary>
    Dry,
}

/// <summary>Files besides the report, for programs that draw it.</summary>
public enum EventFiles
{
    /// <summary>None.</summary>
    None,

    /// <summary>Those that TensorBoard reads.</summary>
    TensorBoard,
}
