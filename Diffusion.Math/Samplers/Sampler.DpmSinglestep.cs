using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// DPM-Solver and DPM-Solver++ as single-step methods: blocks of one to three levels, each level reached anew from the block's start.
    /// Lu et al. 2022, "DPM-Solver", Algorithms 1 and 2; "DPM-Solver++", Algorithm 1.
    /// </summary>
    /// <remarks>
    /// A block forgets everything before it. The levels of the grid serve as its inner levels, so a step is still one network call.
    /// </remarks>
    /// <param name="Order">1, 2 or 3; a stochastic form goes up to 2.</param>
    /// <param name="Form">Which quantity is integrated.</param>
    /// <param name="Rule">How differences are used at the end of a block.</param>
    /// <param name="Ending"><see cref="Ending.LowerOrderFinal"/> shortens the last blocks; otherwise the grid must fit whole
    /// blocks.</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record DpmSinglestep(
        int Order, SolverVariable Form, SolverType Rule, Ending Ending, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>Lu et al. 2022, "DPM-Solver", Theorem 3.2.</remarks>
        public override int ConvergenceOrder => Order;

        /// <summary>1, 2 or 3; a stochastic form goes up to 2.</summary>
        public int Order { get; init => field = Require.Within(value, 1, HighestOrder(Form), nameof(Order)); } =
            Require.Within(Order, 1, HighestOrder(Form));

        /// <inheritdoc/>
        public override Sampler WithOrder(int order) => this with { Order = order };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path)
        {
            if (Order > 1 && path.Steps[0].From.Marginal.Alpha == 0)
                throw new ArgumentException($"A block cannot start from {path.Steps[0].From}, which has no signal; go multistep.");
            var orders = Blocks(path.Steps.Count).SelectMany(length => Enumerable.Range(1, length)).ToArray();
            // No difference can be taken over the infinite last step.
            if (path.Steps[^1].To.Marginal.Sigma == 0)
                orders[^1] = 1;
            return Planned($"{DpmName(Form)} singlestep {Order}", path, index =>
                Step(new(path, index, Order), orders[index], index + 1 < orders.Length ? orders[index + 1] : 1));
        }

        private protected override NoisePath Rescaled(NoisePath path) => Form.ReachesClean ? path : path.EndingNoisy();

        private IEnumerable<int> Blocks(int steps)
        {
            var (whole, rest) = (steps / Order, steps % Order);
            if (Ending == Ending.Full || Order == 1)
            {
                return rest == 0
                    ? Enumerable.Repeat(Order, whole)
                    : throw new ArgumentException(
                        $"{steps} steps are no whole number of blocks of {Order}; use Ending.{Ending.LowerOrderFinal}.");
            }
            // One full block gives way to shorter ones where the steps would otherwise end on a full block.
            return rest == 0
                ? [.. Enumerable.Repeat(Order, whole - 1), .. Order == 3 ? [2, 1] : new[] { 1, 1 }]
                : [.. Enumerable.Repeat(Order, whole), rest];
        }

        private SamplerStep Step(History history, int order, int next)
        {
            var (from, to) = history.NoisePath.Steps[history.Index];
            var origin = order == 1 ? Slot.State : Slot.Start;
            var weights = Form.Over(history.MarginalAt(order - 1), to.Marginal);
            var mean = order switch
            {
                1 => weights.Mean(origin, history.At(0)),
                2 => SecondOrder(weights, history),
                _ => ThirdOrder(weights, history),
            };
            Sequence<Instruction> keep = order == 1 && next > 1 ? [((Combination)Slot.State).Into(Slot.Start)] : [];
            return new(from, to, [.. Remember(Form, Clipping, history.At(0), from), .. keep, .. Noisy(mean, weights.Noise, history.Index)]);
        }

        private Combination SecondOrder(ExponentialStep step, History history)
        {
            // From the block's start s1 over s0: D1 = (m0 − m1)/r0 with r0 = (λ_s0 − λ_s1)/h.
            var h0 = history.DistanceTo(1);
            var h = h0 + StepLength(history);
            var d1 = h / h0 * ((Combination)history.At(0) - history.At(1));
            return step.Mean(Slot.Start, history.At(1)) - step.Scale * FirstWeight(Rule, step.K) * d1;
        }

        private Combination ThirdOrder(ExponentialStep step, History history)
        {
            // From the block's start s2 over s1 and s0: differences at r1 = (λ_s1 − λ_s2)/h and r0 = (λ_s0 − λ_s2)/h.
            var h = history.DistanceTo(2) + StepLength(history);
            var (r0, r1) = (history.DistanceTo(2) / h, (history.DistanceTo(2) - history.DistanceTo(1)) / h);
            var near = 1 / r1 * ((Combination)history.At(1) - history.At(2));
            var far = 1 / r0 * ((Combination)history.At(0) - history.At(2));
            var begin = step.Mean(Slot.Start, history.At(2));
            if (Rule == SolverType.Midpoint)
                return begin - step.Scale * Phi.Two(step.K) * far;
            var d1 = 1 / (r0 - r1) * (r0 * near - r1 * far);
            var d2 = 2 / (r0 - r1) * (far - near);
            return begin - step.Scale * Phi.Two(step.K) * d1 - step.Scale * Phi.Three(step.K) * d2;
        }
    }
}
