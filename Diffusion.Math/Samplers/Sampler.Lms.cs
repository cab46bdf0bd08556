using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

public abstract partial record Sampler
{
    /// <summary>
    /// Linear multistep: the slope dx/dσ = (x − x̂_0)/σ is the polynomial through the remembered ones, integrated exactly. The method of
    /// Adams and Bashforth on an uneven grid, as in k-diffusion (Crowson 2022).
    /// </summary>
    /// <remarks>The first steps are of the order that the memory allows.</remarks>
    /// <param name="Order">How many slopes are used, 1 to 4. Order 1 is Euler's method.</param>
    /// <param name="Clipping">What happens to x̂_0.</param>
    public sealed record Lms(int Order, Clipping Clipping) : Sampler
    {
        /// <inheritdoc/>
        /// <remarks>
        /// The method of Adams and Bashforth: Hairer, Nørsett and Wanner 1993, "Solving ordinary differential equations I", Section III.1.
        /// </remarks>
        public override int ConvergenceOrder => Order;

        /// <summary>How many slopes are used, 1 to 4.</summary>
        public int Order { get; init => field = Require.Within(value, 1, 4, nameof(Order)); } = Require.Within(Order, 1, 4);

        /// <inheritdoc/>
        public override Sampler WithOrder(int order) => this with { Order = order };

        /// <inheritdoc/>
        public override SamplerPlan Plan(NoisePath path) =>
            Planned($"lms {Order}", path, index => Step(new(path, index, Order)));

        private protected override NoisePath Rescaled(NoisePath path) => path.Exploding();

        private SamplerStep Step(History history)
        {
            var (from, to) = history.NoisePath.Steps[history.Index];
            var sigmas = new double[Min(Order, history.Index + 1)];
            for (var back = 0; back < sigmas.Length; back++)
                sigmas[back] = history.MarginalAt(back).NoiseToSignal;
            // The slope of the state divided by alpha is the implied noise.
            var change = Combination.Zero;
            foreach (var (back, weight) in LagrangeIntegrals(sigmas, to.Marginal.NoiseToSignal).Index())
                change += weight * (Combination)history.At(back);
            var here = history.At(0);
            return new(from, to,
            [
                .. Clipping.Estimate(here, raw => new Instruction.Denoise(raw, Slot.State, from)),
                NoiseIn(Slot.State, here, from.Marginal).Into(here),
                (to.Marginal.Alpha / from.Marginal.Alpha * (Combination)Slot.State + to.Marginal.Alpha * change).Into(Slot.State),
            ]);
        }

        // ∫ from nodes[0] to end of each Lagrange polynomial of the nodes. Three Gauss points are exact up to degree 5.
        private static double[] LagrangeIntegrals(double[] nodes, double end)
        {
            var (middle, half, offset) = ((end + nodes[0]) / 2, (end - nodes[0]) / 2, Sqrt(0.6));
            var integrals = new double[nodes.Length];
            for (var node = 0; node < nodes.Length; node++)
            {
                var outer = Lagrange(nodes, node, middle - half * offset) + Lagrange(nodes, node, middle + half * offset);
                integrals[node] = half / 9 * (5 * outer + 8 * Lagrange(nodes, node, middle));
            }
            return integrals;
        }

        private static double Lagrange(double[] nodes, int node, double at)
        {
            var product = 1.0;
            for (var other = 0; other < nodes.Length; other++)
            {
                if (other != node)
                    product *= (at - nodes[other]) / (nodes[node] - nodes[other]);
            }
            return product;
        }
    }
}
