using Diffusion.Math.Evaluation;

namespace Diffusion.Specs.Evaluation;

public sealed class InceptionScoreSpecs
{
    private const double Tolerance = 1e-11;

    [Property]
    public Property It_lies_between_one_and_the_number_of_classes() => Prop.ForAll(FeatureArbitraries.Sets(1, fewest: 1), sets =>
        Assert.InRange(Score(sets[0]).Value, 1 - Tolerance, sets[0].Dimension + Tolerance));

    [Property]
    public Property It_is_the_exponential_of_the_mean_divergence_from_the_mean() =>
        Prop.ForAll(FeatureArbitraries.Sets(1, fewest: 1), sets =>
        {
            var rows = Enumerable.Range(0, sets[0].Count).Select(row => Softmax(sets[0].Row(row).ToArray())).ToArray();
            double[] mean = [.. Enumerable.Range(0, sets[0].Dimension).Select(c => rows.Average(row => row[c]))];
            var divergence = rows.Average(row => row.Zip(mean, (p, q) => p * Log(p / q)).Sum());
            Assert.Equal(Exp(divergence), Score(sets[0]).Value, Tolerance);
        });

    [Property]
    public Property Merging_equals_folding_the_whole() => Prop.ForAll(FeatureArbitraries.Sets(3, fewest: 1), sets =>
    {
        var whole = Score(FeatureArbitraries.Join(sets)).Value;
        Assert.Equal(whole, sets.Select(Score).Aggregate((left, right) => left.Merge(right)).Value, Tolerance);
        Assert.Equal(whole, Score(sets[0]).Merge(Score(sets[1]).Merge(Score(sets[2]))).Value, Tolerance);
    });

    [Fact]
    public void Certain_and_evenly_spread_classes_score_their_number() =>
        Assert.Equal(4, Score(new FeatureMatrix(4, [900, 0, 0, 0, 0, 900, 0, 0, 0, 0, 900, 0, 0, 0, 0, 900])).Value, Tolerance);

    [Fact]
    public void Images_that_look_alike_score_one() =>
        Assert.Equal(1, Score(new FeatureMatrix(3, [1, 2, 3, 1, 2, 3])).Value, Tolerance);

    [Property(Arbitrary = [typeof(Arbitraries)])]
    public void Every_part_that_fits_has_an_image_and_every_image_a_part(ScoreParts parts, PositiveInt count)
    {
        var assigned = parts.Fitting(count.Get).Assign(count.Get);
        Assert.Equal(count.Get, assigned.Length);
        Assert.Equal(Enumerable.Range(0, assigned.Max() + 1), assigned.Distinct().Order());
    }

    [Fact]
    public void Parts_cut_consecutive_images_as_the_peers_do()
    {
        Assert.Equal([0, 0, 0, 1, 1, 1, 2], new ScoreParts.OfSize(3).Assign(7));
        Assert.Equal([0, 0, 1, 1, 2, 2, 2], new ScoreParts.Consecutive(3).Assign(7));
        Assert.Equal(new ScoreParts.Consecutive(), new ScoreParts.Consecutive().Fitting(10));
        Assert.Equal([0, 0, 0, 0, 0, 0], new ScoreParts.Consecutive().Fitting(6).Assign(6));
        Assert.Equal([0, 0, 0, 0, 0, 0], new ScoreParts.Shuffled().Fitting(6).Assign(6));
        Assert.Equal([0, 0], new ScoreParts.OfSize(3).Fitting(2).Assign(2));
    }

    [Fact]
    public void Shuffled_parts_follow_NumPys_permutation()
    {
        // RandomState(0).permutation(10) is 2 8 4 9 1 | 6 7 3 0 5.
        Assert.Equal([1, 0, 0, 1, 0, 1, 1, 1, 0, 0], new ScoreParts.Shuffled(2, Seed: 0).Assign(10));
    }

    [Property]
    public Property Shuffled_parts_have_the_sizes_of_consecutive_ones() => Prop.ForAll(Gen.Choose(1, 500).ToArbitrary(), count =>
        Assert.Equal(new ScoreParts.Consecutive().Assign(count), new ScoreParts.Shuffled().Assign(count).Order()));

    [Fact]
    public void Another_number_of_classes_is_refused() =>
        Assert.Contains("2 logits", Assert.Throws<ArgumentException>(() => InceptionScore.Empty(3).Add([1, 2])).Message);

    [Fact]
    public void A_logit_that_is_not_finite_is_refused() =>
        Assert.Contains("NaN", Assert.Throws<ArgumentException>(() => InceptionScore.Empty(2).Add([1, double.NaN])).Message);

    private static InceptionScore Score(FeatureMatrix logits)
    {
        var score = InceptionScore.Empty(logits.Dimension);
        for (var row = 0; row < logits.Count; row++)
            score = score.Add(logits.Row(row));
        return score;
    }

    private static double[] Softmax(double[] logits)
    {
        var total = logits.Sum(Exp);
        return [.. logits.Select(logit => Exp(logit) / total)];
    }
}
