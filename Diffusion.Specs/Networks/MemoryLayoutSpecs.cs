using Diffusion.Model.Networks;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class MemoryLayoutSpecs
{
    // Of float64, where sums in another order differ in the last digits; relative to the largest number, for some gradients are zero but
    // for rounding.
    private const double Rounding = 1e-12;

    public static TheoryData<string> Shapes => UNetSpecs.Shapes;

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Outputs_and_gradients_are_the_same_with_the_channels_last(string name)
    {
        using var scope = NewDisposeScope();
        var shape = UNetSpecs.Named[name];
        using var network = Tiny.Lively(shape);
        network.to(float64);
        // What is dropped is drawn anew in every call.
        network.eval();
        var labels = shape.Labels is null ? null : tensor([3L, 10L]);
        Same(network, state => network.call(state, tensor([0.0, 999.0]), labels), shape.InputChannels);
    }

    [Fact]
    public void A_classifier_is_the_same_with_the_channels_last()
    {
        using var scope = NewDisposeScope();
        using var classifier = Tiny.Stirred(new NoisyClassifier(new(Tiny.Shape, 3, ClassifierPooling.Attention), Tiny.Seed));
        classifier.to(float64);
        classifier.eval();
        Same(classifier, state => classifier.call(state, tensor([0.0, 999.0])), 1);
    }

    [Fact]
    public void A_convolution_computes_in_the_layout_it_was_given()
    {
        using var scope = NewDisposeScope();
        using var initial = new Initialiser(Tiny.Seed);
        using var convolution = Convolution.Same(3, 8, initial);
        var images = Drawn.Normal(2, 3, 6, 5);
        Assert.Equal([240, 30, 5, 1], convolution.call(images).stride());
        convolution.Arrange(MemoryLayout.ChannelsLast);
        Assert.Equal([240, 1, 40, 8], convolution.call(images).stride());
        Assert.True(convolution.parameters().All(parameter => parameter.is_contiguous()), "weights stay as they are");
        convolution.Arrange(MemoryLayout.ChannelsFirst);
        Assert.Equal([240, 30, 5, 1], convolution.call(images).stride());
    }

    [Theory]
    [InlineData(MemoryLayout.ChannelsFirst)]
    [InlineData(MemoryLayout.ChannelsLast)]
    public void A_convolution_behind_repeated_pixels_is_folded_into_one_before_them(MemoryLayout layout)
    {
        using var scope = NewDisposeScope();
        using var initial = new Initialiser(Tiny.Seed);
        using var convolution = Convolution.Same(3, 5, initial);
        convolution.to(float64);
        using (no_grad())
            foreach (var parameter in convolution.parameters())
                parameter.copy_(Drawn.Normal(parameter.shape, 3, float64));
        convolution.Arrange(layout);
        var expected = Gradients(state => convolution.call(Upsampling.Repeated(state)));
        foreach (var (one, other) in expected.Zip(Gradients(convolution.AfterRepeating)))
            Assert.True((one - other).abs().max().item<double>() <= Rounding * one.abs().max().item<double>());
        using var none = no_grad();
        Assert.True((convolution.AfterRepeating(State) - expected[0]).abs().max().item<double>() <= 1e-12);

        Tensor[] Gradients(Func<Tensor, Tensor> output)
        {
            convolution.zero_grad();
            var state = State.requires_grad_();
            var answer = output(state);
            Assert.Equal([2, 5, 14, 10], answer.shape);
            (answer * Drawn.Normal(answer.shape, 2, float64)).sum().backward();
            return [answer.detach(), state.grad!, .. convolution.parameters().Select(parameter => parameter.grad!.clone())];
        }
    }

    private static Tensor State => Drawn.Normal([2, 3, 7, 5], 1, float64);

    [Fact]
    public void Images_that_have_their_channels_last_are_not_copied()
    {
        using var scope = NewDisposeScope();
        var images = Drawn.Normal(2, 3, 6, 5);
        var last = images.WithChannelsLast();
        Assert.True(last.equal(images).all().item<bool>());
        Assert.Equal([90, 1, 15, 3], last.stride());
        last.WithChannelsLast()[0, 0, 0, 0] = 7;
        Assert.Equal(7, last[0, 0, 0, 0].item<float>());
        Assert.NotEqual(7, images[0, 0, 0, 0].item<float>());
    }

    [Fact]
    public void A_cpu_computes_in_float32_with_the_channels_first_whatever_a_recipe_made_elsewhere_says()
    {
        using var images = Small.Images();
        float[] Weights(MemoryLayout layout)
        {
            using var run = new TrainingRun(Small.Recipe with { Layout = layout }, images, CPU);
            run.Advance();
            run.Advance();
            return [.. run.Arena.Values.data<float>()];
        }
        Assert.Equal(Weights(MemoryLayout.ChannelsFirst), Weights(MemoryLayout.ChannelsLast));
    }

    private static void Same(nn.Module network, Func<Tensor, Tensor> output, int channels)
    {
        network.Arrange(MemoryLayout.ChannelsFirst);
        var expected = Gradients();
        network.Arrange(MemoryLayout.ChannelsLast);
        var actual = Gradients();
        var scale = expected.Max(found => found.Numbers.abs().max().item<double>());
        foreach (var ((name, one), (_, other)) in expected.Zip(actual))
            Assert.True((one - other).abs().max().item<double>() <= Rounding * scale, name);

        List<(string Name, Tensor Numbers)> Gradients()
        {
            network.zero_grad();
            var state = Drawn.Normal([2, channels, 12, 8], 1, float64).requires_grad_();
            var answer = output(state);
            // Every number counts differently, so that a gradient in another place would show.
            (answer * Drawn.Normal(answer.shape, 2, float64)).sum().backward();
            return [("the output", answer.detach()), ("the gradient of the state", state.grad!),
                .. network.named_parameters().Select(named => ($"the gradient of {named.name}", named.parameter.grad!.clone()))];
        }
    }
}
