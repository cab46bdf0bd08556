using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The layers of <see cref="UNetArchitecture.MagnitudePreserving"/>.</summary>
/// <remarks>Karras et al. 2024, Figure 21. The first convolution also sees a channel of ones, in place of a bias.</remarks>
internal sealed class MagnitudePreservingBody : UNetBody
{
    private readonly UNetShape _shape;
    private readonly UNetArchitecture.MagnitudePreserving _architecture;
    private readonly MagnitudePreservingLayer _input;
    private readonly SinusoidalEmbedding _sinusoid;
    private readonly MagnitudePreservingLayer _time;
    private readonly NormalisedTable? _labels;
    private readonly ModuleList<MagnitudePreservingLevel> _down = new();
    private readonly ModuleList<MagnitudePreservingBlock> _middle = new();
    private readonly ModuleList<MagnitudePreservingLevel> _up = new();
    private readonly MagnitudePreservingLayer _output;

    public MagnitudePreservingBody(UNetShape shape, UNetArchitecture.MagnitudePreserving architecture, Initialiser initial)
    {
        (_shape, _architecture) = (shape, architecture);
        _input = MagnitudePreservingLayer.Convolution(3, shape.PatchedInput + 1, shape.FirstChannels, initial);
        _sinusoid = new SinusoidalEmbedding(shape.TimeChannels, shape.Time);
        _time = MagnitudePreservingLayer.Linear(shape.TimeChannels, shape.EmbeddingChannels, initial);
        if (shape.Labels is { } labels)
            _labels = new NormalisedTable(labels.Rows, shape.EmbeddingChannels, initial);
        var widths = new Stack<long>([shape.FirstChannels]);
        for (var level = 0; level < shape.Levels.Count; level++)
            _down.Add(MagnitudePreservingLevel.Down(shape, level, widths, initial));
        var coarsest = shape.Levels[^1].Channels;
        for (var block = 0; block < 2; block++)
            _middle.Add(new MagnitudePreservingBlock(new(coarsest, coarsest, UNetHalf.Middle, shape, architecture)
            {
                Attends = block == 0 && shape.Middle.Attention != MiddleAttention.None,
            }, initial));
        for (var level = shape.Levels.Count - 1; level >= 0; level--)
            _up.Add(MagnitudePreservingLevel.Up(shape, level, widths, initial));
        _output = MagnitudePreservingLayer.GainedConvolution(shape.BaseChannels, shape.PatchedOutput, initial);
    }

    /// <inheritdoc/>
    public override ScalarType Type => _output.Type;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, Module Part)> Parts()
    {
        yield return ("conv_in", _input);
        yield return ("time_proj", _sinusoid);
        yield return ("time_embedding", _time);
        if (_labels is not null)
            yield return ("class_embedding", _labels);
        yield return ("down_blocks", _down);
        yield return ("mid_resnets", _middle);
        yield return ("up_blocks", _up);
        yield return ("conv_out", _output);
    }

    /// <inheritdoc/>
    public override Tensor Compute(Tensor state, Tensor time, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        var embedding = Embed(time, labels);
        var hidden = _input.call(cat([state, ones_like(state.narrow(1, 0, 1))], 1));
        skips.Push(hidden);
        foreach (var level in _down)
            hidden = level.Encode(hidden, embedding, skips);
        foreach (var block in _middle)
            hidden = block.call(hidden, embedding);
        foreach (var level in _up)
            hidden = level.Decode(hidden, embedding, skips);
        return _output.call(hidden).MoveToOuterDisposeScope();
    }

    private Tensor Embed(Tensor time, Tensor? labels)
    {
        using var scope = NewDisposeScope();
        var embedding = _time.call(_sinusoid.call(time).to(Type));
        if (_labels is not null)
        {
            if (labels is null && _shape.Labels is { Null: NullLabel.Absent })
                throw new ArgumentException("The network has no null label; every example needs a label.", nameof(labels));
            labels ??= full(1, Number.Of(_shape.Labels!.Classes), int64, embedding.device);
            embedding = MagnitudePreserving.Sum(embedding, _labels.call(labels), _architecture.LabelBalance);
        }
        else if (labels is not null)
            throw new ArgumentException("The network is unconditional; it was given labels.", nameof(labels));
        return MagnitudePreserving.Silu(embedding).MoveToOuterDisposeScope();
    }
}

/// <summary>A vector for each label, of which each number has a root mean square of 1 over all labels: [N] of int64 → [N, width].</summary>
/// <remarks>
/// A magnitude-preserving linear map (Karras et al. 2024, Eq. 47) of a one-hot vector of magnitude 1, with the weights of a label in a row.
/// </remarks>
internal sealed class NormalisedTable : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public NormalisedTable(long rows, long width, Initialiser initial)
        : base(nameof(NormalisedTable))
    {
        _weight = initial.Normal(rows, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor labels)
    {
        using var scope = NewDisposeScope();
        if (training)
            using (no_grad())
                _weight.copy_(MagnitudePreserving.Normalise(_weight, 0));
        return MagnitudePreserving.Normalise(_weight, 0).index_select(0, labels).MoveToOuterDisposeScope();
    }
}
