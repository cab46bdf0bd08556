using Diffusion.Math.Values;
using TorchSharp;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The class of an image at any noise level: (state, time) → logits of p(class | state, time).</summary>
/// <remarks>The encoding half of a U-Net with a pooling and a linear layer behind. Dhariwal and Nichol 2021, section 4.</remarks>
public sealed class NoisyClassifier : Module<Tensor, Tensor, Tensor>
{
    private readonly Encoder _encoder;
    [ComponentName(Name = "mid_block")]
    private readonly MiddleBlock _middle;
    [ComponentName(Name = "norm_out")]
    private readonly GroupNormalisation _norm;
    [ComponentName(Name = "pooling")]
    private readonly AttentionPooling? _pooling;
    [ComponentName(Name = "linear_out")]
    private readonly Dense _output;

    /// <summary>A classifier in float32 on the CPU whose first weights are a function of the seed alone; it starts undecided.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    public NoisyClassifier(NoisyClassifierShape shape, Seed seed)
        : this(shape, new Initialiser(seed))
    {
        MaskSeeds.Of(this, seed.For("dropout"));
    }

    private NoisyClassifier(NoisyClassifierShape shape, Initialiser initial)
        : base(nameof(NoisyClassifier))
    {
        using var owned = initial;
        if (shape.Faults().ToArray() is { Length: > 0 } faults)
            throw new ArgumentException(string.Join(" ", faults), nameof(shape));
        Shape = shape;
        var channels = shape.Encoder.Levels[^1].Channels;
        _encoder = new Encoder(shape.Encoder, new Stack<int>(), initial);
        _middle = new MiddleBlock(shape.Encoder, initial);
        _norm = new GroupNormalisation(channels, shape.Encoder.Residual.GroupsOf(channels), shape.Encoder.Residual.Epsilon);
        _pooling = shape.Pooling == ClassifierPooling.Attention
            ? new AttentionPooling(channels, shape.Encoder.HeadChannelsAt(channels), shape.Positions, initial)
            : null;
        _output = new Dense(channels, shape.Classes, initial, Initialiser.NearZero);
        foreach (var (name, part) in _encoder.Parts())
            register_module(name, part);
        RegisterComponents();
    }

    /// <summary>A classifier whose weights have names and shapes, but take no memory and cannot be computed with.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    internal static NoisyClassifier Outline(NoisyClassifierShape shape) => new(shape, Initialiser.OfOutlines());

    /// <summary>A classifier of zeros, for weights that a file holds: none are drawn that would be replaced.</summary>
    /// <exception cref="ArgumentException">The shape has faults; the message names them all.</exception>
    public static NoisyClassifier Unfilled(NoisyClassifierShape shape)
    {
        var network = new NoisyClassifier(shape, Initialiser.OfZeros());
        MaskSeeds.Of(network, new Seed(0).For("dropout"));
        return network;
    }

    /// <summary>What the classifier was built from.</summary>
    public NoisyClassifierShape Shape { get; }

    /// <summary>Classifies noisy states.</summary>
    /// <param name="state">[N, input channels, H, W], of any H and W.</param>
    /// <param name="time">[N], or [1] for all, of any numeric type.</param>
    /// <returns>[N, classes], of the type of <paramref name="state"/>; the softmax of a row is the distribution over classes.</returns>
    public override Tensor forward(Tensor state, Tensor time)
    {
        using var scope = NewDisposeScope();
        var frame = new Frame(state.shape[2], state.shape[3], Shape.Encoder.SizeMultiple);
        var embedding = _encoder.Embed(time, null, _output.Type);
        var hidden = _encoder.Encode(frame.Around(state.to(_output.Type)), embedding, new Stack<Tensor>());
        hidden = _norm.Activated(_middle.call(hidden, embedding));
        var pooled = _pooling is null ? hidden.mean([2, 3]) : _pooling.call(hidden);
        return _output.call(pooled).to(state.dtype).MoveToOuterDisposeScope();
    }

    /// <summary>log p(label | state, time) in nats: [N].</summary>
    /// <param name="state">[N, input channels, H, W].</param>
    /// <param name="time">[N], or [1] for all.</param>
    /// <param name="labels">[N] of int64.</param>
    public Tensor LogProbability(Tensor state, Tensor time, Tensor labels)
    {
        using var scope = NewDisposeScope();
        return functional.log_softmax(call(state, time), 1).gather(1, labels.unsqueeze(1)).squeeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The gradient of log p(label | state, time) with respect to the state, which steers a sampler: [N, channels, H, W].
    /// </summary>
    /// <remarks>Dhariwal and Nichol 2021, algorithm 1. Also within <c>no_grad</c>; parameters' gradients are left alone.</remarks>
    /// <param name="state">[N, input channels, H, W].</param>
    /// <param name="time">[N], or [1] for all.</param>
    /// <param name="labels">[N] of int64.</param>
    public Tensor Gradient(Tensor state, Tensor time, Tensor labels)
    {
        using var scope = NewDisposeScope();
        using var recording = enable_grad();
        var leaf = state.detach().requires_grad_();
        return autograd.grad([LogProbability(leaf, time, labels).sum()], [leaf])[0].MoveToOuterDisposeScope();
    }
}
