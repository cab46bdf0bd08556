using Diffusion.Math.Values;

namespace Diffusion.Math.Rewriting;

/// <summary>How often parts of the way are gone again, so that what is made and what is known come to agree.</summary>
/// <remarks>
/// Lugmayr et al. 2022, "RePaint: Inpainting using denoising diffusion probabilistic models", Section 4.2: after every
/// <paramref name="Jump"/> steps noise is added again, as much as those steps removed, and they are repeated, until they have been gone
/// <paramref name="Rounds"/> times. Stretches are counted from the end; the step to clean data is never repeated, and the first steps,
/// where no whole stretch is left, are gone once.
/// </remarks>
/// <param name="Jump">j, steps in a stretch; at least 1. The authors use 10 of 250.</param>
/// <param name="Rounds">r, how often a stretch is gone; at least 1. The authors use 10; 1 is plain replacement.</param>
public sealed record RePaintSchedule(int Jump = 10, int Rounds = 10)
{
    /// <summary>Every stretch is gone once: the known part is replaced after each step, and that is all.</summary>
    public static RePaintSchedule None { get; } = new(1, 1);

    /// <summary>j, steps in a stretch; at least 1.</summary>
    public int Jump { get; init => field = Require.AtLeast(value, 1, nameof(Jump)); } = Require.AtLeast(Jump, 1);

    /// <summary>r, how often a stretch is gone; at least 1.</summary>
    public int Rounds { get; init => field = Require.AtLeast(value, 1, nameof(Rounds)); } = Require.AtLeast(Rounds, 1);

    /// <summary>Whether a stretch ends with a step, so that it is gone again from its beginning.</summary>
    /// <param name="step">The step's index in its plan.</param>
    /// <param name="steps">How many steps the plan has.</param>
    internal bool EndsStretch(int step, int steps)
    {
        var left = steps - 1 - step;
        return left >= 1 && (left - 1) % Jump == 0 && step + 1 >= Jump;
    }
}
