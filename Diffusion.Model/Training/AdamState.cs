using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The numbers Adam keeps between updates, and those of the update at hand; all stay on the device.</summary>
/// <param name="FirstMoment">Average of the gradients, flat.</param>
/// <param name="SecondMoment">Average of their squares, flat.</param>
/// <param name="Updates">How many updates were applied; a single float32.</param>
public sealed record AdamState(Tensor FirstMoment, Tensor SecondMoment, Tensor Updates) : IDisposable
{
    /// <summary>The learning rate; a single float64.</summary>
    public Tensor Rate { get; } = Zero(float64, Updates.device);

    /// <summary>What gradients are divided by; a single float32, at least 1.</summary>
    public Tensor GradientScale { get; } = ones_like(Updates).DetachFromDisposeScope();

    /// <summary>1 where the gradients are not finite and the update must not happen, else 0; a single float32.</summary>
    public Tensor Overflow { get; } = zeros_like(Updates).DetachFromDisposeScope();

    /// <summary>The state before the first update of some of an arena's parameters.</summary>
    /// <param name="arena">All parameters.</param>
    /// <param name="length">How many of them.</param>
    public static AdamState Of(ParameterArena arena, long length) =>
        new(arena.NewFlat(length), arena.NewFlat(length), Zero(float32, arena.Values.device));

    /// <summary>Counts an update, unless it overflowed.</summary>
    public void Count() => Updates.add_(Overflow.SubtractedFrom(1), Number.One);

    /// <summary>The same numbers for a part of the parameters only, which lie in the memory of these.</summary>
    /// <param name="first">The first parameter.</param>
    /// <param name="length">How many.</param>
    public AdamState Part(long first, long length) =>
        this with { FirstMoment = FirstMoment.narrow(0, first, length), SecondMoment = SecondMoment.narrow(0, first, length) };

    // A single number, not a row of one.
    private static Tensor Zero(ScalarType type, Device device)
    {
        using var row = zeros(1, type, device);
        return row.squeeze(0).DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in (Tensor[])[FirstMoment, SecondMoment, Updates, Rate, GradientScale, Overflow])
            tensor.Dispose();
    }
}
