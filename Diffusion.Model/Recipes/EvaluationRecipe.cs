using System.Globalization;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>What is sampled and measured at the end of every epoch, with the first average of the weights.</summary>
public sealed record EvaluationRecipe
{
    /// <summary>The way from noise to images.</summary>
    public Sampler Sampler { get; init; } = new Sampler.Ancestral(new Variance.Large(), new Clipping.Clip());

    /// <summary>The times it visits.</summary>
    public TimestepSpacing Spacing { get; init; } = new TimestepSpacing.All();

    /// <summary>How conditional and unconditional outputs are combined.</summary>
    public Guidance Guidance { get; init; } = new Guidance.None();

    /// <summary>Names of the metrics that are measured; the best checkpoint is chosen by the first one.</summary>
    public Sequence<string> Metrics { get; init; } = ["fid"];

    /// <summary>Samples that distances are computed from; at least 2.</summary>
    public int Samples { get; init => field = Require.AtLeast(value, 2); } = 256;

    /// <summary>Samples computed from at the last epoch, which is the number to quote; at least 2.</summary>
    public int FinalSamples { get; init => field = Require.AtLeast(value, 2); } = 1024;

    /// <summary>
    /// Steps of a run from which on it draws all these samples. A shorter run draws fewer, in proportion, but at least 64, so that sampling
    /// does not take longer than training. Null: all, however short the run is. At least 1.
    /// </summary>
    public long? FullSamplesFrom
    {
        get;
        init => field = value is { } steps ? Require.AtLeast(steps, 1, nameof(FullSamplesFrom)) : null;
    }

    /// <summary>Samples that pass through the network at once; does not change them. At least 1.</summary>
    public int Batch { get; init => field = Require.AtLeast(value, 1); } = 64;

    /// <summary>Whether the weights of the FID's Inception network are fetched where they are not at hand.</summary>
    public InceptionWeights Inception { get; init; }

    /// <summary>Images in the grid; at least 1.</summary>
    public int GridImages { get; init => field = Require.AtLeast(value, 1); } = 64;

    /// <summary>How many samples the evaluation draws after so many updates; an imported model counts as one at its end.</summary>
    public int CountAt(long updates, LengthRecipe length) =>
        Max(updates == 0 || updates >= length.Steps ? Scaled(FinalSamples, length) : Scaled(Samples, length), GridImages);

    /// <summary>
    /// The same for a run that is made longer or shorter under way: evaluations draw as many samples as were planned, the last one too.
    /// </summary>
    /// <param name="before">Its length so far.</param>
    /// <param name="after">Updates that the whole run has now.</param>
    public EvaluationRecipe Onward(LengthRecipe before, long after) => FullSamplesFrom is null ? this : this with
    {
        Samples = Scaled(Samples, before),
        FinalSamples = Scaled(FinalSamples, before),
        FullSamplesFrom = after,
    };

    /// <summary>The fewest samples that any evaluation of a run of such a length computes distances from.</summary>
    public int FewestIn(LengthRecipe length) => Min(Scaled(Samples, length), Scaled(FinalSamples, length));

    /// <summary>That a run is so short that it draws fewer samples, in a line; null for one that draws all.</summary>
    public string? Shortening(LengthRecipe length) =>
        (Scaled(Samples, length), Scaled(FinalSamples, length)) is var (samples, final) && (samples, final) == (Samples, FinalSamples)
            ? null
            : string.Create(CultureInfo.InvariantCulture,
                $"a short run: evaluations draw {Max(samples, GridImages):N0} samples instead of {Samples:N0}, and the last one " +
                    $"{Max(final, GridImages):N0} instead of {FinalSamples:N0}; --samples N sets the number");

    // Below so many a distance says nothing.
    private const int Fewest = 64;

    private int Scaled(int samples, LengthRecipe length) => FullSamplesFrom is { } full && length.Steps < full
        ? Min(samples, Max(Fewest, (int)Ceiling((double)samples * length.Steps / full)))
        : samples;
}

/// <summary>Where the weights of the FID's Inception network come from.</summary>
public enum InceptionWeights
{
    /// <summary>They are used where they were given or downloaded before.</summary>
    WhereAtHand,

    /// <summary>They are downloaded where they are not at hand, 96 MB.</summary>
    Downloaded,
}
