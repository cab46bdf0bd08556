using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>One level of either half: two blocks, attention, and a convolution that leaves for the next level.</summary>
internal sealed class PostNormalisedLevel : Module
{
    [ComponentName(Name = "resnets")]
    private readonly ModuleList<PostNormalisedBlock> _blocks = new();
    [ComponentName(Name = "attention")]
    private readonly MemoryAttention _attention;
    [ComponentName(Name = "leave")]
    private readonly Convolution _leave;
    private readonly Resize _resize;

    private PostNormalisedLevel(MemoryAttention attention, Convolution leave, Resize resize, params PostNormalisedBlock[] blocks)
        : base(nameof(PostNormalisedLevel))
    {
        foreach (var block in blocks)
            _blocks.Add(block);
        (_attention, _leave, _resize) = (attention, leave, resize);
        RegisterComponents();
    }

    /// <summary>Level number <paramref name="level"/> of the encoding half; its blocks keep the channels that enter.</summary>
    public static PostNormalisedLevel Down(UNetShape shape, int level, UNetArchitecture.PostNormalised architecture, Initialiser initial)
    {
        var (input, output) = (shape.EnteringChannels(level), shape.Levels[level].Channels);
        PostNormalisedBlock Block() => new(shape, input, input, initial);
        var (first, second) = (Block(), Block());
        var attention = new MemoryAttention(input, shape.Levels[level].Down.Attention, architecture, initial);
        return (level < shape.Levels.Count - 1, architecture.Halving) switch
        {
            (false, _) => new(attention, Convolution.Same(input, output, initial), Resize.Keep, first, second),
            // The convolution itself halves.
            (_, Halving.Strided) => new(attention, Convolution.WideHalving(input, output, initial), Resize.Keep, first, second),
            _ => new(attention, Convolution.Pointwise(4L * input, output, initial), Resize.Halve, first, second),
        };
    }

    /// <summary>Level number <paramref name="level"/> of the decoding half; its blocks have the channels that leave it there.</summary>
    public static PostNormalisedLevel Up(UNetShape shape, int level, UNetArchitecture.PostNormalised architecture, Initialiser initial)
    {
        var (skip, own) = (shape.EnteringChannels(level), shape.Levels[level].Channels);
        PostNormalisedBlock Block() => new(shape, own + skip, own, initial);
        var (first, second) = (Block(), Block());
        var attention = new MemoryAttention(own, shape.Levels[level].Up.Attention, architecture, initial);
        return new(attention, Convolution.Same(own, skip, initial), level > 0 ? Resize.Double : Resize.Keep, first, second);
    }

    /// <summary>The state for the next level; pushes what the decoding half will want.</summary>
    public Tensor Encode(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        foreach (var block in _blocks)
        {
            state = block.call(state, embedding);
            if (ReferenceEquals(block, _blocks[^1]))
                using (var unattended = state)
                    state = _attention.call(unattended);
            skips.Push(state);
        }
        return _leave.call(_resize == Resize.Halve ? Patches.Gather(state, 2) : state);
    }

    /// <summary>The state for the next level; pops what the encoding half has pushed.</summary>
    public Tensor Decode(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        using var scope = NewDisposeScope();
        foreach (var block in _blocks)
        {
            using var joined = UpBlock.Join(state, skips.Pop());
            state = block.call(joined, embedding);
        }
        state = _attention.call(state);
        return _leave.call(_resize == Resize.Double ? Upsampling.Repeated(state) : state).MoveToOuterDisposeScope();
    }
}
