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
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Generation;

public sealed class SamplingRunSpecs
{
    private static readonly NoiseSchedule.Linear Schedule = new(100);

    private static readonly SamplingRun Ancestral = new(
        new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip())
            .Plan(Schedule, new TimestepSpacing.Leading(5)), new Prediction.Noise(), new Seed(3));

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
    public void Where_memory_is_short_fewer_samples_are_drawn_at_once()
    {
        using var scope = NewDisposeScope();
        var network = Network(Small.Network);
        var given = (Ancestral with { Batch = 2 }).Draw(network, [1, 8, 8], 5);
        network.register_forward_pre_hook(ShortMemory.InSamplingFor(2));
        var found = (Ancestral with { Batch = 4 }).Draw(network, [1, 8, 8], 5);
        Assert.Equal(given.data<float>().ToArray(), found.data<float>().ToArray());
        network.register_forward_pre_hook(ShortMemory.InSamplingFor(0));
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => Ancestral.Draw(network, [1, 8, 8], 2));
    }

    [Fact]
    public void Guidance_of_strength_0_is_the_conditional_model_and_of_minus_1_the_unconditional_one()
    {
        using var scope = NewDisposeScope();
        var network = Network(Small.Labelled.Network);
        Tensor Draw(Guidance guidance, Func<long, long>? labels) =>
            (Ancestral with { Guidance = guidance }).Draw(network, [1, 8, 8], 4, labels);
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
        var state = Drawn.Normal(3, 1, 8, 8);
        var guidance = new Guidance.Rescaled(new Guidance.ClassifierFree(3), 0.7);
        Tensor Output(Guidance how) =>
            new Denoiser(network, new Prediction.Clean(), how, ones(3, int64), Model.Recipes.Precision.Float32)
                .Denoise(state, Schedule.LevelAt(50));
        var (conditional, combined, rescaled) = (Output(new Guidance.None()), Output(new Guidance.ClassifierFree(3)), Output(guidance));
        for (var sample = 0; sample < 3; sample++)
        {
            double Sigma(Tensor batch) => batch[sample].std().to(float64).item<double>();
            var factor = guidance.WeightsAt(Schedule.LevelAt(50)).FactorFor(Sigma(conditional), Sigma(combined));
            Assert.NotEqual(1, factor, 3);
            Assert.True((rescaled[sample] - combined[sample].Times(factor)).abs().max().item<float>() < 1e-5);
        }
    }

    [Fact]
    public void Every_step_can_be_watched()
    {
        using var scope = NewDisposeScope();
        var (seen, reached) = (new List<(long, int)>(), (float[]?)null);
        Ancestral.Draw(Network(Small.Network), [1, 8, 8], 2, watch: step =>
        {
            Assert.Equal([2, 1, 8, 8], step.Estimate!.shape);
            // A step sets out from where the one before led to.
            if (reached is not null)
                Assert.Equal(reached, step.State.data<float>().ToArray());
            reached = step.Next.data<float>().ToArray();
            seen.Add((step.First, step.Index));
        });
        Assert.Equal([(0, 0), (0, 1), (0, 2), (0, 3), (0, 4)], seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Between_two_samples_the_ends_are_the_samples_themselves_to_the_bit(int random)
    {
        using var scope = NewDisposeScope();
        var network = Network(Small.Network);
        var sampler = new Sampler.Ddim(random, new Clipping.Clip(), NoiseDirection.Rederived);
        var plain = Ancestral with { Plan = sampler.Plan(Schedule, new TimestepSpacing.Leading(5)), Batch = 3 };
        var between = new NoiseNumbering.Between([new(5, 1), new(0, 4)], Slerp.Points(3));
        var way = (plain with { Noise = between }).Draw(network, [1, 8, 8], between.Count);
        var samples = plain.Draw(network, [1, 8, 8], 6);
        foreach (var (place, sample) in new[] { (0, 5), (2, 1), (3, 0), (5, 4) })
            Assert.Equal(samples[sample].data<float>().ToArray(), way[place].data<float>().ToArray());
        Assert.True((way[1] - way[0]).abs().max().item<float>() > 0.05);
    }

    [Fact]
    public void Noise_between_two_samples_is_as_large_as_theirs()
    {
        using var scope = NewDisposeScope();
        var batch = new NoisyBatch(new Seed(2), 0, [9, 1, 100, 100], CPU);
        var noise = new NoiseNumbering.Between([new(0, 1)], Slerp.Points(9)).Source(batch).Draw(0);
        Assert.All(Enumerable.Range(0, 9), point => Assert.Equal(1, noise[point].std().item<float>(), 0.03));
    }

    [Fact]
    public void What_a_mask_keeps_comes_back_to_the_bit_and_the_rest_is_made()
    {
        using var scope = NewDisposeScope();
        var images = Drawn.Uniform(2, 1, 8, 8).Times(2).Minus(1);
        var hidden = zeros(8, 8, dtype: ScalarType.Bool);
        hidden[TensorIndex.Ellipsis, TensorIndex.Slice(stop: 4)] = tensor(true);
        var run = Ancestral with { Plan = Ancestral.Plan.Inpainted(new(2, 2)), Originals = new(images) { Hidden = hidden }, Batch = 3 };
        var made = run.Draw(Network(Small.Network), [1, 8, 8], 4);
        for (var sample = 0; sample < 4; sample++)
        {
            float[] Part(Tensor image, int from) =>
                image[TensorIndex.Ellipsis, TensorIndex.Slice(from, from + 4)].contiguous().data<float>().ToArray();
            Assert.Equal(Part(images[sample % 2], 4), Part(made[sample], 4));
            Assert.NotEqual(Part(images[sample % 2], 0), Part(made[sample], 0));
        }
        Assert.NotEqual(made[0].data<float>().ToArray(), made[2].data<float>().ToArray());
    }

    [Fact]
    public void A_mask_of_another_size_is_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => new Originals(zeros(1, 1, 8, 8)) { Hidden = zeros(8, 7, dtype: ScalarType.Bool) });
        Assert.Throws<ArgumentException>(() => new Originals(zeros(1, 1, 8, 8)) { Hidden = zeros(8, 8) });
        Assert.Throws<ArgumentException>(() => new Originals(zeros(8, 8)));
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
                parameter.add_(Number.Of(0.05), Number.One);
        network.eval();
        return network;
    }
}
