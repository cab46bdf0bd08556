using Diffusion.Math.Values;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>Makes the first values of parameters, from one seed and in the order in which they are asked for.</summary>
/// <remarks>
/// Weights are uniform with variance gain / ((fan-in + fan-out) / 2), biases zero, as in the code of Ho et al. 2020. All are made here
/// because TorchSharp's own layers draw from the global generator, and its group normalisation starts as uninitialised memory.
/// </remarks>
internal sealed class Initialiser : IDisposable
{
    /// <summary>The gain that keeps the variance of activations.</summary>
    public const double Unit = 1;

    /// <summary>The gain of the last layer of a residual branch: the branch starts as almost nothing.</summary>
    public const double NearZero = 1e-10;

    private readonly Generator? _generator;
    private readonly Device _device = CPU;

    /// <summary>Values that are a function of the seed alone.</summary>
    public Initialiser(Seed seed) => _generator = new(seed.Value, CPU);

    private Initialiser(Device device) => _device = device;

    /// <summary>One whose weights and tables are only shapes.</summary>
    public static Initialiser OfOutlines() => new(META);

    /// <summary>One whose weights and tables are zeros, in memory that nobody has touched: for weights that a file holds.</summary>
    public static Initialiser OfZeros() => new(CPU);

    /// <summary>A weight of shape [output, input, …].</summary>
    public Parameter Weight(double gain, params ReadOnlySpan<long> shape)
    {
        long kernel = 1;
        foreach (var extent in shape[2..])
            kernel *= extent;
        var bound = Sqrt(3 * gain / (kernel * (shape[0] + shape[1]) / 2.0));
        return _generator is null ? Blank(shape) : Kept(empty(shape.ToArray(), float32).uniform_(-bound, bound, _generator));
    }

    /// <summary>A table of standard normal numbers.</summary>
    public Parameter Normal(params ReadOnlySpan<long> shape) =>
        _generator is null ? Blank(shape) : Kept(empty(shape.ToArray(), float32).normal_(0, 1, _generator));

    /// <summary>A vector of zeros.</summary>
    public static Parameter Zeros(long count) => Kept(zeros(count, float32));

    /// <summary>A vector of ones.</summary>
    public static Parameter Ones(long count) => Kept(ones(count, float32));

    /// <inheritdoc/>
    public void Dispose() => _generator?.Dispose();

    private Parameter Blank(params ReadOnlySpan<long> shape) =>
        Kept(_device.type == DeviceType.META ? empty(shape.ToArray(), float32, device: META) : zeros(shape.ToArray(), float32));

    // A network lives until it is disposed, not until the end of the scope it happens to be built in.
    private static Parameter Kept(Tensor values)
    {
        var parameter = new Parameter(values);
        parameter.DetachFromDisposeScope();
        return parameter;
    }
}
