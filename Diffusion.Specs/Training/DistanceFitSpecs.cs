using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Specs.Training;

/// <summary>What distance is expected of a training, from trainings that were measured.</summary>
public sealed class DistanceFitSpecs
{
    private static MeasuredTraining Training(long images, double distance) => new("cifar10", [], images, "fd_cifarnet", distance);

    [Fact]
    public void A_power_law_is_found_exactly_and_has_no_width()
    {
        var fit = DistanceFit.Of([.. new long[] { 8_000, 16_000, 40_000, 100_000 }.Select(n => Training(n, 900 * Pow(n, -0.5)))]);
        Assert.Equal(0.5, fit.Slope, 12);
        var expected = fit.At(30_000)!;
        Assert.Equal(900 / Sqrt(30_000), expected.Value, 9);
        Assert.Equal(expected.Value, expected.Low, 6);
        Assert.Equal(expected.Value, expected.High, 6);
    }

    [Fact]
    public void An_interval_of_two_deviations_holds_about_as_many_new_trainings_as_Student_says()
    {
        var random = new Random(5);
        double Noise() => 0.1 * MathNet.Numerics.Distributions.Normal.Sample(random, 0, 1);
        MeasuredTraining New(long images) => Training(images, 900 * Pow(images, -0.5) * Exp(Noise()));
        long[] lengths = [8_000, 16_000, 16_000, 32_000, 32_000, 64_000, 64_000, 128_000];
        const int trials = 4000;
        var held = Enumerable.Range(0, trials).Count(_ =>
        {
            var expected = DistanceFit.Of([.. lengths.Select(New)]).At(100_000)!;
            var distance = New(100_000).Distance;
            return expected.Low <= distance && distance <= expected.High;
        });
        var student = 1 - 2 * MathNet.Numerics.Distributions.StudentT.CDF(0, 1, lengths.Length - 2, -2);
        Assert.Equal(student, held / (double)trials, 0.02);
    }

    [Fact]
    public void Of_lengths_that_nobody_measured_nothing_is_claimed()
    {
        var fit = DistanceFit.Of([Training(10_000, 8), Training(20_000, 6), Training(40_000, 5)]);
        Assert.Null(fit.At(1_000));
        Assert.NotNull(fit.At(70_000));
        Assert.Null(fit.At(1_000_000));
        // Less is claimed of what lies further off.
        double Width(long images) => fit.At(images)!.High / fit.At(images)!.Low;
        Assert.True(Width(79_000) > Width(60_000) && Width(60_000) > Width(20_000));
    }

    [Fact]
    public void Too_few_trainings_and_those_of_one_length_are_refused()
    {
        Assert.Contains("2 trainings", Assert.Throws<ArgumentException>(() => DistanceFit.Of([Training(1, 1), Training(2, 1)])).Message,
            StringComparison.Ordinal);
        Assert.Contains("one length", Assert.Throws<ArgumentException>(() => DistanceFit.Of(
            [Training(8, 1), Training(8, 2), Training(8, 3)])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_measured_training_is_of_a_quick_recipe_with_changes_that_it_takes()
    {
        Assert.NotEmpty(MeasuredTrainings.All);
        Assert.All(MeasuredTrainings.All, training =>
        {
            var quick = BuiltInRecipes.Find(training.Recipe)!.Quick;
            Assert.Equal(training.Changes.Count == 0, RecipeChanges.Apply(quick, training.Changes) == quick);
            Assert.True(training is { Images: > 0, Distance: > 0 });
        });
    }

    [Fact]
    public void Measured_trainings_lie_in_the_intervals_that_the_others_give()
    {
        var outcomes = (
            from training in MeasuredTrainings.All
            let others = MeasuredTrainings.Fitted(MeasuredTrainings.All.Where(other => other != training).ToSequence())
            from family in others
            where family.Recipe == training.Recipe && family.Variant.Changes.Equals(training.Changes)
            select family.Variant.Fit.At(training.Images) is { } expected
                && expected.Low <= training.Distance && training.Distance <= expected.High).ToArray();
        Assert.True(outcomes.Length >= 4);
        Assert.True(outcomes.Count(held => held) >= 0.7 * outcomes.Length, $"{outcomes.Count(held => held)} of {outcomes.Length}");
    }

    [Fact]
    public void What_is_known_of_a_quick_recipe_holds_at_any_length_and_not_for_other_settings()
    {
        var quick = BuiltInRecipes.Cifar10.Quick;
        Assert.NotEmpty(MeasuredTrainings.VariantsOf(quick));
        Assert.NotEmpty(MeasuredTrainings.VariantsOf(LearningRateAdvice.OfLength(quick, 700, []) with
        {
            Seed = 5, Precision = Precision.Bfloat16, Evaluation = quick.Evaluation with { Samples = 64 },
        }));
        Assert.Empty(MeasuredTrainings.VariantsOf(quick with { Length = quick.Length with { Batch = 8 } }));
        Assert.Empty(MeasuredTrainings.VariantsOf(quick with { Network = quick.Network with { Patch = 4 } }));
        Assert.Empty(MeasuredTrainings.VariantsOf(quick with
        {
            Evaluation = quick.Evaluation with { Guidance = new Guidance.ClassifierFree(7) },
        }));
        Assert.Empty(MeasuredTrainings.VariantsOf(BuiltInRecipes.Cifar10.Paper));
        Assert.Empty(MeasuredTrainings.VariantsOf(BuiltInRecipes.Cifar10Edm.Quick));
    }

    [Fact]
    public void A_setting_that_was_asked_for_is_not_changed_by_a_variant()
    {
        TrainingVariant variant = new([new("network.levels.0.channels", "32")], "fd",
            DistanceFit.Of([Training(1, 1), Training(2, 1), Training(3, 1)]));
        Assert.True(variant.Suits([new("evaluation.samples", "64")]));
        Assert.False(variant.Suits([new("network.levels.0.channels", "64")]));
        Assert.False(variant.Suits([new("network.levels", "[]")]));
        Assert.True(variant.Suits([new("network.levels.0.channelsOther", "1")]));
    }
}
