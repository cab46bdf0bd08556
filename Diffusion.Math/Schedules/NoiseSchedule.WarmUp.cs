using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>β rises linearly over the first part of the steps and then stays. "warmup10" and "warmup50" of Ho's code.</summary>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="Fraction">The part of the steps in which β rises, in (0, 1]: 0.1 or 0.5 in that code.</param>
    /// <param name="First">β of the first step, in (0, 1).</param>
    /// <param name="Last">β of the last step, in (0, 1).</param>
    public sealed record WarmUp(int Count = 1000, double Fraction = 0.1, double First = 1e-4, double Last = 0.02) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>The part of the steps in which β rises, in (0, 1].</summary>
        public double Fraction { get; init => field = Require.Within(value, double.Epsilon, 1, nameof(Fraction)); } =
            Require.Within(Fraction, double.Epsilon, 1);

        /// <summary>β of the first step, in (0, 1).</summary>
        public double First { get; init => field = Require.Between(value, 0, 1, nameof(First)); } = Require.Between(First, 0, 1);

        /// <summary>β of the last step, in (0, 1).</summary>
        public double Last { get; init => field = Require.Between(value, 0, 1, nameof(Last)); } = Require.Between(Last, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas()
        {
            var rising = Line(First, Last, (int)(Count * Fraction));
            return Sequence.Generate(Count, t => t < rising.Count ? rising[t] : Last);
        }
    }
}
