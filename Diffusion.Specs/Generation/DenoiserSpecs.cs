using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

public sealed class DenoiserSpecs
{
    public static TheoryData<Prediction, NoiseSchedule, double> EveryLanguage => new()
    {
        { new Prediction.Noise(), new NoiseSchedule.Linear(), 300 },
        { new Prediction.Velocity(), new NoiseSchedule.Cosine(), 700 },
        { new Prediction.Preconditioned(), new NoiseSchedule.Edm(), 0.8 },
        { new Prediction.Preconditioned(0.4), new NoiseSchedule.VariancePreserving(), 0.3 },
    };

    [Theory]
    [MemberData(nameof(EveryLanguage))]
    public void Sampling_asks_the_network_what_training_taught_it(Prediction prediction, NoiseSchedule schedule, double time)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var network = Tiny.Lively(Tiny.Shape);
        network.eval();
        var level = schedule.LevelAt(time);
        var (clean, noise) = (Drawn.Normal(2, 1, 8, 8), Drawn.Normal([2, 1, 8, 8], 2));
        var taught = new NoisedBatch(clean, noise, new(Small(prediction), [level, level], clean), null);
        var state = clean.Times(level.Marginal.Alpha).Plus(noise.Times(level.Marginal.Sigma));
        var output = network.call(taught.Input, taught.Weights.Time, null);
        var readout = prediction.ReadoutAt(level.Marginal);
        var expected = state.Times(readout.OfState).Plus(output.Times(readout.OfOutput));
        var denoised = new Denoiser(network, prediction, new Guidance.None(), null, Precision.Float32).Denoise(state, level);
        Assert.True((denoised - expected).abs().max().item<float>() < 1e-4 * expected.abs().max().item<float>());
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 0)]
    [InlineData(-1, 2)]
    public void Guidance_combines_predictions_and_leaves_the_variance_to_one_label(double strength, long labelOfVariance)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var network = Tiny.Lively(Tiny.Shape with { OutputChannels = 2, Labels = new(2, NullLabel.Learned) });
        network.eval();
        var (level, state, label) = (new NoiseSchedule.Linear().LevelAt(300), Drawn.Normal(1, 1, 8, 8), tensor(new long[] { 0 }));
        var (prediction, guidance) = (new Prediction.Clean(), new Guidance.ClassifierFree(strength));
        var found = new Denoiser(network, prediction, guidance, label, Precision.Float32).DenoiseWithVariance(state, level);
        Tensor Said(long label) => network.call(state, tensor(new[] { 300f }), tensor(new[] { label }));
        Near(Said(0)[0, 0].Times(1 + strength) - Said(2)[0, 0].Times(strength), found.Clean[0, 0]);
        Near(Said(labelOfVariance)[0, 1].Plus(1).Over(2), found.Fraction[0, 0]);
        Near(found.Clean, new Denoiser(network, prediction, guidance, label, Precision.Float32).Denoise(state, level));
    }

    [Fact]
    public void A_network_that_predicts_no_variance_has_none_to_give()
    {
        using var network = Tiny.Lively(Tiny.Shape);
        var denoiser = new Denoiser(network, new Prediction.Clean(), new Guidance.None(), null, Precision.Float32);
        Assert.Throws<InvalidOperationException>(
            () => denoiser.DenoiseWithVariance(zeros(1, 1, 8, 8), new NoiseSchedule.Linear().LevelAt(1)));
    }

    private static void Near(Tensor expected, Tensor found) => Assert.True((expected - found).abs().max().item<float>() < 1e-4);

    private static Recipe Small(Prediction prediction) => Training.Small.Recipe with { Prediction = prediction };
}
