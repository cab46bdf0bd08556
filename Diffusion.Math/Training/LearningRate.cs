using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>The learning rate as a function of the step. A closed union.</summary>
public abstract partial record LearningRate
{
    private LearningRate()
    {
    }

    /// <summary>The rate of update number <paramref name="step"/>, counted from 0; at least 0.</summary>
    public double At(long step) => Along(step);

    /// <summary>The same course for a run of another length: a rate that ended with the run still does, all others stay.</summary>
    /// <param name="before">Steps of the run so far.</param>
    /// <param name="after">Steps that it has now.</param>
    public virtual LearningRate Over(long before, long after) => this;

    /// <summary>
    /// The course of a run that is made longer or shorter under way: what is past stays, and a rate that ended with the run still does.
    /// </summary>
    /// <param name="step">The step from which on the run has another length.</param>
    /// <param name="before">Steps of the run so far; more than <paramref name="step"/>.</param>
    /// <param name="after">Steps that it has now; more than <paramref name="step"/>.</param>
    public LearningRate Onward(long step, long before, long after) =>
        before == after || Over(before, before + 1) == this ? this : new Stretched(this, step, before, after);

    /// <summary>
    /// The first step of a run from which on the rate is 0, as single precision has it; <paramref name="steps"/> where there is none.
    /// </summary>
    /// <remarks>After its warm-up, which begins at 0, no rate rises again.</remarks>
    /// <param name="steps">Steps of the run.</param>
    public long ZeroFrom(long steps)
    {
        var (first, end) = (Min(Rises, steps), steps);
        while (first < end)
        {
            var middle = first + (end - first) / 2;
            (first, end) = (float)At(middle) > 0 ? (middle + 1, end) : (first, middle);
        }
        return end;
    }

    /// <summary>Steps of the warm-up, at whose end the rate is highest.</summary>
    public int StepsOfWarmup() => Rises;

    // Between two steps too.
    private protected abstract double Along(double step);

    // Steps of the warm-up.
    private protected abstract int Rises { get; }

    private static int Ending(int total, long before, long after) => total == before ? (int)Min(after, int.MaxValue) : total;

    private static double Rising(double step, int warmup) => step < warmup ? step / warmup : 1;

    private static double Falling(double step, int warmup, int total) => Min(1, (step - warmup) / Max(1, total - warmup));

    /// <summary>
    /// Rises linearly from 0 over the warm-up and then stays: Peak·min(step/Warmup, 1). Ho et al. 2020, Appendix B: 2·10⁻⁴ after 5000
    /// steps.
    /// </summary>
    /// <param name="Peak">The rate after the warm-up; above 0.</param>
    /// <param name="Warmup">Steps of the warm-up; at least 0.</param>
    public sealed record WarmUp(double Peak, int Warmup) : LearningRate
    {
        /// <summary>The rate after the warm-up; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>Steps of the warm-up; at least 0.</summary>
        public int Warmup { get; init => field = Require.AtLeast(value, 0, nameof(Warmup)); } = Require.AtLeast(Warmup, 0);

        private protected override double Along(double step) => Peak * Rising(step, Warmup);

        private protected override int Rises => Warmup;
    }

    /// <summary>
    /// A warm-up, and then half a cosine down to 0 at the last step. Loshchilov and Hutter 2016, "SGDR", Eq. 5, without restarts.
    /// </summary>
    /// <param name="Peak">The rate after the warm-up; above 0.</param>
    /// <param name="Warmup">Steps of the warm-up; at least 0.</param>
    /// <param name="Total">Step at which the rate reaches 0; at least 1.</param>
    public sealed record WarmUpCosine(double Peak, int Warmup, int Total) : LearningRate
    {
        /// <summary>The rate after the warm-up; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>Steps of the warm-up; at least 0.</summary>
        public int Warmup { get; init => field = Require.AtLeast(value, 0, nameof(Warmup)); } = Require.AtLeast(Warmup, 0);

        /// <summary>Step at which the rate reaches 0; at least 1.</summary>
        public int Total { get; init => field = Require.AtLeast(value, 1, nameof(Total)); } = Require.AtLeast(Total, 1);

        private protected override double Along(double step) =>
            step < Warmup ? Peak * Rising(step, Warmup) : Peak * (1 + Cos(PI * Falling(step, Warmup, Total))) / 2;

        /// <inheritdoc/>
        public override LearningRate Over(long before, long after) => this with { Total = Ending(Total, before, after) };

        private protected override int Rises => Warmup;
    }

    /// <summary>A warm-up, and then straight down to 0 at the last step. The annealing of guided-diffusion.</summary>
    /// <param name="Peak">The rate after the warm-up; above 0.</param>
    /// <param name="Warmup">Steps of the warm-up; at least 0.</param>
    /// <param name="Total">Step at which the rate reaches 0; at least 1.</param>
    public sealed record WarmUpLinear(double Peak, int Warmup, int Total) : LearningRate
    {
        /// <summary>The rate after the warm-up; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>Steps of the warm-up; at least 0.</summary>
        public int Warmup { get; init => field = Require.AtLeast(value, 0, nameof(Warmup)); } = Require.AtLeast(Warmup, 0);

        /// <summary>Step at which the rate reaches 0; at least 1.</summary>
        public int Total { get; init => field = Require.AtLeast(value, 1, nameof(Total)); } = Require.AtLeast(Total, 1);

        private protected override double Along(double step) =>
            step < Warmup ? Peak * Rising(step, Warmup) : Peak * (1 - Falling(step, Warmup, Total));

        /// <inheritdoc/>
        public override LearningRate Over(long before, long after) => this with { Total = Ending(Total, before, after) };

        private protected override int Rises => Warmup;
    }

    /// <summary>
    /// A warm-up, a rest, and then Peak/√(step/Rest): no last step has to be known. Karras et al. 2024, Section 2 (t_ref = Rest).
    /// </summary>
    /// <param name="Peak">The rate after the warm-up; above 0.</param>
    /// <param name="Warmup">Steps of the warm-up; at least 0.</param>
    /// <param name="Rest">Step from which the rate falls; at least 1.</param>
    public sealed record InverseSquareRoot(double Peak, int Warmup, int Rest) : LearningRate
    {
        /// <summary>The rate after the warm-up; above 0.</summary>
        public double Peak { get; init => field = Require.Positive(value, nameof(Peak)); } = Require.Positive(Peak);

        /// <summary>Steps of the warm-up; at least 0.</summary>
        public int Warmup { get; init => field = Require.AtLeast(value, 0, nameof(Warmup)); } = Require.AtLeast(Warmup, 0);

        /// <summary>Step from which the rate falls; at least 1.</summary>
        public int Rest { get; init => field = Require.AtLeast(value, 1, nameof(Rest)); } = Require.AtLeast(Rest, 1);

        private protected override double Along(double step) => Peak * Rising(step, Warmup) / Sqrt(Max(1, step / Rest));

        private protected override int Rises => Warmup;
    }
}
