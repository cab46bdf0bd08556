using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// β follows a sigmoid over [−6, 6], from <paramref name="First"/> to <paramref name="Last"/>. "sigmoid" of diffusers.
    /// </summary>
    /// <remarks>Xu et al. 2022, "GeoDiff", whose code introduced it. Not to be confused with <see cref="SigmoidSignal"/>.</remarks>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="First">β of the first step, in (0, 1).</param>
    /// <param name="Last">β of the last step, in (0, 1).</param>
    public sealed record SigmoidBeta(int Count = 1000, double First = 1e-4, double Last = 0.02) : Discrete
    {
        private const double Reach = 6;

        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>β of the first step, in (0, 1).</summary>
        public double First { get; init => field = Require.Between(value, 0, 1, nameof(First)); } = Require.Between(First, 0, 1);

        /// <summary>β of the last step, in (0, 1).</summary>
        public double Last { get; init => field = Require.Between(value, 0, 1, nameof(Last)); } = Require.Between(Last, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas() =>
            Line(-Reach, Reach, Count).Select(x => First + (Last - First) * Sigmoid(x)).ToSequence();
    }
}
