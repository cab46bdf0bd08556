namespace Diffusion.Model.Training;

/// <summary>What should be known of an update.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Reduced">What memory was too short for; null where it sufficed.</param>
public readonly record struct StepOutcome(long Updates, MicroBatchReduction? Reduced);

/// <summary>Fewer images pass through the network at once from now on; updates are those of the same batches.</summary>
/// <param name="From">As many did before.</param>
/// <param name="To">As many do now.</param>
public readonly record struct MicroBatchReduction(int From, int To);

/// <summary>How training went in a few steps.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Images">Images seen in the whole run, with repetition.</param>
/// <param name="Loss">Mean of their losses that are finite; not a number where none is.</param>
/// <param name="GradientNorm">Global norm of the last update's gradients, before clipping.</param>
/// <param name="Rate">Learning rate of the last update.</param>
public sealed record TrainingInterval(long Updates, long Images, double Loss, double GradientNorm, double Rate);

/// <summary>How training went in an epoch, or a part of one.</summary>
/// <param name="Updates">Updates made in the whole run.</param>
/// <param name="Images">Images seen in the whole run, with repetition.</param>
/// <param name="Loss">Mean loss in the epoch.</param>
/// <param name="GradientNorm">Global norm of the last update's gradients, before clipping.</param>
/// <param name="Rate">Learning rate of the last update.</param>
/// <param name="Skipped">Updates skipped in the whole run because a gradient was not finite.</param>
/// <param name="SkippedInARow">How many of them were the latest ones.</param>
public sealed record TrainingReport(
    long Updates, long Images, double Loss, double GradientNorm, double Rate, long Skipped, long SkippedInARow)
{
    /// <summary>Updates of the epoch whose loss stood out, as <see cref="LossWatch"/> defines it.</summary>
    public long Spikes { get; init; }
}
