using System.Text;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>A chain of T noising steps q(x_t | x_{t−1}) = N(√(1 − β_t)·x_{t−1}, β_t·I). Ho et al. 2020, Eq. 2.</summary>
    public abstract record Discrete : NoiseSchedule, IDiscreteNoiseLevels
    {
        private Sequence<double>? _betas;
        private Sequence<double>? _alphaBars;

        private protected Discrete()
        {
        }

        /// <summary>Copies no derived numbers: a <c>with</c> expression computes its own.</summary>
        protected Discrete(Discrete original)
            : base(original)
        {
        }

        /// <summary>T, the number of levels; at least 1.</summary>
        public abstract int Steps { get; }

        /// <inheritdoc/>
        public override double FirstTime => 0;

        /// <inheritdoc/>
        public override double LastTime => Steps - 1;

        /// <summary>β_t for t = 0, …, T − 1, each in (0, 1]; 1 only where the terminal signal is zero.</summary>
        /// <exception cref="ArgumentException">The settings give none such.</exception>
        public Sequence<double> Betas => _betas ??= Checked(ComputeBetas(), "β");

        /// <summary>ᾱ_t = Π_{s ≤ t} (1 − β_s), never increasing.</summary>
        /// <exception cref="ArgumentException">The settings give none such.</exception>
        public Sequence<double> AlphaBars => _alphaBars ??= Checked(ComputeAlphaBars(), "ᾱ");

        /// <inheritdoc/>
        /// <remarks>Between whole times, log(Sigma / Alpha) is interpolated linearly; −1 is clean data.</remarks>
        public override Marginal At(double time)
        {
            if (time == -1)
                return Marginal.Clean;
            Require.Within(time, 0, Steps - 1);
            var below = (int)Floor(time);
            var fraction = time - below;
            return fraction == 0
                ? Marginal.OfAlphaBar(AlphaBars[below])
                : Interpolate(Marginal.OfAlphaBar(AlphaBars[below]), Marginal.OfAlphaBar(AlphaBars[below + 1]), fraction);
        }

        /// <inheritdoc/>
        public override double TimeOf(double logSnr)
        {
            // Log-SNR falls with time: the last level that is no noisier than asked.
            var (below, above) = (0, Steps - 1);
            if (logSnr >= At(below).LogSnr)
                return below;
            if (logSnr <= At(above).LogSnr)
                return above;
            while (above - below > 1)
            {
                var middle = (below + above) / 2;
                (below, above) = At(middle).LogSnr >= logSnr ? (middle, above) : (below, middle);
            }
            var (less, more) = (At(below).LogSnr, At(above).LogSnr);
            return double.IsFinite(more) ? below + (less - logSnr) / (less - more) : below;
        }

        /// <inheritdoc/>
        public override NoiseLevel LevelOf(double noiseToSignal)
        {
            var marginal = Marginal.OfSigma(Require.Positive(noiseToSignal)).VariancePreserving;
            return new(TimeOf(marginal.LogSnr), marginal);
        }

        /// <summary>q(x_t | x_{t−1}). Ho et al. 2020, Eq. 2.</summary>
        /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
        public Transition Step(int time) => Transition.OfBeta(Betas[Require.Within(time, 0, Steps - 1)]);

        /// <summary>
        /// q(x_{t−1} | x_t, x_0), from β itself: exact where the difference of neighbouring marginals would lose digits. Ho et al. 2020,
        /// Eq. 6 and 7.
        /// </summary>
        /// <remarks>At time 0 the earlier state is clean data, and the posterior is certain of it.</remarks>
        /// <exception cref="ArgumentOutOfRangeException">The time is outside 0 … T − 1.</exception>
        public Posterior PosteriorAt(int time)
        {
            var step = Step(time);
            return Posterior.Of(At(time - 1), step, At(time));
        }

        /// <inheritdoc/>
        public virtual bool Equals(Discrete? other) => base.Equals(other);

        /// <inheritdoc/>
        public override int GetHashCode() => base.GetHashCode();

        /// <inheritdoc/>
        protected override bool PrintMembers(StringBuilder builder) => false;

        private protected abstract Sequence<double> ComputeBetas();

        private protected virtual Sequence<double> ComputeAlphaBars()
        {
            var product = 1.0;
            return Betas.Select(beta => product *= 1 - beta).ToSequence();
        }

        private protected static Sequence<double> BetasOf(Sequence<double> alphaBars) =>
            Sequence.Generate(alphaBars.Count, t => 1 - (t == 0 ? alphaBars[0] : alphaBars[t] / alphaBars[t - 1]));

        // β of a signal ᾱ(u), u from 0 to 1, none above the ceiling. Nichol and Dhariwal 2021, Eq. 17.
        private protected static Sequence<double> BetasOf(Func<double, double> alphaBarOf, int count, double ceiling)
        {
            var previous = alphaBarOf(0);
            return Sequence.Generate(count, t =>
            {
                var (before, after) = (previous, alphaBarOf((t + 1.0) / count));
                previous = after;
                // Where the signal has come to an end, β is as large as it may be.
                return before == 0 ? ceiling : Min(1 - after / before, ceiling);
            });
        }

        private protected static Sequence<double> Line(double first, double last, int count) =>
            Sequence.Generate(count, t => count == 1 ? first : first + (last - first) * t / (count - 1));

        private protected static double Sigmoid(double x) => 1 / (1 + Exp(-x));

        // Settings that are right one by one may be too far apart for the formula, or for the digits of a double.
        private Sequence<double> Checked(Sequence<double> numbers, string name)
        {
            for (var t = 0; t < numbers.Count; t++)
                if (!(numbers[t] >= 0 && numbers[t] <= 1))
                    throw new ArgumentException(
                        FormattableString.Invariant($"{this} has {name} = {numbers[t]} at t = {t}, out of [0, 1]."));
            return numbers;
        }

        private static Marginal Interpolate(Marginal less, Marginal more, double fraction)
        {
            var logNoise = (1 - fraction) * Log(less.NoiseToSignal) + fraction * Log(more.NoiseToSignal);
            return double.IsFinite(logNoise) ? Marginal.OfSigma(Exp(logNoise)).VariancePreserving : more;
        }
    }
}
