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

    /// <summary>The fastest kernel measured for tensors of that device and type.</summary>
    public static AttentionKernel Best(DeviceType device, ScalarType type) =>
        device == DeviceType.CPU && type == ScalarType.BFloat16 ? new Products() : new Fused();

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
            var weights = functional.softmax(matmul(queries * scale, keys.transpose(-2, -1)), -1);  // [N, heads, positions, positions]
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
