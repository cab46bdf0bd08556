using Diffusion.Math.Training;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class EmaDecaySpecs
{
    [Property]
    public void Every_decay_lies_between_0_and_1(EmaDecay decay, NonNegativeInt update) =>
        Assert.InRange(decay.At(update.Get), 0, BitDecrement(1.0));

    [Property]
    public void No_average_grows_shorter(EmaDecay decay, NonNegativeInt update) =>
        Assert.True(decay.At(update.Get) <= decay.At(update.Get + 1));

    [Fact]
    public void A_first_update_copies_except_where_the_average_starts_from_the_initial_weights()
    {
        Assert.All<EmaDecay>(
            [new EmaDecay.Constant(0.9999), new EmaDecay.Ramp(0.9999), new EmaDecay.InverseGamma(), new EmaDecay.PowerFunction(0.1)],
            decay => Assert.Equal(0, decay.At(0)));
        Assert.Equal(0.9999, new EmaDecay.Steady(0.9999).At(0));
    }

    [Fact]
    public void The_ramp_is_that_of_diffusers() =>
        Assert.Equal([0, 2.0 / 11, 0.25, 10.0 / 19, 0.9], ((long[])[0, 1, 2, 9, 1_000_000]).Select(new EmaDecay.Ramp(0.9).At));

    [Fact]
    public void The_power_of_inverse_gamma_reaches_the_decays_it_is_known_for()
    {
        Assert.Equal(0.999, new EmaDecay.InverseGamma(Power: 2.0 / 3).At(31_622), 1e-6);
        Assert.Equal(0.999, new EmaDecay.InverseGamma(Power: 0.75).At(9_999), 1e-6);
        Assert.Equal(0.9999, new EmaDecay.InverseGamma(Power: 0.75).At(10_000_000));
    }

    [Fact]
    public void After_a_half_life_half_of_the_average_is_new()
    {
        var decay = new EmaDecay.HalfLife(200);
        var kept = Enumerable.Range(100_000, 200).Aggregate(1.0, (left, update) => left * decay.At(update));
        Assert.Equal(0.5, kept, 1e-12);
        // While training is young the half-life is a twentieth of it.
        Assert.Equal(Pow(0.5, 1 / (0.05 * 1000)), decay.At(999), 1e-15);
    }

    [Fact]
    public void A_power_function_average_weighs_the_past_by_a_power_of_time()
    {
        // What the running average gives to the parameters of each step, against the profile it is named after.
        const int updates = 2000;
        var decay = new EmaDecay.PowerFunction(0.1);
        var weights = new double[updates];
        for (var update = 0; update < updates; update++)
        {
            for (var step = 0; step < update; step++)
                weights[step] *= decay.At(update);
            weights[update] = 1 - decay.At(update);
        }
        Assert.Equal(1, weights.Sum(), 1e-12);
        var profile = new PowerProfile(decay.Gamma, updates);
        for (var step = 200; step < updates; step += 200)
            Assert.Equal(profile.At(step + 0.5), weights[step], 0.02 * profile.At(updates));
        var mean = weights.Select((weight, step) => weight * (step + 0.5)).Sum() / updates;
        var width = Sqrt(weights.Select((weight, step) => weight * Pow((step + 0.5) / updates - mean, 2)).Sum());
        Assert.Equal(0.1, width, 1e-3);
    }

    [Property]
    public void The_width_and_the_power_of_a_profile_undo_each_other(Probability width)
    {
        var gamma = EmaDecay.PowerFunction.GammaOf(width.Value * 0.28);
        Assert.Equal(width.Value * 0.28, EmaDecay.PowerFunction.WidthOf(gamma), 1e-12);
    }

    [Fact]
    public void The_widths_of_the_paper_have_its_powers()
    {
        // Karras et al. 2024: sigma_rel 0.05 and 0.10 are gamma 16.97 and 6.94.
        Assert.Equal(16.97, EmaDecay.PowerFunction.GammaOf(0.05), 0.005);
        Assert.Equal(6.94, EmaDecay.PowerFunction.GammaOf(0.1), 0.005);
    }

    [Fact]
    public void Settings_that_make_no_sense_are_refused() => Assert.All<Func<object>>(
        [() => new EmaDecay.Constant(1), () => new EmaDecay.Steady(-0.1), () => new EmaDecay.Ramp(double.NaN),
         () => new EmaDecay.InverseGamma(1.5),
         () => new EmaDecay.InverseGamma(0.9, 0), () => new EmaDecay.InverseGamma(0.9, 1, 0), () => new EmaDecay.HalfLife(0),
         () => new EmaDecay.HalfLife(1, 0), () => new EmaDecay.PowerFunction(0), () => new EmaDecay.PowerFunction(0.29)],
        make => Assert.ThrowsAny<ArgumentException>(make));
}
