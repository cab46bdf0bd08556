using Diffusion.Math.Likelihood;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The bound's terms of a batch as tensors that gradients flow through: <see cref="VlbStep"/> for every number at once.</summary>
/// <param name="table">[5, N]: the scalars of each example's step, a row each.</param>
/// <param name="decoder">How the last step becomes a pixel.</param>
public sealed class BoundTerms(Tensor table, PixelLikelihood decoder)
{
    /// <summary>Number of rows.</summary>
    internal const int Rows = 5;

    // As in PixelLikelihood.
    private const double HalfWidth = 1.0 / 255;
    private const double Outermost = 0.999;
    private const double Least = 1e-12;

    /// <summary>Terms for steps that were decided one by one.</summary>
    /// <param name="steps">One for each example.</param>
    /// <param name="decoder">How the last step becomes a pixel.</param>
    /// <param name="like">A tensor of the type and on the device that are wanted.</param>
    public static BoundTerms Of(ReadOnlySpan<VlbStep> steps, PixelLikelihood decoder, Tensor like)
    {
        var columns = new double[steps.Length][];
        for (var index = 0; index < steps.Length; index++)
            columns[index] = [.. Column(steps[index])];
        double[] table = [.. Enumerable.Range(0, Rows).SelectMany(row => columns.Select(column => column[row]))];
        return new(tensor(table, [Rows, steps.Length]).to(like.dtype).to(like.device), decoder);
    }

    /// <summary>The scalars of a step in the order of the rows.</summary>
    internal static double[] Column(VlbStep step) =>
        [step.OfClean, step.LogPosterior, step.LogLow, step.LogHigh, step.Kind == VlbTermKind.Pixel ? 1 : 0];

    /// <summary>L_t of every number, in nats, [N, C, H, W]; a new tensor.</summary>
    /// <param name="error">x̂_0 − x_0, [N, C, H, W].</param>
    /// <param name="clean">x_0, of the same shape.</param>
    /// <param name="output">v, of the same shape; null where no variance is learned.</param>
    public Tensor Nats(Tensor error, Tensor clean, Tensor? output)
    {
        using var scope = NewDisposeScope();
        var distance = Row(0) * error;
        var logVariance = output is null ? Row(2) : (1 + output) / 2 * Row(3) + (1 - output) / 2 * Row(2);
        var difference = Row(1) - logVariance;
        var divergence = (difference.exp() - difference - 1 + distance.square() * (-logVariance).exp()) / 2;
        return where(Row(4) > 0.5, -LogProbability(clean, distance, logVariance / 2), divergence).MoveToOuterDisposeScope();
    }

    // Mirrored so that the mean is above the pixel: both ends are in the lower tail, where the difference keeps its digits.
    private Tensor LogProbability(Tensor clean, Tensor distance, Tensor logScale)
    {
        var precision = (-logScale).exp();
        var mirrored = distance.abs();
        var inner = Cumulative(precision * (HalfWidth - mirrored)) - Cumulative(precision * (-HalfWidth - mirrored));
        var lowest = Cumulative(precision * (HalfWidth - distance));
        var highest = Cumulative(precision * (HalfWidth + distance));
        return where(clean < -Outermost, lowest, where(clean > Outermost, highest, inner)).clamp_min(Least).log();
    }

    private Tensor Cumulative(Tensor x) => decoder switch
    {
        PixelLikelihood.TanhApproximation => (1 + (Sqrt(2 / PI) * (x + 0.044715 * x.pow(3))).tanh()) / 2,
        _ => special.erfc(-Sqrt(0.5) * x) / 2,
    };

    private Tensor Row(int row) => table[row].reshape(-1, 1, 1, 1);
}
