using System.Globalization;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Benchmarks;

/// <summary>What a person asked of the benchmark <c>quality</c>.</summary>
/// <param name="Recipes">The recipes that are compared; at least one.</param>
/// <param name="Budget">What each of them is given.</param>
public sealed record QualityOptions(Sequence<ChangedRecipe> Recipes, QualityBudget Budget)
{
    /// <summary>The least number of samples: two of each of ten classes.</summary>
    public const int Fewest = 20;

    /// <summary>Trainings of each recipe, each from a seed of its own.</summary>
    public int Seeds { get; init; } = 3;

    /// <summary>Samples that are measured after each training.</summary>
    public int Count { get; init; } = 1000;

    /// <summary>How samples are drawn; what it does not say is the recipe's.</summary>
    public SamplingRequest Sampling { get; init; } = new();

    /// <summary>Where the images are, and the size of recipes that are named.</summary>
    public TrainOptions Training { get; init; } = new();

    /// <summary>The folder for a sheet of samples of each training; null for none.</summary>
    public string? Out { get; init; }
}

/// <summary>What every training is given. A closed union.</summary>
public abstract record QualityBudget
{
    private QualityBudget()
    {
    }

    /// <summary>The steps that it suffices for.</summary>
    /// <param name="secondsPerStep">How long a step takes.</param>
    /// <param name="batch">Images in a step.</param>
    public abstract long Steps(double secondsPerStep, int batch);

    /// <summary>For a person.</summary>
    public abstract string Text { get; }

    /// <summary>The same time in training steps.</summary>
    /// <param name="Span">The time.</param>
    public sealed record Time(TimeSpan Span) : QualityBudget
    {
        /// <inheritdoc/>
        public override long Steps(double secondsPerStep, int batch) => TimeBudget.StepsIn(Span, secondsPerStep);

        /// <inheritdoc/>
        public override string Text => $"{Duration.Text(Span)} of training steps";
    }

    /// <summary>The same number of images, counted with repetition.</summary>
    /// <param name="Number">How many; at least 1.</param>
    public sealed record Images(long Number) : QualityBudget
    {
        /// <inheritdoc/>
        public override long Steps(double secondsPerStep, int batch) => Max(1, (long)Round((double)Number / batch));

        /// <inheritdoc/>
        public override string Text => string.Create(CultureInfo.InvariantCulture, $"{Number:N0} images");
    }
}
