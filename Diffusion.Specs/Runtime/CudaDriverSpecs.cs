using System.Runtime.InteropServices;
using Diffusion.Model.Runtime;

namespace Diffusion.Specs.Runtime;

public sealed unsafe class CudaDriverSpecs
{
    [Fact]
    public void A_driver_is_asked_for_its_cards_by_name_and_memory() =>
        Assert.Equal([new GraphicsCard("A", 1L << 36), new GraphicsCard("AB", 1L << 37)], CudaDriver.Ask(Function));

    [Theory]
    [InlineData("cuInit")]
    [InlineData("cuDeviceTotalMem_v2")]
    public void A_driver_without_a_function_offers_no_card(string missing) =>
        Assert.Empty(CudaDriver.Ask(name => name == missing ? 0 : Function(name)));

    [Fact]
    public void A_driver_that_does_not_begin_offers_no_card() =>
        Assert.Empty(CudaDriver.Ask(name => name == "cuInit" ? (nint)(delegate* unmanaged<uint, int>)&Refuse : Function(name)));

    // A driver of two cards, and a third that is ill.
    private static nint Function(string name) => name switch
    {
        "cuInit" => (nint)(delegate* unmanaged<uint, int>)&Begin,
        "cuDeviceGetCount" => (nint)(delegate* unmanaged<int*, int>)&Count,
        "cuDeviceGet" => (nint)(delegate* unmanaged<int*, int, int>)&Get,
        "cuDeviceGetName" => (nint)(delegate* unmanaged<byte*, int, int, int>)&Name,
        "cuDeviceTotalMem_v2" => (nint)(delegate* unmanaged<nuint*, int, int>)&Memory,
        _ => 0,
    };

    [UnmanagedCallersOnly]
    private static int Begin(uint flags) => flags == 0 ? 0 : 1;

    [UnmanagedCallersOnly]
    private static int Refuse(uint flags) => 100;

    [UnmanagedCallersOnly]
    private static int Count(int* count)
    {
        *count = 3;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Get(int* device, int index)
    {
        *device = index + 1;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Name(byte* text, int length, int device)
    {
        for (var at = 0; at < device; at++)
            text[at] = (byte)('A' + at);
        text[device] = 0;
        return 0;
    }

    [UnmanagedCallersOnly]
    private static int Memory(nuint* bytes, int device)
    {
        *bytes = (nuint)1 << (35 + device);
        return device == 3 ? 999 : 0;
    }
}
