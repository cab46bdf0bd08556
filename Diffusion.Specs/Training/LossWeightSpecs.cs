using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Training;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class LossWeightSpecs
{
    [Property]
    public void The_loss_does_not_depend_on_what_the_network_outputs(
        LossWeight weight, Prediction one, Prediction other, NoisyMarginal marginal, Weight state, Weight error)
    {
        if (weight is LossWeight.Simple)
            return;
        // The same wrong estimate of the clean data, stated in two ways.
        var conversion = one.ConvertAt(marginal.Value, other);
        var otherError = conversion.OfOutput * error.Value;
        var expected = weight.At(marginal.Value, one) * error.Value * error.Value;
        Assert.Equal(expected, weight.At(marginal.Value, other) * otherError * otherError, 1e-9 * expected);
    }

    [Property]
    public void Min_snr_has_the_weights_of_the_paper(NoisyMarginal marginal, Probability gamma)
    {
        var (weight, snr, limit) = (new LossWeight.MinSnr(9 * gamma.Value), Exp(marginal.Value.LogSnr), 9 * gamma.Value);
        Near(Min(snr, limit), weight.At(marginal.Value, new Prediction.Clean()));
        Near(Min(snr, limit) / snr, weight.At(marginal.Value, new Prediction.Noise()));
        Near(Min(snr, limit) / (snr + 1), weight.At(marginal.Value, new Prediction.Velocity()));
    }

    [Property]
    public void Truncated_snr_has_the_weights_of_the_paper(NoisyMarginal marginal)
    {
        var snr = Exp(marginal.Value.LogSnr);
        Near(Max(snr, 1), new LossWeight.TruncatedSnr().At(marginal.Value, new Prediction.Clean()));
    }

    [Property]
    public void Perception_priority_weighs_the_noise_by_the_papers_formula(NoisyMarginal marginal, Probability gamma)
    {
        var snr = Exp(marginal.Value.LogSnr);
        Near(1 / Pow(1 + snr, gamma.Value), new LossWeight.PerceptionPrioritised(gamma.Value).At(marginal.Value, new Prediction.Noise()));
        Near(1, new LossWeight.PerceptionPrioritised(0).At(marginal.Value, new Prediction.Noise()));
    }

    [Property]
    public void The_sigmoid_weighs_the_noise_by_the_papers_formula(NoisyMarginal marginal, Weight bias) =>
        Near(
            1 / (1 + Exp(marginal.Value.LogSnr - bias.Value)),
            new LossWeight.Sigmoid(bias.Value).At(marginal.Value, new Prediction.Noise()));

    [Property]
    public void The_edm_weight_is_1_for_a_preconditioned_network(NoisyMarginal marginal, Probability data) =>
        Near(1, new LossWeight.Edm(data.Value).At(marginal.Value, new Prediction.Preconditioned(data.Value)));

    [Property]
    public void The_edm_weight_is_that_of_the_table(Probability sigma, Probability data) =>
        Near(
            (Pow(sigma.Value, 2) + Pow(data.Value, 2)) / Pow(sigma.Value * data.Value, 2),
            new LossWeight.Edm(data.Value).At(Marginal.OfSigma(sigma.Value), new Prediction.Clean()));

    [Property]
    public void The_simple_weight_is_1_for_every_output(Prediction prediction, NoisyMarginal marginal) =>
        Assert.Equal(1, new LossWeight.Simple().At(marginal.Value, prediction));

    [Fact]
    public void Settings_that_make_no_sense_are_refused() => Assert.All<Func<object>>(
        [() => new LossWeight.MinSnr(0), () => new LossWeight.Edm(0), () => new LossWeight.Sigmoid(double.NaN),
         () => new LossWeight.PerceptionPrioritised(-1), () => new LossWeight.PerceptionPrioritised(1, 0)],
        make => Assert.ThrowsAny<ArgumentException>(make));

    private static void Near(double expected, double actual) => Assert.Equal(expected, actual, 1e-9 * expected);
}
