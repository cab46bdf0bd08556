using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The layers of <see cref="UNetArchitecture.PostNormalised"/>.</summary>
internal sealed class PostNormalisedBody : UNetBody
{
    private const long FirstKernel = 7;

    private readonly Convolution _input;
    private readonly SinusoidalEmbedding _sinusoid;
    private readonly TimeEmbedding _time;
    private readonly LabelEmbedding? _labels;
    private readonly LabelShape? _labelShape;
    private readonly ModuleList<PostNormalisedLevel> _down = new();
    private readonly ModuleList<PostNormalisedBlock> _middle = new();
    private readonly MemoryAttention _attention;
    private readonly ModuleList<PostNormalisedLevel> _up = new();
    private readonly PostNormalisedBlock _last;
    private readonly Convolution _output;

    public PostNormalisedBody(UNetShape shape, UNetArchitecture.PostNormalised architecture, Initialiser initial)
    {
        var (first, coarsest) = (shape.FirstChannels, shape.Levels[^1].Channels);
        _input = Convolution.Wide(FirstKernel, shape.InputChannels, first, initial);
        _sinusoid = new SinusoidalEmbedding(shape.TimeChannels, shape.Time);
        _time = new TimeEmbedding(shape, initial);
        _labelShape = shape.Labels;
        _labels = _labelShape is { } labels ? new LabelEmbedding(labels.Rows, shape.EmbeddingChannels, initial) : null;
        for (var level = 0; level < shape.Levels.Count; level++)
            _down.Add(PostNormalisedLevel.Down(shape, level, architecture, initial));
        _middle.Add(new PostNormalisedBlock(shape, coarsest, coarsest, initial));
        _middle.Add(new PostNormalisedBlock(shape, coarsest, coarsest, initial));
        _attention = new MemoryAttention(coarsest, LevelAttention.Last, architecture, initial);
        for (var level = shape.Levels.Count - 1; level >= 0; level--)
            _up.Add(PostNormalisedLevel.Up(shape, level, architecture, initial));
        _last = new PostNormalisedBlock(shape, 2L * first, first, initial);
        _output = Convolution.Pointwise(first, shape.OutputChannels, initial);
    }

    /// <inheritdoc/>
    public override ScalarType Type => _output.Type;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Part)> Parts() =>
    [
        ("conv_in", _input), ("time_proj", _sinusoid), ("time_embedding", _time),
        .. _labels is null ? Array.Empty<(string, Module)>() : [("class_embedding", _labels)],
        ("down_blocks", _down), ("mid_resnets", _middle),
        ("mid_attention", _attention), ("up_blocks", _up), ("last_resnet", _last), ("conv_out", _output),
    ];

    /// <inheritdoc/>
    public override Tensor Compute(Tensor state, Tensor time, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var embedding = functional.silu(Beside(_time.call(_sinusoid.call(time).to(Type)), LabelEmbedding.Of(_labels, _labelShape, labels)));
        var first = _input.call(state);
        var hidden = first;
        foreach (var level in _down)
            hidden = level.Encode(hidden, embedding, skips);
        hidden = _middle[1].call(_attention.call(_middle[0].call(hidden, embedding)), embedding);
        foreach (var level in _up)
            hidden = level.Decode(hidden, embedding, skips);
        return _output.call(_last.call(cat([hidden, first], 1), embedding)).MoveToOuterDisposeScope();
    }

    // [N or 1, E] each, one of them for all where there is one.
    private static Tensor Beside(Tensor time, Tensor? label)
    {
        if (label is null)
            return time;
        var count = Max(time.shape[0], label.shape[0]);
        return cat([time.expand(count, -1), label.expand(count, -1)], 1);
    }
}
