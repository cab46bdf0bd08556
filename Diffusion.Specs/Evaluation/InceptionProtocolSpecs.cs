using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class InceptionProtocolSpecs : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => [.. InceptionProtocol.All.Select(protocol => protocol.Name)];

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Images_of_the_networks_size_are_only_scaled()
    {
        var bytes = Drawn.Bytes(2, 3, 299, 299);
        var numbers = bytes.to(float64);
        Near(numbers.Over(255).Times(2).Minus(1), new InceptionProtocol.PytorchFid().Prepare(bytes, float64), 1e-12);
        Near(numbers.Minus(128).Over(128), new InceptionProtocol.TorchFidelity().Prepare(bytes, float64), 1e-12);
    }

    [Fact]
    public void The_first_puts_pixel_centres_on_each_other_and_the_second_their_corners()
    {
        // Each pixel's value is its column: what comes out says which coordinate was read.
        var ramp = Number.Range(0, 64, ScalarType.Byte, CPU).expand(1, 1, 8, 64).contiguous();
        var columns = Number.Range(0, 299, float64, CPU);
        var centres = columns.Plus(0.5).Times(64 / 299.0).Minus(0.5).clamp(Number.Of(0), Number.Of(63));
        var corners = columns.Times(64 / 299.0).clamp_max(Number.Of(63));
        Near(centres.Over(255).Times(2).Minus(1), new InceptionProtocol.PytorchFid().Prepare(ramp, float64)[0, 1, 7], 1e-6);
        Near(corners.Minus(128).Over(128), new InceptionProtocol.TorchFidelity().Prepare(ramp, float64)[0, 1, 7], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Grey_images_become_three_equal_channels(string name)
    {
        var protocol = InceptionProtocol.All.Single(item => item.Name == name);
        var grey = Drawn.Bytes(2, 1, 28, 28);
        Near(protocol.Prepare(grey.expand(-1, 3, -1, -1).contiguous(), float32), protocol.Prepare(grey, float32), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_transposed_image_is_resized_to_the_transposed_result(string name)
    {
        var protocol = InceptionProtocol.All.Single(item => item.Name == name);
        var image = Drawn.Bytes(1, 3, 20, 50);
        Near(protocol.Prepare(image, float64).mT, protocol.Prepare(image.mT.contiguous(), float64), 1e-12);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Other_channels_and_types_are_refused(string name)
    {
        var protocol = InceptionProtocol.All.Single(item => item.Name == name);
        Assert.Contains(
            "[1, 4, 8, 8]", Assert.Throws<ArgumentException>(() => protocol.Prepare(zeros(1, 4, 8, 8, ScalarType.Byte), float32)).Message);
        Assert.Contains("Float32", Assert.Throws<ArgumentException>(() => protocol.Prepare(zeros(1, 3, 8, 8), float32)).Message);
    }

    private static void Near(Tensor expected, Tensor actual, double tolerance)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange((expected - actual).abs().max().to(float64).item<double>(), 0, tolerance);
    }
}
