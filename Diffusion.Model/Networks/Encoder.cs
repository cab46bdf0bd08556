using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The embeddings, the first convolution and the encoding levels, which a U-Net and a classifier of noisy images share.</summary>
/// <remarks>Not a module of its own: it registers its parts with the network, whose parameter names then are those of diffusers.</remarks>
internal sealed class Encoder
{
    private readonly UNetShape _shape;
    private readonly Convolution _input;
    private readonly SinusoidalEmbedding _sinusoid;
    private readonly TimeEmbedding _time;
    private readonly LabelEmbedding? _labels;
    private readonly Dense? _labelProjection;
    private readonly ModuleList<DownBlock> _levels = new();
    private readonly ModuleList<Convolution> _entries = new();

    /// <summary>Builds the parts; <paramref name="widths"/> receives the channels of the skips.</summary>
    public Encoder(UNetShape shape, Stack<int> widths, Initialiser initial)
    {
        _shape = shape;
        _input = Convolution.Same(shape.PatchedInput, shape.FirstChannels, initial);
        _sinusoid = new SinusoidalEmbedding(shape.TimeChannels, shape.Time);
        _time = new TimeEmbedding(shape, initial);
        if (shape.Labels is { } labels)
        {
            var embedded = labels.Entry == LabelEntry.BeforeLayers ? shape.TimeChannels : shape.EmbeddingChannels;
            _labels = new LabelEmbedding(labels.Rows, labels.Width ?? embedded, initial);
            _labelProjection = labels.Width is { } width ? new Dense(width, embedded, initial) : null;
        }
        widths.Push(shape.FirstChannels);
        for (var level = 0; level < shape.Levels.Count; level++)
            _levels.Add(new DownBlock(shape, level, widths, initial));
        if (shape.Entry == StateEntry.EveryLevel)
            for (var level = 0; level < shape.Levels.Count - 1; level++)
                _entries.Add(Convolution.Same(
                    level == 0 ? shape.PatchedInput : shape.Levels[level - 1].Channels, shape.Levels[level].Channels, initial));
    }

    /// <summary>The parts by the names they are registered under, in order.</summary>
    public IEnumerable<(string Name, Module Part)> Parts()
    {
        yield return ("conv_in", _input);
        yield return ("time_proj", _sinusoid);
        yield return ("time_embedding", _time);
        if (_labels is not null)
            yield return ("class_embedding", _labels);
        if (_labelProjection is not null)
            yield return ("class_projection", _labelProjection);
        yield return ("down_blocks", _levels);
        if (_entries.Count > 0)
            yield return ("state_entries", _entries);
    }

    /// <summary>The embedding of time and label, through the nonlinearity that every block applies to it first: [N or 1, E].</summary>
    /// <exception cref="ArgumentException">Labels were given to an unconditional network, or none to one that has no null
    /// label.</exception>
    public Tensor Embed(Tensor time, Tensor? labels, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var embedding = _sinusoid.call(time).to(type);
        var label = EmbedLabels(labels);
        var isFirst = _shape.Labels is { Entry: LabelEntry.BeforeLayers };
        if (label is not null && isFirst)
            embedding = embedding.Plus(label);
        embedding = _time.call(embedding);
        if (label is not null && !isFirst)
            embedding = embedding.Plus(label);
        return functional.silu(embedding).MoveToOuterDisposeScope();
    }

    /// <summary>The activations of the coarsest level; <paramref name="skips"/> receives those for the decoding half.</summary>
    public Tensor Encode(Tensor state, Tensor embedding, Stack<Tensor> skips)
    {
        var centred = _shape.Centring == InputCentring.FromUnitInterval ? state.Times(2).Minus(1) : state;
        var entering = Patches.Gather(centred, _shape.Patch);
        var hidden = _input.call(entering);
        skips.Push(hidden);
        for (var level = 0; level < _levels.Count; level++)
        {
            hidden = _levels[level].call(hidden, embedding, skips);
            if (level >= _entries.Count)
                continue;
            using (skips.Pop())
                entering = hidden = hidden.Plus(Smoothing.HalvedBehind(_entries[level], entering, _shape.Residual.Filter))
                    .div_(Number.Of(_shape.Residual.Divisor));
            skips.Push(hidden);
        }
        return hidden;
    }

    private Tensor? EmbedLabels(Tensor? labels) => LabelEmbedding.Of(_labels, _shape.Labels, labels) is not { } vectors ? null
        : _labelProjection is null ? vectors : _labelProjection.call(vectors);
}
