using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>What a plan passed through: the state at every level, and the estimate of clean data made of it.</summary>
/// <param name="Levels">The noisy levels, from the noisiest on.</param>
/// <param name="States">The state at each level, and last the sample.</param>
/// <param name="Estimates">The estimate of clean data at each level.</param>
/// <typeparam name="T">The vectors.</typeparam>
public sealed record Trajectory<T>(Sequence<NoiseLevel> Levels, Sequence<T> States, Sequence<T> Estimates)
{
    /// <summary>The sample.</summary>
    public T End => States[^1];

    /// <summary>The way of a plan that asks the network in every step.</summary>
    public static Trajectory<T> Of(SamplerPlan plan, Interpreter<T> interpreter)
    {
        var slots = interpreter.Begin(plan);
        var (states, estimates) = (new List<T>(), new List<T>());
        foreach (var step in plan.Steps)
        {
            states.Add(slots[Slot.State]);
            (slots, var estimate) = interpreter.Through(slots, step);
            estimates.Add(estimate!);
        }
        states.Add(slots[Slot.State]);
        return new(plan.Steps.Select(step => step.From).ToSequence(), states.ToSequence(), estimates.ToSequence());
    }

    /// <summary>
    /// ‖error‖² of one Euler step between each two levels, the last place being clean data: how far from the trajectory it leads.
    /// </summary>
    /// <remarks>
    /// In the scale x/alpha, in which errors of single steps may be added up: Chen et al. 2024, Section 4. Levels without any signal have
    /// none to compare and are left only.
    /// </remarks>
    /// <param name="space">The vectors' space.</param>
    /// <param name="scope">Opened around each comparison; what was made for it may be given back when it closes.</param>
    public double[,] LocalErrors(IInnerProducts<T> space, Func<IDisposable?> scope)
    {
        var errors = new double[States.Count, States.Count];
        for (var from = 0; from < Levels.Count; from++)
            for (var to = from + 1; to < States.Count; to++)
            {
                using var opened = scope();
                errors[from, to] = LocalError(space, from, to);
            }
        return errors;
    }

    // x' = (sigma'/sigma)·x + (alpha' − alpha·sigma'/sigma)·x̂_0: Song et al. 2020, Eq. 12.
    private double LocalError(IInnerProducts<T> space, int from, int to)
    {
        var (here, there) = (Levels[from].Marginal, to < Levels.Count ? Levels[to].Marginal : Marginal.Clean);
        if (there.Alpha == 0)
            return double.PositiveInfinity;
        var kept = there.Sigma / here.Sigma;
        var error = space.Combine(
            [new(kept, States[from]), new(there.Alpha - here.Alpha * kept, Estimates[from]), new(-1, States[to])]);
        return space.Inner(error, error).Sum() / (there.Alpha * there.Alpha);
    }
}
