using System.Text;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>A way from noise to data. A closed union; a sampler is settings, and what it does is the data of its plan.</summary>
public abstract partial record Sampler
{
    private const int StepsWithoutLevels = 1000;

    private Sampler()
    {
    }

    /// <summary>Only settings are printed, and they belong to the cases.</summary>
    protected virtual bool PrintMembers(StringBuilder builder) => false;

    /// <summary>
    /// The order of convergence: the error of a sample falls as N^−k with the number of steps N, for a smooth denoiser whose estimates are
    /// used as they are.
    /// </summary>
    /// <remarks>
    /// For a method that adds noise it is the order without that noise. It holds while no rule lowers the order towards the end and the
    /// steps stay away from clean data.
    /// </remarks>
    public abstract int ConvergenceOrder { get; }

    /// <summary>Every step this sampler takes over the levels that the grid visits, on the scale that it is usually written in.</summary>
    /// <remarks>A method that cannot reach clean data ends at the schedule's least noisy level.</remarks>
    /// <exception cref="ArgumentException">The grid does not fit the schedule, or the sampler cannot start at its first level.</exception>
    public SamplerPlan Plan(NoiseSchedule schedule, TimestepSpacing grid) => Plan(Rescaled(NoisePath.Of(schedule, grid)));

    /// <summary>Every step this sampler takes over the given levels, on their scale.</summary>
    /// <exception cref="ArgumentException">The sampler cannot start at the first level.</exception>
    public abstract SamplerPlan Plan(NoisePath path);

    /// <summary>What happens to x̂_0. Every sampler has it.</summary>
    public abstract Clipping Clipping { get; init; }

    /// <summary>The same with another η, in [0, 1]; null for a sampler without.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has no such η.</exception>
    public virtual Sampler? WithEta(double eta) => null;

    /// <summary>The same method of another order; null for a method without a choice.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has no such order.</exception>
    public virtual Sampler? WithOrder(int order) => null;

    /// <summary>The same with another S_churn, at least 0; null for a sampler without.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It has no such churn.</exception>
    public virtual Sampler? WithChurn(double amount) => null;

    /// <summary>The levels that are usually visited in so many steps.</summary>
    /// <param name="schedule">What is sampled over.</param>
    /// <param name="steps">How many steps, or null for every level; a schedule without levels then gets a thousand.</param>
    /// <remarks>
    /// Whole levels as in the samplers' papers: multiples of ⌊T/n⌋ for the reverse chains of Ho et al. and Song et al.; down from the
    /// last level for the solvers of differential equations. Heun's method, and continuous schedules, as Karras et al. visit them: its
    /// second evaluation goes astray where two levels are far apart in noise, as evenly spaced ones of a cosine schedule are at its noisy
    /// end. Over a rectified flow steps of equal time, but for Heun's method: Liu et al. 2022.
    /// </remarks>
    public TimestepSpacing UsualGrid(NoiseSchedule schedule, int? steps) =>
        schedule is NoiseSchedule.RectifiedFlow && UsualSpacing != Spacing.Karras ? new TimestepSpacing.WithoutLast(
            new TimestepSpacing.Uniform((steps ?? StepsWithoutLevels) + 1))
            : schedule is not NoiseSchedule.Discrete ? new TimestepSpacing.Karras(steps ?? StepsWithoutLevels)
            : steps is { } count ? UsualSpacing.Grid(count)
            : new TimestepSpacing.All();

    private protected virtual Spacing UsualSpacing => Spacing.Trailing;

    private protected virtual NoisePath Rescaled(NoisePath path) => path;

    private static SamplerPlan Planned(string name, NoisePath path, Func<int, SamplerStep> step) =>
        new(name, path.InitialScale, Sequence.Generate(path.Steps.Count, step));

    // Steps of the form [denoise, limit, draw if random, combine], which is every sampler that asks once and remembers nothing.
    private static SamplerPlan SingleEvaluation(string name, NoisePath path, Clipping limit, Func<Marginal, Marginal, SingleStep> next) =>
        Planned(name, path, index =>
        {
            var (from, to) = path.Steps[index];
            var (mean, noise) = next(from.Marginal, to.Marginal);
            return new SamplerStep(from, to,
            [
                .. limit.Estimate(limit.Result, raw => new Instruction.Denoise(raw, Slot.State, from)),
                .. Noisy(mean, noise, index),
            ]);
        });

    // state = mean + noise·z. Step number i uses noise number i + 1, whether or not the steps before used theirs.
    private static Sequence<Instruction> Noisy(Combination mean, double noise, int index) =>
        noise == 0
            ? [mean.Into(Slot.State)]
            : [new Instruction.Draw(Slot.Noise, index + 1), (mean + noise * (Combination)Slot.Noise).Into(Slot.State)];

    // ε̂ = (x − alpha·x̂_0)/sigma, the noise that an estimate of the clean data implies.
    private static Combination NoiseIn(Combination state, Combination clean, Marginal level) =>
        (state - level.Alpha * clean) / level.Sigma;

    private readonly record struct SingleStep(Combination Mean, double Noise);
}
