using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

[Collection(Alone.Name)]
public sealed class OwnRandomnessSpecs
{
    [Fact]
    public void Training_and_sampling_neither_read_nor_change_libtorchs_own_generator()
    {
        using var images = Small.Images();
        var first = Trained(1, images);
        random.manual_seed(5);
        using var before = random.get_rng_state();
        var second = Trained(1, images);
        using var after = random.get_rng_state();
        Assert.Equal(first.Weights, second.Weights);
        Assert.Equal(first.Samples, second.Samples);
        Assert.Equal(before.data<byte>().ToArray(), after.data<byte>().ToArray());
    }

    [Fact]
    public async Task Runs_beside_one_another_end_as_if_each_were_alone()
    {
        using var images = Small.Images();
        ulong[] seeds = [1, 2, 3, 4];
        var alone = seeds.Select(seed => Trained(seed, images)).ToArray();
        var together = await Task.WhenAll(seeds.Select(seed => Task.Run(() => Trained(seed, images))));
        foreach (var (one, other) in alone.Zip(together))
        {
            Assert.Equal(one.Weights, other.Weights);
            Assert.Equal(one.Samples, other.Samples);
        }
        Assert.Equal(seeds.Length, alone.DistinctBy(run => run.Weights[0]).Count());
    }

    // With dropout, flips, dropped labels and ancestral noise: everything that is random.
    private static (float[] Weights, float[] Samples) Trained(ulong seed, Diffusion.Model.Datasets.ImageSet images)
    {
        var recipe = Small.Labelled with { Seed = seed };
        using var run = new TrainingRun(recipe, images, CPU);
        for (var update = 0; update < recipe.Length.Steps; update++)
            run.Advance();
        var sampling = new SamplingRun(
            recipe.Evaluation.Sampler.Plan(recipe.Schedule, new TimestepSpacing.Trailing(4)), recipe.Prediction, new Seed(seed));
        using var samples = run.WithEma(0, (UNet network) => sampling.Draw(network, [1, 8, 8], 3, sample => sample % 2));
        return ([.. run.Arena.Values.data<float>()], [.. samples.data<float>()]);
    }
}
