using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The layers of Ho et al. 2020, appendix B, and its relatives.</summary>
internal sealed class PreNormalisedBody : UNetBody
{
    private readonly UNetShape _shape;
    private readonly Encoder _encoder;
    private readonly ModuleList<UpBlock> _levels = new();
    private readonly MiddleBlock _middle;
    private readonly GroupNormalisation _norm;
    private readonly Convolution _output;

    public PreNormalisedBody(UNetShape shape, Initialiser initial)
    {
        _shape = shape;
        var widths = new Stack<int>();
        _encoder = new Encoder(shape, widths, initial);
        _middle = new MiddleBlock(shape, initial);
        for (var level = shape.Levels.Count - 1; level >= 0; level--)
            _levels.Add(new UpBlock(shape, level, widths, initial));
        _norm = new GroupNormalisation(shape.BaseChannels, shape.Residual.GroupsOf(shape.BaseChannels), shape.Residual.Epsilon);
        _output = Convolution.Same(shape.BaseChannels, shape.PatchedOutput, initial, Initialiser.NearZero);
    }

    /// <inheritdoc/>
    public override ScalarType Type => _output.Type;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Part)> Parts() =>
    [
        .. _encoder.Parts(), ("up_blocks", _levels), ("mid_block", _middle), ("conv_norm_out", _norm), ("conv_out", _output),
    ];

    /// <inheritdoc/>
    public override Tensor Compute(Tensor state, Tensor time, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var embedding = _encoder.Embed(time, labels, Type);
        var hidden = _encoder.Encode(state, embedding, skips);
        hidden = _middle.call(hidden, embedding);
        foreach (var level in _levels)
            hidden = level.call(hidden, embedding, skips);
        return Patches.Spread(_output.call(_norm.Activated(hidden)), _shape.Patch).MoveToOuterDisposeScope();
    }
}
