using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Likelihood;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class TrainingRunSpecs
{
    [Fact]
    public void Training_lowers_the_loss()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(
            Small.Recipe with { Optimiser = new() { Rate = new Diffusion.Math.Training.LearningRate.WarmUp(3e-3, 4) } }, images, CPU);
        for (var update = 0; update < 10; update++)
            run.Advance();
        var early = run.CloseEpoch().Loss;
        for (var update = 0; update < 150; update++)
            run.Advance();
        run.CloseEpoch();
        for (var update = 0; update < 40; update++)
            run.Advance();
        var late = run.CloseEpoch().Loss;
        Assert.True(late < 0.6 * early, $"from {early} to {late}");
    }

    [Fact]
    public void A_learned_variance_makes_the_bound_tighter_than_either_of_its_ends()
    {
        using var images = Small.Images();
        var recipe = BoundTermsSpecs.Hybrid
            with { Objective = new Objective.Hybrid(1), Optimiser = new() { Rate = new LearningRate.WarmUp(3e-3, 4) } };
        using var run = new TrainingRun(recipe, images, CPU);
        for (var update = 0; update < 150; update++)
            run.Advance();
        var network = (UNet)run.Network;
        network.eval();
        double Bits(Variance variance) => new BoundMeasurement(
            recipe, recipe.Bound()! with { Variance = variance }, new Clipping.None(), VlbTimes.All(recipe.Bound()!.Schedule.Steps),
                new Seed(3))
            .Measure(network, images.Images, null, [.. Enumerable.Range(0, 10)], () => { }).Average(bound => bound.Total);
        var (learned, small, large) = (Bits(new Variance.LearnedRange()), Bits(new Variance.Small()), Bits(new Variance.Large()));
        Assert.True(learned < small && learned < large, $"{learned} learned, {small} small, {large} large");
    }

    [Fact]
    public void Two_runs_of_one_recipe_are_equal_bit_for_bit()
    {
        using var images = Small.Images();
        Assert.Equal(Weights(Small.Recipe, images), Weights(Small.Recipe, images));
        Assert.Equal(Weights(Small.Labelled, images), Weights(Small.Labelled, images));
        Assert.NotEqual(Weights(Small.Recipe, images), Weights(Small.Recipe with { Seed = 8 }, images));
    }

    [Fact]
    public void Micro_batches_give_the_update_of_the_whole_batch()
    {
        // Dropout draws for each micro-batch by itself, so it is left out here.
        var recipe = Small.Recipe
            with { Network = Small.Network with { Residual = new() { Groups = 4 } }, Length = Small.Recipe.Length with { Steps = 3 } };
        using var images = Small.Images();
        var whole = Weights(recipe, images);
        var parts = Weights(recipe with { Length = recipe.Length with { MicroBatch = 4 } }, images);
        Assert.All(whole.Zip(parts), pair => Assert.Equal(pair.First, pair.Second, 2e-5f));
    }

    [Fact]
    public void A_report_counts_updates_images_and_the_rate()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Recipe, images, CPU);
        run.Advance();
        run.Advance();
        var report = run.CloseEpoch();
        Assert.Equal((2, 12, 0.25e-3, 0), (report.Updates, report.Images, report.Rate, report.Skipped));
        Assert.True(double.IsFinite(report.Loss) && report.GradientNorm > 0);
    }

    [Fact]
    public void A_network_that_does_not_fit_the_images_is_refused()
    {
        using var images = Small.Images();
        var colour = Small.Recipe with { Network = Small.Network with { InputChannels = 3, OutputChannels = 3 } };
        Assert.Contains("the images have 1", Assert.Throws<ArgumentException>(() => new TrainingRun(colour, images, CPU)).Message);
        var unlabelled = Small.Labelled with { Network = Small.Network };
        Assert.Contains("null label", Assert.Throws<ArgumentException>(() => new TrainingRun(unlabelled, images, CPU)).Message);
    }

    [Fact]
    public void Memory_does_not_grow_with_the_steps()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Recipe, images, CPU);
        for (var update = 0; update < 5; update++)
            run.Advance();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var update = 0; update < 5; update++)
            run.Advance();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    private static float[] Weights(Recipe recipe, Diffusion.Model.Datasets.ImageSet images)
    {
        using var run = new TrainingRun(recipe, images, CPU);
        for (var update = 0; update < recipe.Length.Steps; update++)
            run.Advance();
        return run.Optimiser.Ema[0].data<float>().ToArray();
    }
}
