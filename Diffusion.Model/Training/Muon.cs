using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>
/// Momentum whose matrices are made orthogonal, for the hidden layers of a network. Jordan et al. 2024, "Muon: an optimizer for hidden
/// layers in neural networks", with the scale and the weight decay of Liu et al. 2025, "Muon is scalable for LLM training".
/// </summary>
/// <remarks>
/// m ← μ·m + (1 − μ)·g; u = μ·m + (1 − μ)·g;
/// w ← (1 − rate·decay)·w − rate·scale·√max(rows, columns)·NewtonSchulz(u).
/// With a scale of 0.2 an update is as large as one of Adam, so that rate and decay mean the same. Momentum lies where Adam has its
/// first moment.
/// Matrices of the same sizes go through together.
/// </remarks>
/// <param name="arena">The parameters; not owned.</param>
/// <param name="slices">Those among which its matrices are.</param>
/// <param name="origin">The parameter whose moment is the first one of the state.</param>
internal sealed class Muon(ParameterArena arena, Sequence<ParameterSlice> slices, long origin)
{
    // a, b and c of X ← a·X + b·(X·Xᵀ)·X + c·(X·Xᵀ)²·X, which brings singular values from far below 1 near to it in five
    // rounds.
    private static readonly (float A, float B, float C) Quintic = (3.4445f, -4.7750f, 2.0315f);

    private const int Rounds = 5;

    // Columns for a row from which on it is less work to go through squares.
    private const int Wide = 2;

    private const double NormFloor = 1e-7;

    private readonly Sequence<MatrixGroup> _groups = HiddenMatrices.In(slices, arena.Slices);

    /// <summary>Applies an update that was counted, to the hidden matrices alone; where it overflowed nothing changes.</summary>
    public void Apply(AdamState state, MatrixUpdate.Muon recipe, double decay, Precision precision)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var type = arena.Values.dtype;
        // 1 where the update applies, else 0: then every change below is by nothing.
        var applies = state.Overflow.SubtractedFrom(1).to(type);
        var (rate, learning) = (state.Rate.to(type) * applies, applies.Times(1 - recipe.Momentum));
        var divisor = state.GradientScale.to(type);
        foreach (var group in _groups)
        {
            using var part = NewDisposeScope();
            var gradient = stack(group.Slices.Select(slice => Matrix(group, slice, arena.Gradients)).ToArray());  // [n, rows, columns]
            gradient.div_(divisor).nan_to_num_();
            foreach (var (index, slice) in group.Slices.Index())
            {
                var moment = Matrix(group, slice with { Offset = slice.Offset - origin }, state.FirstMoment);
                gradient[index].lerp_(moment.lerp_(gradient[index], learning), recipe.Momentum);
            }
            var step = Orthogonal(gradient, precision).mul_(rate.Times(recipe.Scale * Sqrt(Max(group.Rows, group.Columns))));
            foreach (var (index, slice) in group.Slices.Index())
            {
                var values = Matrix(group, slice, arena.Values);
                if (decay > 0)
                    values.mul_(rate.Times(decay).SubtractedFrom(1));
                values.sub_(step[index]);
            }
        }
    }

    /// <summary>
    /// Matrices [n, rows, columns] with about the same singular vectors and singular values between 0.68 and 1.21, where they were no less
    /// than 0.002 of the norm: U·S·Vᵀ becomes about U·Vᵀ.
    /// </summary>
    /// <remarks>
    /// On a GPU in bfloat16, which Jordan et al. 2024 found to do; on a CPU, with that precision, those of which the longer side is at
    /// most twice the shorter one. Wider ones go through squares, which takes more digits.
    /// </remarks>
    /// <param name="matrices">The matrices, in float32 or float64; float64 stays.</param>
    /// <param name="precision">The recipe's.</param>
    public static Tensor Orthogonal(Tensor matrices, Precision precision = Precision.Float32)
    {
        using var scope = NewDisposeScope();
        var (isTall, type) = (matrices.shape[1] > matrices.shape[2], matrices.dtype);
        var x = isTall ? matrices.transpose(1, 2) : matrices;
        x = x / x.flatten(1).norm(dim: 1).Plus(NormFloor).view(-1, 1, 1);
        var isShort = type == float32
            && (matrices.device_type == DeviceType.CUDA || (precision == Precision.Bfloat16 && x.shape[2] <= Wide * x.shape[1]));
        x = isShort ? Directly(x.to(bfloat16)).to(type) : x.shape[2] < Wide * x.shape[1] ? Directly(x) : ThroughSquares(x);
        return (isTall ? x.transpose(1, 2) : x).MoveToOuterDisposeScope();
    }

    private static Tensor Directly(Tensor x)
    {
        var (a, b, c) = Quintic;
        for (var round = 0; round < Rounds; round++)
        {
            using var part = NewDisposeScope();
            var square = x.bmm(x.transpose(1, 2));
            var polynomial = square.baddbmm(square, square, beta: b, alpha: c);
            x = polynomial.baddbmm(x, x, beta: a, alpha: 1).MoveToOuterDisposeScope();
        }
        return x;
    }

    // X ← Q·X with Q = a + b·A + c·A² takes A = X·Xᵀ to Q·A·Q: only the first and the last product are of the wide matrix.
    private static Tensor ThroughSquares(Tensor x)
    {
        var (a, b, c) = Quintic;
        var (square, product) = (x.bmm(x.transpose(1, 2)), (Tensor?)null);
        using var scaled = eye(x.shape[1], x.shape[1], x.dtype, x.device).mul_(Number.Of(a));
        for (var round = 0; round < Rounds; round++)
        {
            var polynomial = square.baddbmm(square, square, beta: b, alpha: c).add_(scaled, Number.One);
            product = product is null ? polynomial : polynomial.bmm(product);
            if (round < Rounds - 1)
                square = polynomial.bmm(square).bmm(polynomial);
        }
        return product!.bmm(x);
    }

    private static Tensor Matrix(MatrixGroup group, ParameterSlice slice, Tensor flat) => slice.Of(flat).view(group.Rows, group.Columns);
}
