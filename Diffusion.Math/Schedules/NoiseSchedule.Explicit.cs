using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>Given β, for instance from a configuration's trained_betas.</summary>
    /// <param name="Given">β_t of every step, at least one, each in (0, 1).</param>
    public sealed record ExplicitBetas(Sequence<double> Given) : Discrete
    {
        /// <summary>β_t of every step, at least one, each in (0, 1).</summary>
        public Sequence<double> Given { get; init => field = Valid(value); } = Valid(Given);

        /// <inheritdoc/>
        public override int Steps => Given.Count;

        private protected override Sequence<double> ComputeBetas() => Given;

        private static Sequence<double> Valid(Sequence<double> betas)
        {
            foreach (var beta in Require.NonEmpty(betas, nameof(Given)))
                Require.Between(beta, 0, 1, nameof(Given));
            return betas;
        }
    }

    /// <summary>Given ᾱ.</summary>
    /// <param name="Given">ᾱ_t of every level, at least one, in [0, 1), falling; only the last may be 0.</param>
    public sealed record ExplicitAlphaBars(Sequence<double> Given) : Discrete
    {
        /// <summary>ᾱ_t of every level, at least one, in [0, 1), falling; only the last may be 0.</summary>
        public Sequence<double> Given { get; init => field = Valid(value); } = Valid(Given);

        /// <inheritdoc/>
        public override int Steps => Given.Count;

        private protected override Sequence<double> ComputeBetas() => BetasOf(Given);

        private protected override Sequence<double> ComputeAlphaBars() => Given;

        private static Sequence<double> Valid(Sequence<double> alphaBars)
        {
            var previous = 1.0;
            foreach (var alphaBar in Require.NonEmpty(alphaBars, nameof(Given)))
            {
                if (!(Require.Within(alphaBar, 0, 1, nameof(Given)) < previous))
                    throw new ArgumentException($"ᾱ must fall, but {alphaBar} follows {previous}.", nameof(Given));
                previous = alphaBar;
            }
            return alphaBars;
        }
    }
}
