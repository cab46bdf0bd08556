using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

public abstract partial record TimestepSpacing
{
    /// <summary>Every level: T steps from T − 1 down to 0.</summary>
    public sealed record All : TimestepSpacing
    {
        /// <inheritdoc/>
        public override Sequence<TimeStep> Over(INoiseLevels schedule)
        {
            var steps = Levels(schedule).Steps;
            return Chain(schedule, Enumerable.Range(0, steps).Select(index => steps - 1 - index));
        }
    }
}
