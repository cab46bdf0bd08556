using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

/// <summary>How noise is added to a batch, and what a network is to make of it.</summary>
public sealed class NoisedBatchSpecs
{
    private const double Close = 1e-6;

    [Theory]
    [InlineData(0)]
    [InlineData(499)]
    [InlineData(999)]
    public void A_network_that_predicts_noise_sees_alpha_times_the_image_plus_sigma_times_the_noise_and_should_put_out_the_noise(int time)
    {
        using var scope = NewDisposeScope();
        var level = new NoiseSchedule.Linear().LevelAt(time);
        var batch = Batch(new Prediction.Noise(), time);
        var expected = batch.Clean.Times(level.Marginal.Alpha).Plus(batch.Noise.Times(level.Marginal.Sigma));
        Assert.True((batch.Input - expected).abs().max().item<float>() < Close);
        Assert.True((batch.Target - batch.Noise).abs().max().item<float>() < Close);
        Assert.Equal([time, time], batch.Weights.Time.data<float>().ToArray());
    }

    [Fact]
    public void A_part_of_a_batch_is_noised_as_within_the_whole()
    {
        using var scope = NewDisposeScope();
        var batch = Batch(new Prediction.Velocity(), 300);
        var part = batch.Part(1, 1);
        Assert.Equal(1, part.Count);
        Assert.Equal(batch.Input[1].data<float>().ToArray(), part.Input[0].data<float>().ToArray());
        Assert.Equal(batch.Target[1].data<float>().ToArray(), part.Target[0].data<float>().ToArray());
    }

    [Fact]
    public void The_loss_of_a_denoiser_is_the_mean_of_its_weighted_squared_errors()
    {
        using var scope = NewDisposeScope();
        var batch = Batch(new Prediction.Noise(), 700);
        var output = Drawn.Normal([2, 1, 8, 8], 3);
        var loss = new DenoisingLoss(Small.Recipe).Of(batch, output, null, batch.Count).item<float>();
        Assert.Equal((output - batch.Noise).Squared().mean().item<float>(), loss, 1e-5f);
    }

    private static NoisedBatch Batch(Prediction prediction, double time)
    {
        var (clean, level) = (Drawn.Normal(2, 1, 8, 8), new NoiseSchedule.Linear().LevelAt(time));
        return new(clean, Drawn.Normal([2, 1, 8, 8], 2), new(Small.Recipe with { Prediction = prediction }, [level, level], clean), null);
    }
}
