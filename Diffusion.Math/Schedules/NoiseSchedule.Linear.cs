using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// β rises linearly from <paramref name="First"/> to <paramref name="Last"/>. Ho et al. 2020, Section 4: 10⁻⁴ to 0.02 with T = 1000.
    /// </summary>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="First">β of the first step, in (0, 1).</param>
    /// <param name="Last">β of the last step, in (0, 1).</param>
    public sealed record Linear(int Count = 1000, double First = 1e-4, double Last = 0.02) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>β of the first step, in (0, 1).</summary>
        public double First { get; init => field = Require.Between(value, 0, 1, nameof(First)); } = Require.Between(First, 0, 1);

        /// <summary>β of the last step, in (0, 1).</summary>
        public double Last { get; init => field = Require.Between(value, 0, 1, nameof(Last)); } = Require.Between(Last, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        /// <summary>
        /// As much noise in <paramref name="count"/> steps as Ho et al. add in 1000: their ends times 1000/T. What guided-diffusion does.
        /// </summary>
        /// <param name="count">T; more than 20, so that β stays below 1.</param>
        /// <exception cref="ArgumentOutOfRangeException">So few steps would need a β of 1 or more.</exception>
        public static Linear OfThousand(int count) => new(Require.AtLeast(count, 21), 1000.0 / count * 1e-4, 1000.0 / count * 0.02);

        private protected override Sequence<double> ComputeBetas() => Line(First, Last, Count);
    }
}
