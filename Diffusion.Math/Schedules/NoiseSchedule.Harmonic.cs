using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>β_t = 1/(T − t): 1/T, 1/(T − 1), …, 1, so that ᾱ falls linearly to 0. "jsd" of Ho's code.</summary>
    /// <remarks>
    /// Sohl-Dickstein et al. 2015, "Deep unsupervised learning using nonequilibrium thermodynamics", Section 2.4.1, for binomial diffusion.
    /// </remarks>
    /// <param name="Count">T, the number of levels; at least 1.</param>
    public sealed record Harmonic(int Count = 1000) : Discrete
    {
        /// <summary>T, the number of levels; at least 1.</summary>
        public int Count { get; init => field = Require.AtLeast(value, 1, nameof(Count)); } = Require.AtLeast(Count, 1);

        /// <inheritdoc/>
        public override int Steps => Count;

        private protected override Sequence<double> ComputeBetas() => Sequence.Generate(Count, t => 1.0 / (Count - t));
    }
}
