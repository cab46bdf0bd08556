using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

/// <summary>A network whose weights have diverged is sampled like any other: what becomes of it is seen by who measures.</summary>
public sealed class BrokenNetworkSpecs
{
    [Theory]
    [InlineData("ddpm")]
    [InlineData("dpm++2m")]
    [InlineData("unipc")]
    public void Samples_of_a_network_that_answers_nan_are_nan_whatever_the_sampler_remembers(string name)
    {
        using var network = new UNet(Tiny.Shape with { Labels = null }, new Seed(1));
        using (no_grad())
            foreach (var parameter in network.parameters())
                parameter.fill_(Number.Of(double.NaN));
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        if (sampler is Sampler.Ancestral ancestral)
            sampler = ancestral with { Clipping = new Clipping.None() };
        using var samples = new SamplingRun(
            sampler.Plan(new NoiseSchedule.Cosine(100), new TimestepSpacing.Trailing(4)), new Prediction.Velocity(), new Seed(3))
            .Draw(network, [1, 8, 8], 3);
        Assert.Equal([3, 1, 8, 8], samples.shape);
        Assert.True(samples.isnan().all().item<bool>());
    }
}
