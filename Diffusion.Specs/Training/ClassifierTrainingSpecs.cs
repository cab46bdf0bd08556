using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class ClassifierTrainingSpecs : IDisposable
{
    private readonly ImageSet _images = Small.Images();

    public void Dispose() => _images.Dispose();

    [Fact]
    public void A_classifier_starts_undecided_and_learns()
    {
        using var images = DarkAndBright();
        using var run = new TrainingRun(
            Small.Classifier with { Optimiser = new() { Rate = new LearningRate.WarmUp(3e-3, 4) } }, images, CPU);
        run.Advance();
        Assert.Equal(Log(2), run.CloseEpoch().Loss, 0.05);
        for (var update = 0; update < 60; update++)
            run.Advance();
        run.CloseEpoch();
        for (var update = 0; update < 40; update++)
            run.Advance();
        Assert.InRange(run.CloseEpoch().Loss, 0, 0.7 * Log(2));
        var test = new ClassifierTest(run.Recipe, images);
        var scores = run.WithEma(1, (NoisyClassifier network) => test.Measure(network, 10, () => { }));
        Assert.Equal(1, scores[1]);
        Assert.InRange(scores[0], 0, 0.7 * Log(2));
    }

    [Fact]
    public void The_loss_is_the_mean_of_minus_the_logarithm_of_the_labels_probability()
    {
        using var scope = NewDisposeScope();
        using var learner = Learner.Of(
            Small.Classifier with { Network = Small.Network with { Residual = new() { Groups = 4 } } }, new Seed(3));
        using var batch = new Batches(_images, new(new(1), 10), Augmentation.None, CPU).Take(0, 6);
        var levels = new NoiseLevelDistribution.UniformTime().Draw([0.1, 0.3, 0.5, 0.7, 0.9, 0.2], Small.Recipe.Schedule);
        var noised = new NoisedBatch(
            batch.Images, Drawn.Normal(batch.Images.shape), new(Small.Classifier, levels, batch.Images), batch.Labels);
        var network = (NoisyClassifier)learner.Network;
        Networks.Tiny.Stirred(network);
        var expected = network.LogProbability(noised.Input, noised.Weights.Time, batch.Labels).mean().neg().item<float>();
        Assert.Equal(expected, learner.Loss(noised, 6).item<float>(), 1e-6f);
        var parts = learner.Loss(noised.Part(0, 4), 6).Plus(learner.Loss(noised.Part(4, 2), 6));
        Assert.Equal(expected, parts.item<float>(), 1e-6f);
    }

    [Fact]
    public void Scores_do_not_depend_on_the_batch()
    {
        using var network = Networks.Tiny.Stirred(new NoisyClassifier(new(Small.Network, 2, ClassifierPooling.Average), new Seed(1)));
        network.eval();
        Sequence<double> Scores(int batch)
        {
            var (test, calls) = (new ClassifierTest(Small.Classifier with { Evaluation = new() { Batch = batch } }, _images), 0);
            var scores = test.Measure(network, 9, () => calls++);
            Assert.Equal(test.Calls(9), calls);
            Assert.Equal(test.Columns.Count, scores.Count);
            return scores;
        }
        Assert.All(Scores(9).Zip(Scores(4)), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void What_a_classifier_cannot_be_trained_with_is_refused()
    {
        var three = Small.Classifier with { Goal = new Goal.Classify(3) };
        Assert.Contains("the images have 2", Assert.Throws<ArgumentException>(() => new TrainingRun(three, _images, CPU)).Message,
            StringComparison.Ordinal);
        Refused(Small.Classifier with { Labels = new Conditioning.Labelled() }, "a classifier takes none");
        Refused(Small.Classifier with { Network = Small.Labelled.Network }, "takes no labels");
        Refused(Small.Classifier with { Weight = new LossWeight.MinSnr() }, "not weighed");
        Assert.Throws<ArgumentOutOfRangeException>(() => new Goal.Classify(1));
    }

    [Fact]
    public void A_recipe_that_says_no_goal_is_that_of_a_denoiser()
    {
        var recipe = RecipeFile.Read(Path.Combine(Repository.Root, "docs", "results", "mnist", "recipe.json"));
        Assert.Equal(new Goal.Denoise(), recipe.Goal);
        Assert.Equal(Small.Classifier, RecipeText.Read(RecipeText.Write(Small.Classifier), "text"));
    }

    private static ImageSet DarkAndBright()
    {
        byte[] labels = [.. Enumerable.Range(0, 10).Select(image => (byte)(image % 2))];
        byte[] pixels = [.. labels.SelectMany(label => Enumerable.Repeat((byte)(40 + 175 * label), 64))];
        return ImageSet.Of(new("shades", Split.Train, ["dark", "bright"], "made up"), new(1, 8, 8), pixels, labels);
    }

    private static void Refused(Recipe recipe, string words) =>
        Assert.Contains(words, Assert.Single(RecipeValidation.Of(recipe)), StringComparison.Ordinal);
}
