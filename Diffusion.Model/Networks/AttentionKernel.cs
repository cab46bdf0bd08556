using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>How softmax(q kᵀ / √d) v is computed: one function, different costs.</summary>
/// <remarks>Vaswani et al. 2017, Eq. 1.</remarks>
public abstract record AttentionKernel
{
    private AttentionKernel()
    {
    }

    private const long MostWeights = 1 << 27;

    /// <summary>The fastest kernel measured for queries like these: [N, heads, positions, channels of a head].</summary>
    /// <remarks>
    /// In bfloat16 on a CPU with AVX-512, forward and backward of 8 × 1 × 256 × 256 take 6.7 ms by products and 21 ms fused; in float32
    /// fused is as fast or faster. Where the products' weights would take more than 256 MB, memory decides.
    /// </remarks>
    public static AttentionKernel Best(Tensor queries)
    {
        var weights = queries.shape[0] * queries.shape[1] * queries.shape[2] * queries.shape[2];
        return queries.device_type == DeviceType.CPU && queries.dtype == ScalarType.BFloat16 && weights <= MostWeights
            ? new Products()
            : new Fused();
    }

    /// <summary>Attends: queries, keys and values of shape [N, heads, positions, channels of a head] → the same shape.</summary>
    public abstract Tensor Attend(Tensor queries, Tensor keys, Tensor values);

    /// <summary>Two batched matrix products with a softmax between: needs memory for positions² weights.</summary>
    public sealed record Products : AttentionKernel
    {
        /// <inheritdoc/>
        public override Tensor Attend(Tensor queries, Tensor keys, Tensor values)
        {
            using var scope = NewDisposeScope();
            var scale = 1 / Sqrt(queries.shape[^1]);
            var weights = functional.softmax(matmul(queries.Times(scale), keys.transpose(-2, -1)), -1);  // [N, heads, positions, positions]
            return matmul(weights, values).MoveToOuterDisposeScope();
        }
    }

    /// <summary>libtorch's own fused operation, which chooses among flash, memory-efficient and plain kernels.</summary>
    public sealed record Fused : AttentionKernel
    {
        /// <inheritdoc/>
        public override Tensor Attend(Tensor queries, Tensor keys, Tensor values) =>
            functional.scaled_dot_product_attention(queries, keys, values);
    }
}
