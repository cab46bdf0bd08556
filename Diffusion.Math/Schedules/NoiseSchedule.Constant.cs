using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>The same β at every step. "const" of Ho's code.</summary>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="Beta">β, in (0, 1).</param>
    public sealed record Constant(int Count = 1000, double Beta = 0.02) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>β, in (0, 1).</summary>
        public double Beta { get; init => field = Require.Between(value, 0, 1, nameof(Beta)); } = Require.Between(Beta, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas() => Sequence.Generate(Count, _ => Beta);
    }
}
