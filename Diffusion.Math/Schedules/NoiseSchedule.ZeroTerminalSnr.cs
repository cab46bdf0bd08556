using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>Another schedule, shifted and scaled so that the last level is pure noise and the first one stays.</summary>
    /// <remarks>
    /// √ᾱ_t ← (√ᾱ_t − √ᾱ_T)·√ᾱ_1/(√ᾱ_1 − √ᾱ_T). Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed", Algorithm
    /// 1.
    /// At the last level ε cannot be read as clean data: predict x_0 or v.
    /// </remarks>
    /// <param name="Base">The schedule that is rescaled; at least two levels.</param>
    public sealed record ZeroTerminalSnr(Discrete Base) : Discrete
    {
        /// <summary>The schedule that is rescaled; at least two levels.</summary>
        public Discrete Base { get; init => field = Rescalable(value); } = Rescalable(Base);

        /// <inheritdoc/>
        public override int Steps => Base.Steps;

        private protected override Sequence<double> ComputeBetas() => BetasOf(AlphaBars);

        private protected override Sequence<double> ComputeAlphaBars()
        {
            var (first, last) = (Sqrt(Base.AlphaBars[0]), Sqrt(Base.AlphaBars[^1]));
            return Base.AlphaBars.Select(alphaBar => Pow((Sqrt(alphaBar) - last) * (first / (first - last)), 2)).ToSequence();
        }

        private static Discrete Rescalable(Discrete schedule) =>
            schedule.Steps > 1
                ? schedule
                : throw new ArgumentException($"{schedule} has one level; two are needed to rescale.", nameof(Base));
    }
}
