using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// √β rises linearly, so β is a square. "quad" of Ho's code, "scaled_linear" of diffusers; Stable Diffusion uses 0.00085 to 0.012.
    /// </summary>
    /// <remarks>Rombach et al. 2022, "High-resolution image synthesis with latent diffusion models", as published with the code.</remarks>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    /// <param name="First">β of the first step, in (0, 1).</param>
    /// <param name="Last">β of the last step, in (0, 1).</param>
    public sealed record Quadratic(int Count = 1000, double First = 1e-4, double Last = 0.02) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <summary>β of the first step, in (0, 1).</summary>
        public double First { get; init => field = Require.Between(value, 0, 1, nameof(First)); } = Require.Between(First, 0, 1);

        /// <summary>β of the last step, in (0, 1).</summary>
        public double Last { get; init => field = Require.Between(value, 0, 1, nameof(Last)); } = Require.Between(Last, 0, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas() =>
            Line(Sqrt(First), Sqrt(Last), Count).Select(root => root * root).ToSequence();
    }
}
