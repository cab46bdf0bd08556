using Diffusion.Model.Checkpoints;

namespace Diffusion.Model.Sampling;

/// <summary>What a request is about and cannot hold, for it is in memory. All of it stays the caller's.</summary>
public sealed record SamplingInputs
{
    /// <summary>The request's classifier where it is open already; null to have it opened.</summary>
    public TrainedClassifier? Classifier { get; init; }

    /// <summary>The request's weaker model where it is open already; null to have it opened.</summary>
    public TrainedModel? Weaker { get; init; }

    /// <summary>The real images of a request that edits.</summary>
    public Originals? Originals { get; init; }

    /// <summary>Called with each newer checkpoint of the classifier or weaker model that is damaged and skipped.</summary>
    public Action<string> Damaged { get; init; } = _ => { };
}

/// <summary>Receives the progress of sampling, and may cancel it.</summary>
public sealed record SamplingWatch
{
    /// <summary>Called after every step of every batch.</summary>
    public IProgress<SamplingProgress>? Progress { get; init; }

    /// <summary>Called after every step of every batch.</summary>
    public Action<SampledStep>? Step { get; init; }

    /// <summary>Ends the work early, with an exception.</summary>
    public CancellationToken Stopping { get; init; }
}

/// <summary>How far sampling is.</summary>
/// <param name="NetworkCalls">How often the network was asked for a batch.</param>
/// <param name="Total">How often it will have been in the end.</param>
public readonly record struct SamplingProgress(long NetworkCalls, long Total);
