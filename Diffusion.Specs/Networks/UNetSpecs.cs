using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class UNetSpecs
{
    internal static readonly Dictionary<string, UNetShape> Named = new()
    {
        ["tiny"] = Tiny.Shape,
        ["labels"] = Tiny.Shape with { Labels = new(10, NullLabel.Learned) { Width = 28 } },
        ["scale and shift"] = Tiny.Shape with { Residual = new() { Groups = 4, Injection = TimeInjection.ScaleAndShift, Dropout = 0.3 } },
        ["residual resampling"] = Tiny.Shape with { Levels = [Resampled(8, Resampling.Residual), Resampled(16, Resampling.Residual)] },
        ["plain resampling"] = Tiny.Shape with { Levels = [Resampled(8, Resampling.Plain), Resampled(16, Resampling.Plain)] },
        ["patches"] = Tiny.Shape with { Patch = 2 },
        ["heads"] = Tiny.Shape with { HeadChannels = 4 },
        ["variance"] = Tiny.Shape with { OutputChannels = 2 },
        ["four levels"] = Tiny.FourLevels,
        ["one level"] = Tiny.Shape with { Levels = [UNetLevel.Attending(8)] },
        ["heads by number"] = Tiny.Shape with { Heads = 2, Time = TimeEmbeddingShape.Ho with { Scale = 0.25, Channels = 12 } },
        ["labels before the layers of the time"] = Tiny.Shape with
        {
            Labels = new(10, NullLabel.Learned) { Entry = LabelEntry.BeforeLayers },
        },
        ["residual blocks of Song et al."] = Tiny.Shape with
        {
            Levels = [.. new[] { 8, 16 }.Select(channels => new UNetLevel(
                channels, new(LevelAttention.Self, Resampling.Residual), new(LevelAttention.Last, Resampling.Residual)))],
            Residual = new() { Groups = 8, LeastGroupWidth = 4, Divisor = 1.5, Shortcut = ResampledShortcut.Convolution },
            StemChannels = 4,
        },
        ["a state that enters at every level"] = Tiny.Shape with
        {
            Levels = [Resampled(8, Resampling.Residual), Resampled(16, Resampling.Residual)],
            Entry = StateEntry.EveryLevel,
            Residual = new() { Groups = 4, Filter = ResamplingFilter.Binomial, Divisor = 1.5 },
            Time = TimeEmbeddingShape.Ho with { Frequencies = [0.5, 2, 7.25, 30], Width = 20 },
        },
        ["root mean square normalisation"] = Tiny.PostNormalised,
        ["labels beside the time"] = Tiny.Labelled,
        ["magnitude-preserving"] = Tiny.MagnitudePreserving,
        ["no middle attention"] = Tiny.Shape with { Middle = new() { Attention = MiddleAttention.None, Divisor = 1.5 } },
        ["unit interval"] = Tiny.Shape with { Centring = InputCentring.FromUnitInterval, Padding = DownsamplePadding.Symmetric },
    };

    public static TheoryData<string> Shapes => [.. Named.Keys];

    [Fact]
    public void The_paper_network_has_35746307_parameters()
    {
        using var network = new UNet(UNetShape.Paper, Tiny.Seed);
        Assert.Equal(35_746_307, network.ParameterCount);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_parameter_starts_finite_and_every_weight_varies(string name)
    {
        using var scope = NewDisposeScope();
        using var network = new UNet(Named[name], Tiny.Seed);
        foreach (var (parameter, value) in network.named_parameters())
        {
            Assert.True(value.isfinite().all().item<bool>(), $"{parameter} is not finite");
            Assert.True(value.abs().max().item<float>() < 6, $"{parameter} is large");
            Assert.True(value.dim() == 1 || value.std().item<float>() > 0, $"{parameter} is constant");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_parameter_gets_a_finite_gradient_and_the_output_has_the_shape_asked_for(string name)
    {
        using var scope = NewDisposeScope();
        var shape = Named[name];
        using var network = new UNet(shape, Tiny.Seed);
        var state = Drawn.Normal(2, shape.InputChannels, 12, 8);
        var labels = shape.Labels is null ? null : tensor([3L, 10L]);
        var output = network.call(state, tensor([0.0, 999.0]), labels);
        Assert.Equal([2, shape.OutputChannels, 12, 8], output.shape);
        output.Squared().sum().backward();
        foreach (var (parameter, value) in network.named_parameters())
            Assert.True(value.grad?.isfinite().all().item<bool>(), $"the gradient of {parameter} is missing or not finite");
    }

    [Fact]
    public void The_first_weights_are_a_function_of_the_seed()
    {
        using var scope = NewDisposeScope();
        using var one = new UNet(Tiny.Shape, Tiny.Seed);
        using var same = new UNet(Tiny.Shape, Tiny.Seed);
        using var other = new UNet(Tiny.Shape, Tiny.Seed.For(1));
        Assert.True(Flat(one).equal(Flat(same)).all().item<bool>());
        Assert.False(Flat(one).allclose(Flat(other)));
    }

    [Fact]
    public void A_fresh_network_predicts_almost_nothing()
    {
        using var scope = NewDisposeScope();
        using var network = new UNet(Tiny.Shape, Tiny.Seed);
        var output = network.call(Drawn.Normal(2, 1, 16, 16), zeros(2), null);
        Assert.InRange(output.abs().max().item<float>(), 1e-9, 1e-3);
    }

    [Theory]
    [InlineData(28, 28)]
    [InlineData(13, 30)]
    [InlineData(1, 1)]
    public void Any_size_comes_back_as_it_was(long height, long width)
    {
        using var scope = NewDisposeScope();
        using var network = new UNet(Tiny.FourLevels, Tiny.Seed);
        var output = network.call(Drawn.Normal(1, 1, height, width), zeros(1), null);
        Assert.Equal([1, 1, height, width], output.shape);
    }

    [Fact]
    public void Padding_is_zeros_around_the_image()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.FourLevels);
        var image = Drawn.Normal(1, 1, 28, 27);
        var whole = network.call(nn.functional.pad(image, [2, 3, 2, 2]), zeros(1), null);
        var inside = network.call(image, zeros(1), null);
        Assert.True(whole.narrow(2, 2, 28).narrow(3, 2, 27).equal(inside).all().item<bool>());
    }

    [Fact]
    public void Without_labels_the_null_label_stands_in()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.Shape with { Labels = new(10, NullLabel.Learned) });
        var state = Drawn.Normal(2, 1, 8, 8);
        var none = network.call(state, zeros(2), null);
        var nulls = network.call(state, zeros(2), full(2, Number.Of(10), int64));
        var threes = network.call(state, zeros(2), full(2, Number.Of(3), int64));
        Assert.True(none.allclose(nulls, 1e-5, 1e-6));
        Assert.False(none.allclose(threes, 1e-2, 1e-2));
    }

    [Fact]
    public void Labels_that_the_network_cannot_take_are_refused()
    {
        using var scope = NewDisposeScope();
        using var unconditional = new UNet(Tiny.Shape, Tiny.Seed);
        using var strict = new UNet(Tiny.Shape with { Labels = new(10, NullLabel.Absent) }, Tiny.Seed);
        var state = zeros(1, 1, 8, 8);
        Assert.Throws<ArgumentException>(() => unconditional.call(state, zeros(1), full(1, Number.Of(3), int64)));
        Assert.Throws<ArgumentException>(() => strict.call(state, zeros(1), null));
    }

    [Fact]
    public void Dropout_acts_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.Shape with { Residual = new() { Groups = 4, Dropout = 0.5 } });
        var state = Drawn.Normal(1, 1, 8, 8);
        Assert.False(network.call(state, zeros(1), null).allclose(network.call(state, zeros(1), null)));
        network.eval();
        Assert.True(network.call(state, zeros(1), null).equal(network.call(state, zeros(1), null)).all().item<bool>());
    }

    [Fact]
    public void A_time_for_all_is_the_same_as_that_time_for_each()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.Shape);
        var state = Drawn.Normal(3, 1, 8, 8);
        var each = network.call(state, full(3, Number.Of(40)), null);
        var all = network.call(state, full(1, Number.Of(40)), null);
        Assert.True(each.allclose(all, 1e-5, 1e-6));
    }

    [Fact]
    public void The_network_follows_its_parameters_type_and_answers_in_the_states()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.Shape);
        var state = Drawn.Normal(2, 1, 8, 8);
        var single = network.call(state, zeros(2), null);
        network.to(float64);
        Assert.All(network.parameters(), parameter => Assert.Equal(float64, parameter.dtype));
        var precise = network.call(state.to(float64), zeros(2), null);
        Assert.Equal(float64, precise.dtype);
        Assert.True(single.allclose(precise.to(float32), 1e-4, 1e-4));
        network.to(bfloat16);
        var coarse = network.call(state, zeros(2), null);
        Assert.Equal(float32, coarse.dtype);
        Assert.InRange((single - coarse).norm().item<float>() / single.norm().item<float>(), 0, 0.05);
    }

    [Fact]
    public void No_tensor_outlives_a_call_but_its_result()
    {
        using var scope = NewDisposeScope();
        using var network = new UNet(Tiny.Shape with { Labels = new(3, NullLabel.Learned) { Width = 28 } }, Tiny.Seed);
        var (state, time) = (Drawn.Normal(1, 1, 13, 12), zeros(1));
        network.call(state, time, null).Dispose();
        var before = scope.DisposablesCount;
        network.call(state, time, null).Dispose();
        Assert.Equal(before, scope.DisposablesCount);
    }

    [Fact]
    public void A_network_outlives_the_scope_it_was_built_in()
    {
        UNet network;
        using (NewDisposeScope())
            network = new UNet(Tiny.Shape with { Labels = new(3, NullLabel.Learned) }, Tiny.Seed);
        using (network)
            Assert.All(network.parameters(), parameter => Assert.False(parameter.IsInvalid));
    }

    private static UNetLevel Resampled(int channels, Resampling resampling)
    {
        var block = new BlockShape(LevelAttention.Self, resampling);
        return new(channels, block, block);
    }

    private static Tensor Flat(UNet network) => cat([.. network.parameters().Select(parameter => parameter.detach().flatten())]);
}
