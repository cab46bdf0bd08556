using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// Every pixel attends to every pixel of the same example and to learned keys and values, beside a shortcut: [N, C, H, W] → [N, C, H, W].
/// </summary>
/// <remarks>
/// Full attention is softmax(q kᵀ / √d) v, Vaswani et al. 2017, Eq. 1. Linear attention is φ(q) (ψ(k)ᵀ v) / √d with softmax over the
/// channels of a query as φ and over all places of a channel of the keys as ψ: Shen et al. 2018, "Efficient attention", Eq. 4; its cost
/// grows with the number of pixels, not with its square, and its output is normalised.
/// </remarks>
internal sealed class MemoryAttention : Module<Tensor, Tensor>
{
    [ComponentName(Name = "norm")]
    private readonly RootMeanSquareNormalisation _norm;
    [ComponentName(Name = "to_qkv")]
    private readonly LinearMap _fused;
    [ComponentName(Name = "memory")]
    private readonly Parameter? _memory;
    [ComponentName(Name = "to_out")]
    private readonly Dense _output;
    [ComponentName(Name = "norm_out")]
    private readonly RootMeanSquareNormalisation? _outputNorm;
    private readonly UNetArchitecture.PostNormalised _shape;

    /// <summary>Full attention, or linear attention where <paramref name="attention"/> says so.</summary>
    public MemoryAttention(long channels, LevelAttention attention, UNetArchitecture.PostNormalised shape, Initialiser initial)
        : base(nameof(MemoryAttention))
    {
        _shape = shape;
        _norm = new RootMeanSquareNormalisation(channels);
        _fused = new LinearMap(channels, 3 * shape.Width, initial);
        _memory = shape.Memories == 0 ? null : initial.Normal(2, shape.Heads, shape.Memories, shape.HeadChannels);
        _output = new Dense(shape.Width, channels, initial);
        if (attention == LevelAttention.Linear)
            _outputNorm = new RootMeanSquareNormalisation(channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state)
    {
        using var scope = NewDisposeScope();
        var size = state.shape;
        var pixels = _norm.call(state).flatten(2).transpose(1, 2);  // [N, HW, C]
        var parts = _fused.call(pixels).chunk(3, -1);
        var queries = Heads(parts[0]);
        var (keys, values) = (WithMemory(0, Heads(parts[1])), WithMemory(1, Heads(parts[2])));
        var attended = _outputNorm is null ? AttentionKernel.Best(queries).Attend(queries, keys, values) : Linear(queries, keys, values);
        var output = _output.call(attended.transpose(1, 2).flatten(2)).transpose(1, 2).reshape(size);
        return state.Plus(_outputNorm is null ? output : _outputNorm.call(output)).contiguous().MoveToOuterDisposeScope();
    }

    // [N, heads, places, channels of a head]; keys and values have as many places more as there are memories.
    private static Tensor Linear(Tensor queries, Tensor keys, Tensor values)
    {
        using var scope = NewDisposeScope();
        var context = matmul(functional.softmax(keys, -2).transpose(-2, -1), values);  // [N, heads, channels, channels]
        var weights = functional.softmax(queries, -1).Over(Sqrt(queries.shape[^1]));
        return matmul(weights, context).MoveToOuterDisposeScope();
    }

    private Tensor Heads(Tensor pixels) => pixels.unflatten(2, [_shape.Heads, _shape.HeadChannels]).transpose(1, 2);

    private Tensor WithMemory(long part, Tensor places) => _memory is null ? places
        : cat([_memory.select(0, part).unsqueeze(0).expand(places.shape[0], -1, -1, -1).to(places.dtype), places], 2);
}
