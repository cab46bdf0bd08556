using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// DPM-Solver and DPM-Solver++ as multistep methods: one network call per step, differences from remembered ones. Lu et al. 2022,
    /// "DPM-Solver++", Algorithm 2 and Appendix B.
    /// </summary>
    /// <remarks>The first steps are of the order that the memory allows.</remarks>
    /// <param name="Order">1, 2 or 3; a stochastic form goes up to 2. Order 1 is DDIM.</param>
    /// <param name="Form">Which quantity is integrated.</param>
    /// <param name="Rule">How differences are used.</param>
    /// <param name="Ending">Whether the order falls towards the end.</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record DpmMultistep(
        int Order, SolverVariable Form, SolverType Rule, Ending Ending, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>
        /// Lu et al. 2022, "DPM-Solver++", Appendix B, state order k. The weight of the second difference that they publish is half a
        /// parabola's curvature, which keeps order 3 at 2, as measuring shows; <see cref="SolverType.Interpolating"/> is of order 3.
        /// </remarks>
        public override int ConvergenceOrder => Rule == SolverType.Interpolating ? Order : Min(Order, 2);

        /// <summary>1, 2 or 3; a stochastic form goes up to 2.</summary>
        public int Order { get; init => field = Require.Within(value, 1, HighestOrder(Form), nameof(Order)); } =
            Require.Within(Order, 1, HighestOrder(Form));

        /// <inheritdoc/>
        public override Sampler WithOrder(int order) => this with { Order = order };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) =>
            Planned($"{DpmName(Form)} multistep {Order}", path, index => Step(new(path, index, Order)));

        private protected override NoisePath Rescaled(NoisePath path) => Form.ReachesClean ? path : path.EndingNoisy();

        private SamplerStep Step(History history)
        {
            var (from, to) = history.NoisePath.Steps[history.Index];
            var weights = Form.Over(from.Marginal, to.Marginal);
            var mean = OrderAt(history) switch
            {
                1 => weights.Mean(Slot.State, history.At(0)),
                2 => SecondOrder(weights, history),
                _ => ThirdOrder(weights, history),
            };
            return new(from, to, [.. Remember(Form, Clipping, history.At(0), from), .. Noisy(mean, weights.Noise, history.Index)]);
        }

        private int OrderAt(History history)
        {
            var left = history.NoisePath.Steps.Count - history.Index;
            var ends = history.NoisePath.Steps[history.Index].To.Marginal.Sigma == 0;
            return ends ? 1 : Min(Ending.OrderOf(Order, left), history.Index + 1);
        }

        private Combination SecondOrder(ExponentialStep step, History history)
        {
            // D1 = (m0 − m1)/r0 with r0 = h0/h.
            var h = StepLength(history);
            var d1 = h / history.DistanceTo(1) * ((Combination)history.At(0) - history.At(1));
            return step.Mean(Slot.State, history.At(0)) - step.Scale * FirstWeight(Rule, step.K) * d1;
        }

        private Combination ThirdOrder(ExponentialStep step, History history)
        {
            // D1 and 2·D2 are h and h² times the first and second derivative, at m0, of the parabola through m0, m1 and m2.
            var h = StepLength(history);
            var (h0, h01) = (history.DistanceTo(1), history.DistanceTo(2));
            var recent = h / h0 * ((Combination)history.At(0) - history.At(1));
            var older = h / (h01 - h0) * ((Combination)history.At(1) - history.At(2));
            var d1 = recent + h0 / h01 * (recent - older);
            var d2 = h / h01 * (recent - older);
            var curvature = Rule == SolverType.Interpolating ? 2 * d2 : d2;
            return step.Mean(Slot.State, history.At(0)) - step.Scale * Phi.Two(step.K) * d1 - step.Scale * Phi.Three(step.K) * curvature;
        }
    }

    private static int HighestOrder(SolverVariable form) => form is SolverVariable.StochasticData or SolverVariable.StochasticNoise ? 2 : 3;

    private static string DpmName(SolverVariable form) => form switch
    {
        SolverVariable.Data => "dpm-solver++",
        SolverVariable.Noise => "dpm-solver",
        SolverVariable.StochasticData => "sde-dpm-solver++",
        _ => "sde-dpm-solver",
    };

    private static double FirstWeight(SolverType rule, double k) => rule == SolverType.Midpoint ? Phi.One(k) / 2 : Phi.Two(k);

    // h = λ' − λ of the step itself.
    private static double StepLength(History history)
    {
        var (from, to) = history.NoisePath.Steps[history.Index];
        return (to.Marginal.LogSnr - from.Marginal.LogSnr) / 2;
    }

    // Asks about the state and keeps the form's quantity.
    private static Sequence<Instruction> Remember(SolverVariable form, Clipping limit, Slot place, NoiseLevel level)
    {
        var estimate = limit.Estimate(place, raw => new Instruction.Denoise(raw, Slot.State, level));
        var quantity = form.Quantity(Slot.State, place, level.Marginal);
        return quantity == (Combination)place ? estimate : [.. estimate, quantity.Into(place)];
    }
}
