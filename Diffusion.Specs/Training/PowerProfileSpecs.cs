using Diffusion.Math.Training;
using Diffusion.Math.Values;
using MathNet.Numerics.Integration;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class PowerProfileSpecs
{
    [Property]
    public void A_profile_is_a_density(Probability gamma, Probability time)
    {
        var profile = new PowerProfile(20 * gamma.Value, time.Value);
        Assert.Equal(1, GaussLegendreRule.Integrate(profile.At, 0, time.Value, 32), 1e-2);
        Assert.Equal(0, profile.At(time.Value + 1e-9));
    }

    [Property]
    public void The_overlap_is_the_integral_of_the_product(Probability gamma1, Probability time1, Probability gamma2, Probability time2)
    {
        var (one, other) = (new PowerProfile(1 + 9 * gamma1.Value, time1.Value), new PowerProfile(1 + 9 * gamma2.Value, time2.Value));
        var integral = GaussLegendreRule.Integrate(x => one.At(x) * other.At(x), 0, Min(time1.Value, time2.Value), 64);
        Assert.Equal(integral, one.Overlap(other), 1e-6 * integral);
        Assert.Equal(one.Overlap(other), other.Overlap(one), 1e-12 * integral);
    }

    [Fact]
    public void A_stored_profile_is_put_together_from_itself_alone()
    {
        Sequence<PowerProfile> stored = [new(6.94, 0.5), new(16.97, 0.5), new(6.94, 1), new(16.97, 1)];
        var weights = stored[2].WeightsOf(stored);
        Assert.All(weights.Zip([0.0, 0, 1, 0]), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
    }

    [Fact]
    public void A_width_between_the_stored_ones_is_put_together_closely()
    {
        var stored =
            Enumerable.Range(1, 8).SelectMany(part => (PowerProfile[])[new(6.94, part / 8.0), new(16.97, part / 8.0)]).ToSequence();
        var target = new PowerProfile(EmaDecay.PowerFunction.GammaOf(0.075), 1);
        var weights = target.WeightsOf(stored);
        Assert.Equal(1, weights.Sum(), 1e-2);
        double Difference(double time) => target.At(time) - stored.Zip(weights, (profile, weight) => weight * profile.At(time)).Sum();
        var error =
            Enumerable.Range(0, 8).Sum(part => GaussLegendreRule.Integrate(x => Pow(Difference(x), 2), part / 8.0, (part + 1) / 8.0, 32));
        Assert.True(error < 1e-3 * target.Overlap(target), $"{error}");
    }

    [Fact]
    public void Profiles_that_cannot_be_distinguished_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new PowerProfile(1, 1).WeightsOf([new(2, 1), new(2, 1)]));
        Assert.Throws<ArgumentException>(() => new PowerProfile(1, 1).WeightsOf([]));
        Assert.ThrowsAny<ArgumentException>(() => new PowerProfile(-1, 1));
        Assert.ThrowsAny<ArgumentException>(() => new PowerProfile(1, 0));
    }
}
