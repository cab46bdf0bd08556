using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

public sealed class SamplingRunSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new(100);

    private static readonly SamplingRun Ancestral = new(
        new Sampler.Ancestral(new Variance.Small(), new Limit.Clip()).Plan(Schedule, new TimeGrid.Leading(5)), new Prediction.Noise(), new Seed(3));

    [Fact]
    public void A_sample_does_not_depend_on_the_batch_it_is_computed_in()
    {
        using var scope = NewDisposeScope();
        var network = Network(Small.Network);
        var together = (Ancestral with { Batch = 7 }).Draw(network, [1, 8, 8], 7);
        var apart = (Ancestral with { Batch = 3 }).Draw(network, [1, 8, 8], 7);
        Assert.Equal([7, 1, 8, 8], together.shape);
        Assert.True((together - apart).abs().max().item<float>() < 1e-4);
        Assert.True((together[0] - together[1]).abs().max().item<float>() > 0.1);
    }

    [Fact]
    public void Guidance_of_strength_0_is_the_conditional_model_and_of_minus_1_the_unconditional_one()
    {
        using var scope = NewDisposeScope();
        var network = Network(Small.Labelled.Network);
        Tensor Draw(Guidance guidance, Func<long, long>? labels) => (Ancestral with { Guidance = guidance }).Draw(network, [1, 8, 8], 4, labels);
        var conditional = Draw(new Guidance.None(), _ => 1);
        var unconditional = Draw(new Guidance.None(), null);
        Assert.True((conditional - Draw(new Guidance.ClassifierFree(0), _ => 1)).abs().max().item<float>() < 1e-5);
        Assert.True((unconditional - Draw(new Guidance.ClassifierFree(-1), _ => 1)).abs().max().item<float>() < 1e-5);
        Assert.True((conditional - unconditional).abs().max().item<float>() > 1e-3);
    }

    [Fact]
    public void Rescaled_guidance_brings_each_sample_back_to_the_deviation_of_its_conditional_output()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var network = Network(Small.Labelled.Network);
        var state = randn(3, 1, 8, 8);
        var guidance = new Guidance.Rescaled(new Guidance.ClassifierFree(3), 0.7);
        Tensor Output(Guidance how) =>
            new Denoiser(network, new Prediction.Clean(), how, ones(3, int64), Model.Training.Precision.Float32).Denoise(state, Schedule.LevelAt(50));
        var (conditional, combined, rescaled) = (Output(new Guidance.None()), Output(new Guidance.ClassifierFree(3)), Output(guidance));
        for (var sample = 0; sample < 3; sample++)
        {
            double Sigma(Tensor batch) => batch[sample].std().to(float64).item<double>();
            var factor = guidance.WeightsAt(Schedule.LevelAt(50)).FactorFor(Sigma(conditional), Sigma(combined));
            Assert.NotEqual(1, factor, 3);
            Assert.True((rescaled[sample] - combined[sample] * factor).abs().max().item<float>() < 1e-5);
        }
    }

    [Fact]
    public void Every_step_can_be_watched()
    {
        using var scope = NewDisposeScope();
        var seen = new List<(long, int)>();
        Ancestral.Draw(Network(Small.Network), [1, 8, 8], 2, watch: step =>
        {
            Assert.Equal([2, 1, 8, 8], step.Slots[Slot.Denoised].shape);
            seen.Add((step.First, step.Index));
        });
        Assert.Equal([(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)], seen);
    }

    [Fact]
    public void Only_the_result_stays_in_memory()
    {
        var network = Network(Small.Network);
        Ancestral.Draw(network, [1, 8, 8], 2).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using var result = Ancestral.Draw(network, [1, 8, 8], 2);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    // The last convolution starts as almost nothing; a sample must depend on the network for these specs to mean something.
    private static UNet Network(UNetShape shape)
    {
        var network = new UNet(shape, new Seed(1));
        using (no_grad())
            foreach (var parameter in network.parameters())
                parameter.add_(0.05);
        network.eval();
        return network;
    }
}
