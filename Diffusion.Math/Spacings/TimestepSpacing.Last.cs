using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>The last steps of a grid: sampling that sets out in the middle of the way, from something that is there already.</summary>
    /// <remarks>
    /// Meng et al. 2021 (SDEdit) call the time where it begins t_0; diffusers' image-to-image pipelines call the share strength.
    /// </remarks>
    /// <param name="Grid">The times that are visited.</param>
    /// <param name="Share">The share of the steps that is taken, rounded up; in (0, 1]. 1 is the whole grid.</param>
    public sealed record Last(TimestepSpacing Grid, double Share) : TimestepSpacing
    {
        /// <summary>The share of the steps that is taken, rounded up; in (0, 1].</summary>
        public double Share { get; init => field = Require.Within(Require.Positive(value, nameof(Share)), 0, 1, nameof(Share)); } =
            Require.Within(Require.Positive(Share), 0.0, 1.0, nameof(Share));

        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = Grid.Over(schedule);
            // 0.1·50 is more than 5 by a rounding error.
            return steps.TakeLast((int)Ceiling(Share * steps.Count - 1e-9)).ToSequence();
        }
    }
}
