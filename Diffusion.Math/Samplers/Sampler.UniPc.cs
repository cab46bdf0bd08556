using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// Unified predictor-corrector: before each step, the estimate found at the predicted state corrects how it was reached, at no extra
    /// call. Zhao et al. 2023, "UniPC", Algorithms 5 to 8.
    /// </summary>
    /// <remarks>The corrector raises the order by one. The first steps are of the order that the memory allows.</remarks>
    /// <param name="Order">Order of the predictor, 1 to 4.</param>
    /// <param name="Form">Data or noise; the stochastic forms have no corrector.</param>
    /// <param name="Basis">The function B(h).</param>
    /// <param name="Ending">Whether the order falls towards the end.</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record UniPc(
        int Order, SolverVariable Form, UniPcBasis Basis, Ending Ending, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>The corrector raises the predictor's order by one: Zhao et al. 2023, Theorem 3.1.</remarks>
        public override int ConvergenceOrder => Order + 1;

        /// <summary>Order of the predictor, 1 to 4.</summary>
        public int Order { get; init => field = Require.Within(value, 1, 4, nameof(Order)); } = Require.Within(Order, 1, 4);

        /// <summary>Data or noise.</summary>
        public SolverVariable Form { get; init => field = Deterministic(value); } = Deterministic(Form);

        /// <inheritdoc/>
        public override Sampler WithOrder(int order) => this with { Order = order };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) => Plan(path, []);

        /// <summary>The plan in which the results of some steps are left uncorrected.</summary>
        /// <param name="path">The levels.</param>
        /// <param name="uncorrected">Numbers of those steps, from 0.</param>
        public SamplerPlan Plan(NoisePath path, Sequence<int> uncorrected) =>
            Planned($"unipc {Order}", path, index =>
            {
                // One place more than the order, so that a step's own estimate and all that its corrector needs are there at once.
                var history = new History(path, index, Order + 1);
                var (from, to) = path.Steps[index];
                var start = index > 0 && !uncorrected.Contains(index - 1) ? Corrected(history) : Slot.State;
                var next = Predicted(history);
                // The step to clean data looks at nothing but the last estimate.
                Sequence<Instruction> begin = next.Terms.Any(term => term.Slot == Slot.Start) ? [start.Into(Slot.Start)] : [];
                return new SamplerStep(from, to, [.. Remember(Form, Clipping, history.At(0), from), .. begin, next.Into(Slot.State)]);
            });

        private protected override NoisePath Rescaled(NoisePath path) => Form.ReachesClean ? path : path.EndingNoisy();

        // The state that the last step should have reached, now that the quantity there is known.
        private Combination Corrected(History now)
        {
            var before = now with { Index = now.Index - 1 };
            var order = OrderAt(before);
            var step = new UnifiedStep(before, order, Form, Basis);
            return step.From(Slot.Start, order == 1 ? [0.5] : step.Coefficients(order), now.At(0));
        }

        private Combination Predicted(History now)
        {
            var order = OrderAt(now);
            var step = new UnifiedStep(now, order, Form, Basis);
            return step.From(Slot.Start, order == 2 ? [0.5] : step.Coefficients(order - 1), null);
        }

        private int OrderAt(History history)
        {
            var (from, to) = history.NoisePath.Steps[history.Index];
            // No difference can be taken over an infinite step, over none, or to a level without signal, which is infinitely far away.
            if (to.Marginal.Sigma == 0 || to.Marginal.NoiseToSignal >= from.Marginal.NoiseToSignal)
                return 1;
            var known = 1;
            while (known <= history.Index && known < Order && history.MarginalAt(known).Alpha > 0)
                known++;
            return Min(Ending.OrderOf(Order, history.NoisePath.Steps.Count - history.Index), known);
        }

        private static SolverVariable Deterministic(SolverVariable form) => HighestOrder(form) == 3
            ? form
            : throw new ArgumentException($"{form} adds noise; UniPC takes SolverVariable.Data or SolverVariable.Noise.", nameof(form));
    }
}

/// <summary>The function B(h) of UniPC. Zhao et al. 2023, Section 3.1.</summary>
public enum UniPcBasis
{
    /// <summary>B₁(h) = h.</summary>
    Linear,

    /// <summary>B₂(h) = e^h − 1.</summary>
    Exponential,
}
