using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The layers of a U-Net of one family.</summary>
/// <remarks>Not a module of its own: the network registers the parts, whose parameters then have the names that files know.</remarks>
internal abstract class UNetBody
{
    /// <summary>The layers that a shape without faults asks for.</summary>
    public static UNetBody Of(UNetShape shape, Initialiser initial) => shape.Architecture switch
    {
        UNetArchitecture.PostNormalised architecture => new PostNormalisedBody(shape, architecture, initial),
        UNetArchitecture.MagnitudePreserving architecture => new MagnitudePreservingBody(shape, architecture, initial),
        _ => new PreNormalisedBody(shape, initial),
    };

    /// <summary>The type of the parameters.</summary>
    public abstract ScalarType Type { get; }

    /// <summary>The parts by the names they are registered under, in order.</summary>
    public abstract IEnumerable<(string Name, Module Part)> Parts();

    /// <summary>Predicts from states in the type of the parameters, whose sides are multiples of the shape's SizeMultiple.</summary>
    /// <exception cref="ArgumentException">Labels were given to an unconditional network, or none to one that has no null
    /// label.</exception>
    public abstract Tensor Compute(Tensor state, Tensor time, Tensor? labels);
}
