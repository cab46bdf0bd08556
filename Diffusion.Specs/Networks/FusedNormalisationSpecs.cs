using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

/// <summary>Group normalisation with all around it in one pass, beside libtorch's operations in float64.</summary>
public sealed class FusedNormalisationSpecs
{
    // Half a unit in the last of eight binary digits, and float32's rounding before it.
    private const double HalfUnit = 1 / 256.0 + 1e-5;

    [Theory]
    [InlineData(3, 64, 16, 32, true)]
    [InlineData(2, 64, 5, 64, false)]
    [InlineData(2, 96, 7, 8, true)]
    [InlineData(1, 32, 1, 1, true)]
    public void Outputs_and_gradients_are_those_of_the_definition(int images, int channels, int side, int groups, bool activated)
    {
        using var scope = NewDisposeScope();
        var after = activated ? Nonlinearity.Silu : Nonlinearity.None;
        var state = Drawn.Normal([images, channels, side, side], 1).Times(2).Plus(3).to(bfloat16);
        var line = Drawn.Normal([3, images, channels], 2);
        var gradient = Drawn.Normal(state.shape, 3).to(bfloat16);
        var kernel = new NormalisationKernel(side * side, channels, groups, 1e-6f, after);
        var (given, expected) = (new Leaves(state, line), new Leaves(state.to(float64), line.to(float64)));
        var output = FusedNormalisation.Of(given.State, given.Line, kernel);
        var exact = Definition(expected.State, expected.Line, groups, after);
        output.backward([gradient]);
        exact.backward([gradient.to(float64)]);

        Assert.Equal([side * side * channels, 1, side * channels, channels], output.stride());
        Close(exact, output, exact.abs().Times(HalfUnit).Plus(1e-5));
        // One group of a single pixel and one channel has no slope; its parts cancel.
        var slope = expected.State.grad!;
        Close(slope, given.State.grad!, slope.abs().Times(HalfUnit).Plus(slope.abs().max().Plus(1).Times(1e-5)));
        var ofLine = expected.Line.grad!;
        Close(ofLine, given.Line.grad!, ofLine.abs().max().Plus(1).Times(1e-5));
        using var none = no_grad();
        Assert.Equal(Bits(output), Bits(FusedNormalisation.Of(state, line, kernel)));
    }

    [Fact]
    public void A_mean_far_above_the_spread_costs_no_digits()
    {
        using var scope = NewDisposeScope();
        // Whole numbers from 1,000 to 1,024 have four digits more than bfloat16 holds: steps of 8.
        var state = Drawn.Normal([1, 32, 8, 8], 1).Times(8).Plus(1000).to(bfloat16);
        var line = stack([zeros(1, 32), ones(1, 32), zeros(1, 32)]);
        var output = FusedNormalisation.Of(state, line, new(64, 32, 4, 1e-6f, Nonlinearity.None));
        var exact = Definition(state.to(float64), line.to(float64), 4, Nonlinearity.None);
        Close(exact, output, exact.abs().Times(HalfUnit).Plus(1e-4));
    }

