using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>One level of either half: a block that comes from the level before, if there is one, and blocks that keep the size.</summary>
internal sealed class MagnitudePreservingLevel : Module
{
    [ComponentName(Name = "enter")]
    private readonly MagnitudePreservingBlock? _enter;
    [ComponentName(Name = "resnets")]
    private readonly ModuleList<MagnitudePreservingBlock> _blocks = new();
    private readonly double _share;

    private MagnitudePreservingLevel(MagnitudePreservingBlock? enter, List<MagnitudePreservingBlock> blocks, double share)
        : base(nameof(MagnitudePreservingLevel))
    {
        (_enter, _share) = (enter, share);
        blocks.ForEach(_blocks.Add);
        RegisterComponents();
    }

    /// <summary>A level of the encoding half; <paramref name="widths"/> are the channels of the skips, pushed on.</summary>
    public static MagnitudePreservingLevel Down(UNetShape shape, int level, Stack<long> widths, Initialiser initial)
    {
        var architecture = (UNetArchitecture.MagnitudePreserving)shape.Architecture;
        var (own, entering, blocks) = (shape.Levels[level].Channels, widths.Peek(), new List<MagnitudePreservingBlock>());
        MagnitudePreservingBlock? enter = null;
        if (level > 0)
        {
            enter = new(new(entering, entering, UNetHalf.Down, shape, architecture) { Resize = Resize.Halve }, initial);
            widths.Push(entering);
        }
        for (var block = 0; block < shape.BlocksPerLevel; block++)
        {
            blocks.Add(new(new(widths.Peek(), own, UNetHalf.Down, shape, architecture)
            {
                Attends = shape.Levels[level].Down.Attention == LevelAttention.Self,
            }, initial));
            widths.Push(own);
        }
        return new(enter, blocks, architecture.SkipBalance);
    }

    /// <summary>A level of the decoding half; it pops the channels of the skips.</summary>
    public static MagnitudePreservingLevel Up(UNetShape shape, int level, Stack<long> widths, Initialiser initial)
    {
        var architecture = (UNetArchitecture.MagnitudePreserving)shape.Architecture;
        var (own, blocks) = (shape.Levels[level].Channels, new List<MagnitudePreservingBlock>());
        long entering = shape.Levels[Min(level + 1, shape.Levels.Count - 1)].Channels;
        MagnitudePreservingBlock? enter = level == shape.Levels.Count - 1 ? null
            : new(new(entering, entering, UNetHalf.Up, shape, architecture) { Resize = Resize.Double }, initial);
        for (var block = 0; block <= shape.BlocksPerLevel; block++, entering = own)
            blocks.Add(new(new(entering + widths.Pop(), own, UNetHalf.Up, shape, architecture)
            {
                Attends = shape.Levels[level].Up.Attention == LevelAttention.Self,
            }, initial));
        return new(enter, blocks, architecture.SkipBalance);
    }

    /// <summary>The state for the next level; pushes what the decoding half will want.</summary>
    public Tensor Encode(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        if (_enter is not null)
            skips.Push(state = _enter.call(state, embedding));
        foreach (var block in _blocks)
            skips.Push(state = block.call(state, embedding));
        return state;
    }

    /// <summary>The state for the next level; pops what the encoding half has pushed.</summary>
    public Tensor Decode(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        using var scope = NewDisposeScope();
        if (_enter is not null)
            state = _enter.call(state, embedding);
        foreach (var block in _blocks)
        {
            using var joined = Join(state, skips.Pop());
            state = block.call(joined, embedding);
        }
        return state.MoveToOuterDisposeScope();
    }

    // Nobody needs the two again.
    private Tensor Join(Tensor state, Tensor skip)
    {
        using (state)
        using (skip)
            return MagnitudePreserving.Join(state, skip, _share);
    }
}
