using System.Globalization;

namespace Diffusion.Host.Devices;

/// <summary>Where tensors are to live.</summary>
public readonly record struct DeviceChoice
{
    private const string Gpu = "cuda";

    private readonly Kind _kind;

    private DeviceChoice(Kind kind, int index) => (_kind, Index) = (kind, index);

    /// <summary>CUDA where there is one, else the CPU.</summary>
    public static DeviceChoice Auto => default;

    /// <summary>Main memory.</summary>
    public static DeviceChoice Cpu => new(Kind.Cpu, 0);

    /// <summary>The first NVIDIA GPU.</summary>
    public static DeviceChoice Cuda => CudaNumber(0);

    /// <summary>An NVIDIA GPU by its number, from 0, in the order of CUDA_VISIBLE_DEVICES where that is set.</summary>
    public static DeviceChoice CudaNumber(int index) => new(Kind.Cuda, Diffusion.Math.Values.Require.AtLeast(index, 0));

    /// <summary>The number of the GPU; 0 where there is no choice.</summary>
    public int Index { get; }

    /// <summary>Whether a GPU was asked for.</summary>
    public bool IsCuda => _kind == Kind.Cuda;

    /// <summary>As it is written: <c>auto</c>, <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    /// <returns>Null where it is none of these.</returns>
    public static DeviceChoice? Parse(string word) => word switch
    {
        "auto" => Auto,
        "cpu" => Cpu,
        Gpu => Cuda,
        _ when word.StartsWith($"{Gpu}:", StringComparison.Ordinal)
            && int.TryParse(word[(Gpu.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var index) => CudaNumber(index),
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => _kind switch
    {
        Kind.Auto => "auto",
        Kind.Cpu => "cpu",
        _ => Index == 0 ? Gpu : string.Create(CultureInfo.InvariantCulture, $"{Gpu}:{Index}"),
    };

    private enum Kind
    {
        Auto,
        Cpu,
        Cuda,
    }
}
