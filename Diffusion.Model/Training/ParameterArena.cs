using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>All parameters of a network in one flat tensor, and all gradients in another: what concerns all of them is one call.</summary>
/// <remarks>
/// The network's parameters become views into <see cref="Values"/>, and backward passes add into <see cref="Gradients"/>. Build it last:
/// moving the network to another device or type afterwards would break the views.
/// </remarks>
public sealed class ParameterArena : IDisposable
{
    // Each parameter begins at a multiple of 64 bytes in float32, as it would in memory of its own.
    private const int Alignment = 16;

    /// <summary>Moves the parameters of a network, which stays usable, into flat tensors on their device.</summary>
    /// <exception cref="ArgumentException">There is no parameter, or they differ in type or device.</exception>
    public ParameterArena(nn.Module network)
    {
        var parameters = network.named_parameters().ToArray();
        if (parameters.Length == 0)
            throw new ArgumentException("The network has no parameters.", nameof(network));
        var first = parameters[0].parameter;
        if (parameters.FirstOrDefault(item => item.parameter.dtype != first.dtype
            || item.parameter.device.ToString() != first.device.ToString()) is { name: { } odd })
            throw new ArgumentException($"Parameter {odd} differs from {parameters[0].name} in type or device.", nameof(network));

        Slices = Layout(parameters);
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var length = Slices[^1].Offset + Aligned(Slices[^1].Length);
        Values = Flat(length, first).DetachFromDisposeScope();
        Gradients = Flat(length, first).DetachFromDisposeScope();
        foreach (var (slice, (_, parameter)) in Slices.Zip(parameters))
        {
            var view = slice.Of(Values);
            view.copy_(parameter);
            parameter.set_(view);
            parameter.grad = slice.Of(Gradients);
        }
    }

    /// <summary>All parameters, one-dimensional; the gaps between them are and stay zero.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, in the same places.</summary>
    public Tensor Gradients { get; }

    /// <summary>Where each parameter lies, in the network's order.</summary>
    public Sequence<ParameterSlice> Slices { get; }

    /// <summary>The number of numbers that training changes.</summary>
    public long ParameterCount => Slices.Sum(slice => slice.Length);

    /// <summary>A new flat tensor of zeros of the same length, type and device; the caller owns it.</summary>
    public Tensor NewFlat() => NewFlat(Values.numel());

    /// <summary>A new flat tensor of zeros of some length, of the same type and device; the caller owns it.</summary>
    /// <param name="length">At least 0.</param>
    public Tensor NewFlat(long length) => Flat(length, Values).DetachFromDisposeScope();

    /// <summary>Runs <paramref name="use"/> while the network's parameters have other values, and puts the present ones back.</summary>
    public T With<T>(Tensor values, Func<T> use)
    {
        using var guard = no_grad();
        using var present = Values.clone();
        Values.copy_(values);
        try
        {
            return use();
        }
        finally
        {
            Values.copy_(present);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Values.Dispose();
        Gradients.Dispose();
    }

    private static Tensor Flat(long length, Tensor like)
    {
        var flat = zeros(length, like.dtype, like.device);
        if (length > 0)
            NativeMemory.UseHugePages(flat);
        return flat;
    }

    private static Sequence<ParameterSlice> Layout((string name, Parameter parameter)[] parameters)
    {
        var offset = 0L;
        return parameters.Select(item =>
        {
            var slice = new ParameterSlice(item.name, offset, item.parameter.shape.ToSequence());
            offset += Aligned(slice.Length);
            return slice;
        }).ToSequence();
    }

    private static long Aligned(long length) => (length + Alignment - 1) / Alignment * Alignment;
}

/// <summary>Where one parameter lies in a flat tensor.</summary>
/// <param name="Name">The parameter's name in the network.</param>
/// <param name="Offset">Its first element.</param>
/// <param name="Shape">Its shape.</param>
public sealed record ParameterSlice(string Name, long Offset, Sequence<long> Shape)
{
    /// <summary>How many elements it has.</summary>
    public long Length => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>A view of this parameter's part of a flat tensor.</summary>
    public Tensor Of(Tensor flat)
    {
        using var part = flat.narrow(0, Offset, Length);
        return part.view([.. Shape]);
    }
}
