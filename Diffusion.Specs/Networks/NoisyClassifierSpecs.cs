using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

public sealed class NoisyClassifierSpecs
{
    private const double FiniteDifferenceTolerance = 1e-7;

    [Theory]
    [InlineData(ClassifierPooling.Average)]
    [InlineData(ClassifierPooling.Attention)]
    public void The_gradient_is_the_slope_of_the_log_probability(ClassifierPooling pooling)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using var classifier = Tiny.Stirred(new NoisyClassifier(Shape(pooling), Tiny.Seed));
        classifier.to(float64);
        var (state, times, labels) = (randn([2, 1, 10, 12], float64, generator: generator), tensor([0.0, 700.0]), tensor([1L, 4L]));
        var gradient = classifier.Gradient(state, times, labels);
        Assert.Equal(state.shape, gradient.shape);
        for (var direction = 0; direction < 5; direction++)
        {
            var step = randn([2, 1, 10, 12], float64, generator: generator).Times(1e-5);
            using var none = no_grad();
            var rise = classifier.LogProbability(state.Plus(step), times, labels) - classifier.LogProbability(state - step, times, labels);
            var predicted = (gradient * step).sum([1, 2, 3]).Times(2);
            Assert.InRange(
                (rise - predicted).abs().max().item<double>() / predicted.abs().max().item<double>(), 0, FiniteDifferenceTolerance);
        }
    }

    [Theory]
    [InlineData(ClassifierPooling.Average)]
    [InlineData(ClassifierPooling.Attention)]
    public void A_fresh_classifier_is_undecided_and_all_of_it_learns(ClassifierPooling pooling)
    {
        using var scope = NewDisposeScope();
        using var classifier = new NoisyClassifier(Shape(pooling), Tiny.Seed);
        var (state, times, labels) = (Drawn.Normal(3, 1, 28, 28), tensor([0f, 10f, 999f]), tensor([0L, 1L, 2L]));
        var logarithms = classifier.LogProbability(state, times, labels);
        Assert.True(logarithms.allclose(full(3, Number.Of(-Log(5))), 1e-3));
        logarithms.sum().backward();
        foreach (var (name, parameter) in classifier.named_parameters())
        {
            Assert.True(parameter.isfinite().all().item<bool>(), $"{name} is not finite");
            Assert.True(parameter.grad?.isfinite().all().item<bool>(), $"the gradient of {name} is missing or not finite");
        }
    }

    [Fact]
    public void Asking_for_a_gradient_works_without_recording_and_leaves_the_parameters_alone()
    {
        using var scope = NewDisposeScope();
        using var classifier = Tiny.Stirred(new NoisyClassifier(Shape(ClassifierPooling.Attention), Tiny.Seed));
        using var none = no_grad();
        var gradient = classifier.Gradient(Drawn.Normal(2, 1, 8, 8), zeros(1), tensor([1L, 2L]));
        Assert.False(gradient.requires_grad);
        Assert.True(gradient.abs().max().item<float>() > 0);
        Assert.All(classifier.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Fact]
    public void It_learns_to_tell_bright_from_dark_under_noise()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(11, CPU);
        using var classifier = new NoisyClassifier(Shape(ClassifierPooling.Average) with { Classes = 2 }, Tiny.Seed);
        using var optimiser = new ParameterAdam(classifier.parameters(), decay: 0);
        var loss = 1f;
        for (var step = 0; step < 40; step++)
        {
            using var one = NewDisposeScope();
            var labels = randint(0, 2, 16, generator: generator);
            var state = labels.Times(2).Minus(1).reshape(-1, 1, 1, 1).Times(0.5).Plus(randn([16, 1, 8, 8], generator: generator));
            optimiser.Forget();
            var error = classifier.LogProbability(state, full(1, Number.Of(300)), labels).mean().neg();
            error.backward();
            optimiser.Step(3e-3);
            loss = error.item<float>();
        }
        Assert.InRange(loss, 0, 0.2);
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        var shape = Shape(ClassifierPooling.Attention);
        Assert.Throws<ArgumentOutOfRangeException>(() => shape with { Classes = 1 });
        Refused(shape with { Encoder = shape.Encoder with { Labels = new(10, NullLabel.Absent) } }, "takes no labels");
        Refused(shape with { Encoder = shape.Encoder with { Residual = new() { Groups = 3 } } }, "3 groups");
        Refused(shape with { Encoder = Attentionless(5) }, "heads of 5");
    }

    private static void Refused(NoisyClassifierShape shape, string words) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(() => new NoisyClassifier(shape, Tiny.Seed)).Message);

    private static NoisyClassifierShape Shape(ClassifierPooling pooling) => new(Tiny.Shape, 5, pooling);

    private static UNetShape Attentionless(int headChannels) => Tiny.Shape with
    {
        Levels = [UNetLevel.Plain(8), UNetLevel.Plain(16)],
        Middle = new() { Attention = MiddleAttention.None },
        HeadChannels = headChannels,
    };
}
