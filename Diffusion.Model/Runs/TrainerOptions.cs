using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>
/// How a run is carried out, which changes nothing about its results but the bits that a device or precision decides; and the time that it
/// keeps, which decides its length.
/// </summary>
public sealed record TrainerOptions
{
    /// <summary>How many of the latest checkpoints stay where nothing else is asked for.</summary>
    public const int DefaultKeep = 3;

    /// <summary>Where the tensors live.</summary>
    public torch.Device Device { get; init; } = torch.CPU;

    /// <summary>
    /// The time that the run keeps: where its pace changes under way, so does its length, and <c>recipe.json</c> with it. Null for a run
    /// that has the length of its recipe.
    /// </summary>
    public RunTime? Time { get; init; }

    /// <summary>What tells the time.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Updates between checkpoints besides those of evaluations; null for none.</summary>
    public long? CheckpointEvery { get; init; }

    /// <summary>How many of the latest checkpoints stay, beside the best one; at least 1.</summary>
    public int Keep { get; init => field = Require.AtLeast(value, 1); } = DefaultKeep;

    /// <summary>
    /// Updates between two looks at whether gradients are still finite; so many bad ones in a row end the run. At least 1.
    /// </summary>
    public long HealthCheckEvery { get; init => field = Require.AtLeast(value, 1); } = 50;

    /// <summary>
    /// File with the weights of the Inception network that FID is defined by; null for the small network of such images alone, where
    /// there is one.
    /// </summary>
    public string? Inception { get; init; }

    /// <summary>
    /// Where the statistics of images that samples are compared with are kept; null for nowhere, so that they are measured for every
    /// run.
    /// </summary>
    public string? Statistics { get; init; }

    /// <summary>
    /// Makes what the run is evaluated by; the trainer takes it over. Null for samples and their distances, or a classifier's scores.
    /// </summary>
    public Func<Recipe, TrainingData, IRunEvaluation>? Evaluation { get; init; }

    /// <summary>The folder or archive of the images, which the run folder remembers; null where nobody named one.</summary>
    public string? Images { get; init; }

    /// <summary>What becomes of image files that cannot be decoded, which the run folder remembers with their place.</summary>
    public BadImages Bad { get; init; }

    /// <summary>The command line that goes on with the run, for messages; the shortest one where none is given.</summary>
    public string? GoOn { get; init; }

    /// <summary>What samples of a run are measured by; the caller's.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="data">The images.</param>
    /// <exception cref="InputException">A metric of the recipe cannot be computed, or the file does not hold the weights.</exception>
    public IDistanceMeter MeterOf(Recipe recipe, TrainingData data) =>
        DistanceMeters.For(data, DistanceMeters.MetricsOf(recipe), Inception, Device, Statistics is null ? null : new(Statistics));

    internal IRunEvaluation EvaluationOf(Recipe recipe, TrainingData data) =>
        Evaluation?.Invoke(recipe, data) ?? RunEvaluation.Of(recipe, data, () => MeterOf(recipe, data));
}
