using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

public sealed class SteeringSpecs
{
    private const double FiniteDifferenceTolerance = 1e-7;
    private static readonly NoiseSchedule.Linear Schedule = new(100);
    private static readonly NoisyClassifierShape Shape = new(
        Small.Network with { Residual = new() { Groups = 4 } }, 3, ClassifierPooling.Attention);

    public static TheoryData<ClassifierGuidance> Forms(double scale) =>
        [new ClassifierGuidance.MeanShift(scale), new ClassifierGuidance.ScoreShift(scale)];

    [Fact]
    public void The_gradient_is_the_slope_in_the_state_also_where_the_network_sees_it_in_another_scale()
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var network = Tiny.Stirred(new NoisyClassifier(Shape, Tiny.Seed));
        network.to(float64);
        var (labels, level, prediction) = (tensor(new[] { 2L, 0 }), new NoiseSchedule.Edm().LevelAt(3), new Prediction.Preconditioned());
        var scale = prediction.ReadoutAt(level.Marginal).InputScale;
        Assert.NotEqual(1, scale, 2);
        Tensor Logarithm(Tensor state) => network.LogProbability(state.Times(scale), full(1, Number.Of(prediction.TimeAt(level))), labels);
        var state = Drawn.Normal([2, 1, 8, 8], 1, float64).Times(level.Marginal.Sigma);
        var gradient = new Steering(network, prediction).To(labels).Gradient(state, level);
        for (var direction = 2UL; direction < 7; direction++)
        {
            var step = Drawn.Normal([2, 1, 8, 8], direction, float64).Times(1e-4);
            var (rise, predicted) = (Logarithm(state.Plus(step)) - Logarithm(state - step), (gradient * step).sum([1, 2, 3]).Times(2));
            Assert.InRange(
                (rise - predicted).abs().max().item<double>() / predicted.abs().max().item<double>(), 0, FiniteDifferenceTolerance);
        }
    }

    [Theory]
    [MemberData(nameof(Forms), 0.0)]
    public void Scale_0_gives_the_unguided_samples_bit_for_bit(ClassifierGuidance guidance)
    {
        using var scope = NewDisposeScope();
        var plain = Run(new ClassifierGuidance.None()).Draw(Network(), [1, 8, 8], 5);
        var steered = Run(guidance).Draw(Network(), [1, 8, 8], 5, sample => sample % 3);
        Assert.Equal(plain.data<float>().ToArray(), steered.data<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(Forms), 2.0)]
    public void A_steered_sample_does_not_depend_on_the_batch_it_is_computed_in(ClassifierGuidance guidance)
    {
        using var scope = NewDisposeScope();
        Tensor Draw(int batch) => (Run(guidance) with { Batch = batch }).Draw(Network(), [1, 8, 8], 7, sample => sample % 3);
        Assert.True((Draw(7) - Draw(3)).abs().max().item<float>() < 1e-4);
    }

    [Theory]
    [MemberData(nameof(Forms), 20.0)]
    public void Samples_are_steered_each_to_its_own_label(ClassifierGuidance guidance)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var classifier = Classifier();
        double[] Certainties(ClassifierGuidance how)
        {
            var samples = Run(how).Draw(Network(), [1, 8, 8], 6, sample => sample % 3);
            return classifier.LogProbability(samples, zeros(1), tensor(new[] { 0L, 1, 2, 0, 1, 2 })).to(float64).data<double>().ToArray();
        }
        Assert.All(Certainties(new ClassifierGuidance.None()).Zip(Certainties(guidance)), pair =>
            Assert.True(pair.Second > pair.First, $"{pair}"));
    }

    [Fact]
    public void Only_the_steered_result_stays_in_memory()
    {
        var (network, run) = (Network(), Run(new ClassifierGuidance.MeanShift(1)));
        run.Draw(network, [1, 8, 8], 2, _ => 1).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using var result = run.Draw(network, [1, 8, 8], 2, _ => 1);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_conditional_model_is_given_the_label_that_the_classifier_steers_to()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small.Network with { Labels = new(3, NullLabel.Absent) }, new Seed(1));
        Tiny.Stirred(network).eval();
        var run = Run(new ClassifierGuidance.ScoreShift(0));
        var (steered, plain) = (run.Draw(network, [1, 8, 8], 3, _ => 2), (run with { Plan = Plan }).Draw(network, [1, 8, 8], 3, _ => 2));
        Assert.Equal(plain.data<float>().ToArray(), steered.data<float>().ToArray());
    }

    private static SamplerPlan Plan =>
        new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()).Plan(Schedule, new TimestepSpacing.Leading(8));

    private static SamplingRun Run(ClassifierGuidance guidance) => new(Plan.GuidedBy(guidance), new Prediction.Noise(), new Seed(3))
    {
        Steering = new(Classifier(), new Prediction.Noise()),
    };

    private static NoisyClassifier Classifier()
    {
        var network = Tiny.Stirred(new NoisyClassifier(Shape, Tiny.Seed));
        network.eval();
        return network;
    }

    private static UNet Network()
    {
        var network = Tiny.Stirred(new UNet(Small.Network, new Seed(1)));
        network.eval();
        return network;
    }
}
