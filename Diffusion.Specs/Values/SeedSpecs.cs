using Diffusion.Math.Numerics;
using Diffusion.Math.Values;
using Diffusion.Specs.Reference;

namespace Diffusion.Specs.Values;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class SeedSpecs
{
    private const int Many = 20_000;

    [Property]
    public void A_number_depends_on_its_seed_and_index_alone(Seed seed, NonNegativeInt index) =>
        Assert.Equal(seed.Normal(index.Get), new Seed(seed.Value).Normal(index.Get));

    [Fact]
    public void The_bits_are_those_of_splitmix64() =>
        Assert.Equal(
            Enumerable.Range(0, 20).Select(index => Formula.Bits("seed", index)),
            Enumerable.Range(0, 20).Select(index => new Seed(Formula.Hash("seed")).Bits(index)));

    [Property]
    public void Many_bits_at_once_are_those_of_one_after_another(Seed seed, byte count)
    {
        var bits = new ulong[count];
        seed.Fill(bits);
        Assert.Equal(Enumerable.Range(0, count).Select(index => seed.Bits(index)), bits);
    }

    [Property]
    public void Streams_of_one_seed_differ(Seed seed, NonNegativeInt one, NonNegativeInt other)
    {
        if (one.Get != other.Get)
            Assert.NotEqual(seed.For(one.Get), seed.For(other.Get));
        Assert.NotEqual(seed, seed.For(one.Get));
        Assert.NotEqual(seed.For("noise"), seed.For("order"));
        Assert.NotEqual(seed.For("noise").For(one.Get), seed.For("order").For(one.Get));
    }

    [Fact]
    public void The_order_of_names_matters() => Assert.NotEqual(new Seed(1).For("a").For("b"), new Seed(1).For("b").For("a"));

    [Fact]
    public void Uniform_numbers_have_the_moments_of_the_unit_interval()
    {
        double[] numbers = [.. Enumerable.Range(0, Many).Select(index => new Seed(3).Uniform(index))];
        Assert.All(numbers, number => Assert.InRange(number, 0, BitDecrement(1.0)));
        Assert.Equal(0.5, numbers.Average(), 5 / Sqrt(12.0 * Many));
        Assert.Equal(1.0 / 12, numbers.Average(number => Pow(number - 0.5, 2)), 5 / Sqrt(180.0 * Many));
    }

    [Fact]
    public void Normal_numbers_follow_the_normal_distribution()
    {
        // Kolmogorov and Smirnov: the largest difference of distribution functions stays below 1.95/√n with probability 0.999.
        double[] numbers = [.. Enumerable.Range(0, Many).Select(index => new Seed(4).Normal(index)).Order()];
        var worst = numbers.Index().Max(entry => Abs(StandardNormal.Cumulative(entry.Item) - (entry.Index + 0.5) / Many));
        Assert.InRange(worst, 0, 1.95 / Sqrt(Many));
    }

    [Fact]
    public void Neighbouring_seeds_and_streams_are_uncorrelated()
    {
        double Correlation(Seed one, Seed other) => Enumerable.Range(0, Many).Average(index => one.Normal(index) * other.Normal(index));
        Assert.InRange(Correlation(new(1), new(2)), -5 / Sqrt(Many), 5 / Sqrt(Many));
        Assert.InRange(Correlation(new Seed(1).For(1), new Seed(1).For(2)), -5 / Sqrt(Many), 5 / Sqrt(Many));
    }

    [Property]
    public void A_permutation_holds_every_number_once(Seed seed, NonNegativeInt size) =>
        Assert.Equal(Enumerable.Range(0, size.Get), seed.Permutation(size.Get).Order());

    [Fact]
    public void Every_order_of_three_is_as_likely_as_the_others()
    {
        var orders = Enumerable.Range(0, 6000).Select(index => string.Concat(new Seed(9).For(index).Permutation(3)));
        var counts = orders.CountBy(order => order).ToArray();
        Assert.Equal(6, counts.Length);
        Assert.All(counts, count => Assert.InRange(count.Value, 1000 - 5 * 30, 1000 + 5 * 30));
    }

    [Fact]
    public void A_permutation_of_a_negative_number_is_refused() =>
        Assert.Contains("-1", Assert.ThrowsAny<ArgumentException>(() => new Seed(1).Permutation(-1)).Message);
}
