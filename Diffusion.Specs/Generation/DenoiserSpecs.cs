using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
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
        var taught = new ExampleWeights(Small(prediction), [level, level], clean);
        var state = clean * level.Marginal.Alpha + noise * level.Marginal.Sigma;
        var output = network.call(taught.Input(clean, noise), taught.Time, null);
        var readout = prediction.ReadoutAt(level.Marginal);
        var expected = state * readout.OfState + output * readout.OfOutput;
        var denoised = new Denoiser(network, prediction, new Guidance.None(), null, Precision.Float32).Denoise(state, level);
        Assert.True((denoised - expected).abs().max().item<float>() < 1e-4 * expected.abs().max().item<float>());
    }

    private static Recipe Small(Prediction prediction) => Training.Small.Recipe with { Prediction = prediction };
}
