using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Runtime;

/// <summary>
/// While it lives, matrix products and convolutions on the calling thread run in a shorter type, whatever their arguments' type.
/// </summary>
/// <remarks>
/// libtorch's own mechanism (Micikevicius et al. 2018, "Mixed precision training"), which TorchSharp does not bind: it is reached through
/// the names its C++ functions have under the Itanium ABI, so not on Windows; ask <see cref="IsAvailable"/>. Put it around the
/// forward pass and the loss; the backward pass follows the types that the forward pass chose. Scopes nest.
/// </remarks>
public sealed unsafe class Autocast : IDisposable
{
    private static readonly Entry? Library = Entry.Find();

    private readonly sbyte _device;
    private readonly byte _enabledBefore;
    private readonly sbyte _typeBefore;
    private bool _disposed;

    private Autocast(Entry library, sbyte device, sbyte type)
    {
        _device = device;
        (_enabledBefore, _typeBefore) = (library.IsEnabled(device), library.TypeOf(device));
        library.SetType(device, type);
        library.SetEnabled(device, 1);
        library.Enter();
    }

    /// <summary>Whether this libtorch can be asked for it.</summary>
    [MemberNotNullWhen(true, nameof(Library))]
    public static bool IsAvailable => Library is not null;

    /// <summary>Begins a scope on the calling thread; dispose it on the same thread.</summary>
    /// <param name="device">The device whose operations are meant.</param>
    /// <param name="type">The shorter type, bfloat16 or float16.</param>
    /// <exception cref="NotSupportedException"><see cref="IsAvailable"/> is false.</exception>
    public static Autocast To(DeviceType device, ScalarType type) => IsAvailable
        ? new(Library, (sbyte)device, (sbyte)type)
        : throw new NotSupportedException($"This libtorch ({LibTorch.Folder}) offers no autocast that can be called by name.");

    /// <summary>Restores what was before. Casts of weights are kept for reuse until the outermost scope ends.</summary>
    public void Dispose()
    {
        if (_disposed || Library is null)
            return;
        _disposed = true;
        if (Library.Leave() == 0)
            Library.ClearCache();
        Library.SetType(_device, _typeBefore);
        Library.SetEnabled(_device, _enabledBefore);
    }

    private sealed class Entry
    {
        public required delegate* unmanaged<sbyte, byte> IsEnabled { get; init; }

        public required delegate* unmanaged<sbyte, byte, void> SetEnabled { get; init; }

        public required delegate* unmanaged<sbyte, sbyte> TypeOf { get; init; }

        public required delegate* unmanaged<sbyte, sbyte, void> SetType { get; init; }

        public required delegate* unmanaged<int> Enter { get; init; }

        public required delegate* unmanaged<int> Leave { get; init; }

        public required delegate* unmanaged<void> ClearCache { get; init; }

        public static Entry? Find()
        {
            InitializeDeviceType(DeviceType.CPU);
            if (LibTorch.Folder is null || !NativeLibrary.TryLoad(Path.Combine(LibTorch.Folder, "libtorch_cpu.so"), out var library))
                return null;
            nint[] found = [.. Names.Select(name => NativeLibrary.TryGetExport(library, $"_ZN2at8autocast{name}", out var at) ? at : 0)];
            return found.Contains(0) ? null : new()
            {
                IsEnabled = (delegate* unmanaged<sbyte, byte>)found[0],
                SetEnabled = (delegate* unmanaged<sbyte, byte, void>)found[1],
                TypeOf = (delegate* unmanaged<sbyte, sbyte>)found[2],
                SetType = (delegate* unmanaged<sbyte, sbyte, void>)found[3],
                Enter = (delegate* unmanaged<int>)found[4],
                Leave = (delegate* unmanaged<int>)found[5],
                ClearCache = (delegate* unmanaged<void>)found[6],
            };
        }

        private static readonly string[] Names =
        [
            "19is_autocast_enabledEN3c1010DeviceTypeE",
            "20set_autocast_enabledEN3c1010DeviceTypeEb",
            "18get_autocast_dtypeEN3c1010DeviceTypeE",
            "18set_autocast_dtypeEN3c1010DeviceTypeENS1_10ScalarTypeE",
            "17increment_nestingEv",
            "17decrement_nestingEv",
            "11clear_cacheEv",
        ];
    }
}
