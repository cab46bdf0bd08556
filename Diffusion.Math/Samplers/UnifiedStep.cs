using Diffusion.Math.Numerics;
using Diffusion.Math.Plans;

namespace Diffusion.Math.Samplers;

/// <summary>A step of UniPC from one remembered level on, as predictor or as corrector. Zhao et al. 2023, Eq. 3 and 9 to 11.</summary>
/// <param name="History">The memory when the step is taken; At(0) is the quantity where it starts.</param>
/// <param name="Order">How many remembered quantities are used.</param>
/// <param name="Form">Data or noise.</param>
/// <param name="Basis">The function B(h).</param>
internal sealed record UnifiedStep(History History, int Order, SolverVariable Form, UniPcBasis Basis)
{
    private ExponentialStep Weights { get; } = Form.Over(History.MarginalAt(0), History.NoisePath.Steps[History.Index].To.Marginal);

    private double Scale => Basis == UniPcBasis.Linear ? Weights.K : Phi.One(Weights.K);

    /// <summary>x' = OfState·x − Scale·(φ₁·m0 + B·Σ ρ_i·D_i).</summary>
    /// <param name="state">Where the step starts.</param>
    /// <param name="coefficients">ρ_i of the remembered differences, and last that of <paramref name="reached"/> where it is given.</param>
    /// <param name="reached">The quantity at the step's end, for a corrector.</param>
    public Combination From(Slot state, double[] coefficients, Slot? reached)
    {
        var (step, scale) = (Weights, Scale);
        Combination here = History.At(0);
        var sum = Combination.Zero;
        for (var back = 1; back < Order; back++)
            sum += coefficients[back - 1] / Position(back) * (History.At(back) - here);
        if (reached is { } slot)
            sum += coefficients[Order - 1] * (slot - here);
        return sum == Combination.Zero ? step.Mean(state, here) : step.Mean(state, here) - step.Scale * scale * sum;
    }

    /// <summary>The ρ that solve Σ ρ_i·r_i^n = n!·φ_{n+1}(k)/B for n below <paramref name="count"/>, the equations of full order.</summary>
    public double[] Coefficients(int count)
    {
        var (k, scale) = (Weights.K, Scale);
        var matrix = new double[count, count + 1];
        // φ_{n+1}(k) in the paper's recursion: (e^k − 1)/k − 1, then divided by k and less 1/(n + 1)! each time.
        var (phi, factorial) = (Phi.Two(k), 1.0);
        for (var row = 0; row < count; row++)
        {
            for (var column = 0; column < count; column++)
                matrix[row, column] = Pow(column == Order - 1 ? 1 : Position(column + 1), row);
            matrix[row, count] = phi * factorial / scale;
            factorial *= row + 2;
            phi = phi / k - 1 / factorial;
        }
        return LinearSystem.Solve(matrix);
    }

    // r_i = (λ_{back} − λ_0)/h, below 0; the step's end lies at 1. |k| is h.
    private double Position(int back) => -History.DistanceTo(back) / Abs(Weights.K);
}