    [Fact]
    public void Neither_threads_nor_the_rest_of_a_batch_change_a_bit()
    {
        using var scope = NewDisposeScope();
        var state = Drawn.Normal([5, 32, 6, 6], 1).to(bfloat16);
        var line = Drawn.Normal([3, 5, 32], 2);
        var kernel = new NormalisationKernel(36, 32, 8, 1e-5f, Nonlinearity.Silu);
        var together = Gradients(state, line, kernel);
        var before = get_num_threads();
        try
        {
            set_num_threads(before == 1 ? 3 : 1);
            Assert.Equal(together, Gradients(state, line, kernel));
        }
        finally
        {
            set_num_threads(before);
        }
        using var none = no_grad();
        var output = FusedNormalisation.Of(state, line, kernel);
        Assert.Equal(Bits(output[3..4]), Bits(FusedNormalisation.Of(state[3..4], line.narrow(1, 3, 1), kernel)));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void What_is_no_number_stays_none_and_in_its_example(float value)
    {
        using var scope = NewDisposeScope();
        var state = Drawn.Normal([2, 32, 4, 4], 1).to(bfloat16);
        state[1, 7, 2, 2] = value;
        var line = stack([zeros(2, 32), ones(2, 32), zeros(2, 32)]);
        var output = FusedNormalisation.Of(state, line, new(16, 32, 1, 1e-6f, Nonlinearity.Silu)).to(float32);
        Assert.True(output[0].isfinite().all().item<bool>());
        Assert.True(output[1].isnan().all().item<bool>());
    }

    [Fact]
    public void A_constant_image_is_its_bias_and_large_numbers_do_not_overflow()
    {
        using var scope = NewDisposeScope();
        var kernel = new NormalisationKernel(16, 32, 4, 1e-6f, Nonlinearity.Silu);
        // Halves have their values in bfloat16; SiLU of ±60,000 is 60,000 and 0.
        var line = stack([zeros(1, 32), ones(1, 32), linspace(-8, 7.5, 32).unsqueeze(0)]);
        var output = FusedNormalisation.Of(full([1, 32, 4, 4], Number.Of(3), bfloat16), line, kernel);
        var exact = nn.functional.silu(line[2].to(float64)).view(1, 32, 1, 1).expand(1, 32, 4, 4);
        // x·1000 + (bias − 3000), to float32's rounding of 3000.
        Close(exact, output, exact.abs().Times(HalfUnit).Plus(1e-3));
        var steep = stack([zeros(1, 32), full(1, 32, Number.Of(60_000)), zeros(1, 32)]);
        var large = FusedNormalisation.Of(Drawn.Normal([1, 32, 4, 4], 1).to(bfloat16), steep, kernel).to(float32);
        Assert.True(large.isfinite().all().item<bool>());
        Assert.True(large.min().item<float>() is <= 0 and > -0.3f && large.max().item<float>() > 60_000);
    }

    [Fact]
    public void A_network_in_bfloat16_is_as_near_to_float32_with_the_channels_last()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        foreach (var injection in Enum.GetValues<TimeInjection>())
        {
            using var network = Tiny.Lively(Wide with { Residual = Wide.Residual with { Injection = injection } });
            var exact = Pass(MemoryLayout.ChannelsFirst, ScalarType.Float32);
            var first = Pass(MemoryLayout.ChannelsFirst, ScalarType.BFloat16);
            var last = Pass(MemoryLayout.ChannelsLast, ScalarType.BFloat16);
            for (var part = 0; part < exact.Count; part++)
            {
                var (one, other) = (Distance(first[part], exact[part]), Distance(last[part], exact[part]));
                Assert.True(other is > 0 and < 0.03 && other < 1.25 * one, $"{injection}, {part}: {one}, {other}");
            }

            List<Tensor> Pass(MemoryLayout layout, ScalarType type)
            {
                network.Arrange(layout);
                network.zero_grad();
                using var cast = type == ScalarType.BFloat16 ? Autocast.To(DeviceType.CPU, type) : null;
                var state = Drawn.Normal([4, 3, 8, 8], 1).requires_grad_();
                var output = network.call(state, tensor([0.0, 10, 500, 999]), tensor([3L, 0, 1, 2])).to(float32);
                (output * Drawn.Normal(output.shape, 2)).sum().backward();
                return [output.detach(), state.grad!, cat([.. network.parameters().Select(parameter => parameter.grad!.flatten())])];
            }
        }
    }

    [Fact]
    public void One_time_for_all_images_is_that_time_for_each()
    {
        if (!Autocast.IsAvailable)
            return;
        using var scope = NewDisposeScope();
        using var none = no_grad();
        foreach (var injection in Enum.GetValues<TimeInjection>())
        {
            using var network = Tiny.Lively(Wide with { Residual = Wide.Residual with { Injection = injection }, Labels = null });
            network.Arrange(MemoryLayout.ChannelsLast);
            using var cast = Autocast.To(DeviceType.CPU, ScalarType.BFloat16);
            var state = Drawn.Normal([4, 3, 8, 8], 1);
            var (one, each) = (network.call(state, tensor([500.0]), null), network.call(state, full(4, Number.Of(500.0), float64), null));
            Assert.True(Distance(one.to(float32), each.to(float32)) < 0.01, $"{injection}");
        }
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        var state = Drawn.Normal([2, 32, 4, 4], 1).to(bfloat16);
        var line = Drawn.Normal([3, 2, 32], 2);
        void Pass() => Gradients(state, line, new(16, 32, 4, 1e-6f, Nonlinearity.Silu));
        Pass();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var pass = 0; pass < 20; pass++)
            Pass();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static UNetShape Wide => Tiny.Shape with
    {
        InputChannels = 3,
        OutputChannels = 3,
        Levels = [UNetLevel.Plain(32), UNetLevel.Attending(64)],
        Labels = new(4, NullLabel.Learned),
    };

    private static Tensor Definition(Tensor state, Tensor line, int groups, Nonlinearity after)
    {
        var parts = line.unsqueeze(-1).unsqueeze(-1).unbind(0);
        var output = nn.functional.group_norm(state.Plus(parts[0]), groups, eps: 1e-6).mul(parts[1]).Plus(parts[2]);
        return after == Nonlinearity.Silu ? nn.functional.silu(output) : output;
    }

    private static void Close(Tensor expected, Tensor actual, Tensor tolerance) =>
        Assert.True(((actual.to(float64) - expected).abs() <= tolerance).all().item<bool>(),
            $"{(actual.to(float64) - expected).abs().max().item<double>()}");

    private static double Distance(Tensor found, Tensor exact) => ((found - exact).norm() / exact.norm()).item<float>();

    private static string Gradients(Tensor state, Tensor line, NormalisationKernel kernel)
    {
        using var scope = NewDisposeScope();
        var given = new Leaves(state, line);
        var output = FusedNormalisation.Of(given.State, given.Line, kernel);
        output.backward([ones_like(output)]);
        return Bits(output) + Bits(given.State.grad!) + Bits(given.Line.grad!);
    }

    private static string Bits(Tensor tensor) => Convert.ToHexString(tensor.detach().contiguous().bytes);

    private sealed record Leaves
    {
        public Leaves(Tensor state, Tensor line) =>
            (State, Line) = (state.detach().clone().requires_grad_(), line.detach().clone().requires_grad_());

        public Tensor State { get; }

        public Tensor Line { get; }
    }
}
