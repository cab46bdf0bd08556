using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Training;

namespace Diffusion.Specs.Predictions;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class PredictionSpecs
{
    [Property]
    public void The_readout_inverts_the_target(Prediction prediction, NoisyMarginal marginal, Weight clean, Weight noise)
    {
        var (readout, target) = (prediction.ReadoutAt(marginal.Value), prediction.TargetAt(marginal.Value));
        var output = target.OfClean * clean.Value + target.OfNoise * noise.Value;
        Assert.Equal(clean.Value, readout.OfState * StateOf(marginal, clean, noise) + readout.OfOutput * output, 1e-9);
    }

    [Property]
    public void The_targets_are_those_of_the_papers(NoisyMarginal marginal)
    {
        var preserving = marginal.Value.VariancePreserving;
        Near(new(0, 1), new Prediction.Noise().TargetAt(marginal.Value));
        Near(new(1, 0), new Prediction.Clean().TargetAt(marginal.Value));
        Near(new(-preserving.Sigma, preserving.Alpha), new Prediction.Velocity().TargetAt(marginal.Value));
        Near(new(-1, 1), new Prediction.Flow().TargetAt(marginal.Value));
        Near(new(0, -1), new Prediction.Score().TargetAt(marginal.Value));
    }

    [Property]
    public void Converting_an_output_keeps_what_it_reads_as(
        Prediction one, Prediction other, NoisyMarginal marginal, Weight state, Weight output)
    {
        var conversion = one.ConvertAt(marginal.Value, other);
        var converted = conversion.OfState * state.Value + conversion.OfOutput * output.Value;
        Assert.Equal(
            Read(one.ReadoutAt(marginal.Value), state.Value, output.Value),
            Read(other.ReadoutAt(marginal.Value), state.Value, converted), 1e-8 * Max(1, Abs(converted)));
    }

    [Property]
    public void Converting_there_and_back_changes_nothing(
        Prediction one, Prediction other, NoisyMarginal marginal, Weight state, Weight output)
    {
        var (there, back) = (one.ConvertAt(marginal.Value, other), other.ConvertAt(marginal.Value, one));
        var converted = there.OfState * state.Value + there.OfOutput * output.Value;
        Assert.Equal(output.Value, back.OfState * state.Value + back.OfOutput * converted, 1e-7 * Max(1, Abs(back.OfOutput * converted)));
    }

    [Property]
    public void The_score_is_the_derivative_of_the_log_density(NoisyMarginal marginal, Weight clean, Weight noise)
    {
        // Data that is the single point x_0: p(x) = N(alpha·x_0, sigma²), whose logarithm we differentiate numerically.
        var (state, sigma) = (StateOf(marginal, clean, noise), marginal.Value.Sigma);
        double LogDensity(double x) => MathNet.Numerics.Distributions.Normal.PDFLn(marginal.Value.Alpha * clean.Value, sigma, x);
        var slope = (LogDensity(state + 1e-3 * sigma) - LogDensity(state - 1e-3 * sigma)) / (2e-3 * sigma);
        Prediction[] predictions =
        [
            new Prediction.Noise(), new Prediction.Clean(), new Prediction.Velocity(), new Prediction.Flow(),
            new Prediction.Preconditioned(), new Prediction.Score(),
        ];
        foreach (var prediction in predictions)
        {
            var (target, score) = (prediction.TargetAt(marginal.Value), prediction.ScoreAt(marginal.Value));
            var output = target.OfClean * clean.Value + target.OfNoise * noise.Value;
            Assert.Equal(slope, score.OfState * state + score.OfOutput * output, 1e-6 * (1 + 1 / (sigma * sigma)));
        }
    }

    [Property]
    public void What_a_preconditioned_network_sees_and_learns_has_variance_1(NoisyMarginal marginal, Probability data)
    {
        var prediction = new Prediction.Preconditioned(data.Value);
        var (readout, target) = (prediction.ReadoutAt(marginal.Value), prediction.TargetAt(marginal.Value));
        var (alpha, sigma) = (marginal.Value.Alpha, marginal.Value.Sigma);
        Assert.Equal(1, readout.InputScale * Sqrt(Pow(alpha * data.Value, 2) + sigma * sigma), 1e-12);
        Assert.Equal(1, Sqrt(Pow(target.OfClean * data.Value, 2) + Pow(target.OfNoise, 2)), 1e-9);
    }

    [Fact]
    public void Preconditioning_has_the_coefficients_of_the_table()
    {
        // Karras et al. 2022, Table 1, at sigma = 2 and sigma_data = 0.5.
        var readout = new Prediction.Preconditioned().ReadoutAt(Marginal.OfSigma(2));
        Assert.Equal(0.25 / 4.25, readout.OfState, 1e-15);
        Assert.Equal(2 * 0.5 / Sqrt(4.25), readout.OfOutput, 1e-15);
        Assert.Equal(1 / Sqrt(4.25), readout.InputScale, 1e-15);
        Assert.Equal(Log(2) / 4, new Prediction.Preconditioned().TimeAt(new(2, Marginal.OfSigma(2))), 1e-15);
    }

    [Fact]
    public void The_score_has_the_coefficients_of_the_table()
    {
        // Karras et al. 2022, Table 1, variance exploding, at sigma = 7; and in a state of another scale.
        var prediction = new Prediction.Score();
        Assert.Equal(new Readout(1, 7, 1), prediction.ReadoutAt(Marginal.OfSigma(7)));
        Assert.Equal(new Readout(2, 7, 2), prediction.ReadoutAt(new(0.5, 3.5)));
        Assert.Equal(Log(3.5), prediction.TimeAt(new(0.3, Marginal.OfSigma(7))), 1e-15);
    }

    [Property]
    public void The_score_is_the_noise_with_the_other_sign(NoisyMarginal marginal)
    {
        var conversion = new Prediction.Score().ConvertAt(marginal.Value, new Prediction.Noise());
        Assert.Equal(0, conversion.OfState, 1e-9);
        Assert.Equal(-1, conversion.OfOutput, 1e-9);
    }

    [Property]
    public void Every_prediction_but_those_given_the_noise_is_given_the_time_itself(Prediction prediction, Probability time)
    {
        if (prediction is not (Prediction.Preconditioned or Prediction.Flow or Prediction.Score))
            Assert.Equal(time.Value, prediction.TimeAt(new(time.Value, Marginal.OfSigma(1))));
    }

    [Property]
    public void A_training_example_noises_and_aims_by_the_same_readout(
        Prediction prediction, NoisyMarginal marginal, Weight clean, Weight noise)
    {
        var example = TrainingExample.At(new(7, marginal.Value), prediction, new LossWeight.Simple());
        var readout = prediction.ReadoutAt(marginal.Value);
        Assert.Equal(
            readout.InputScale * StateOf(marginal, clean, noise),
            example.InputOfClean * clean.Value + example.InputOfNoise * noise.Value, 1e-12 * Max(1, readout.InputScale * 20));
        Assert.Equal(prediction.TargetAt(marginal.Value), example.Target);
        Assert.Equal(1, example.Weight);
    }

    [Fact]
    public void Noise_says_nothing_about_the_data_where_there_is_no_signal()
    {
        var silent = new Marginal(0, 1);
        Assert.Contains("says nothing", Assert.Throws<ArgumentException>(() => new Prediction.Noise().ReadoutAt(silent)).Message);
        Assert.Contains("says nothing", Assert.Throws<ArgumentException>(() => new Prediction.Score().ReadoutAt(silent)).Message);
        Assert.Equal(new Readout(0, -1, 1), new Prediction.Velocity().ReadoutAt(silent));
        Assert.Equal(new Readout(0, 0.5, 1), new Prediction.Preconditioned().ReadoutAt(silent));
        Assert.Equal(new Readout(1, -1, 1), new Prediction.Flow().ReadoutAt(silent));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    public void A_data_deviation_that_is_not_above_0_is_refused(double sigma) =>
        Assert.Contains("above 0", Assert.ThrowsAny<ArgumentException>(() => new Prediction.Preconditioned(sigma)).Message);

    private static double StateOf(NoisyMarginal marginal, Weight clean, Weight noise) =>
        marginal.Value.Alpha * clean.Value + marginal.Value.Sigma * noise.Value;

    private static double Read(Readout readout, double state, double output) => readout.OfState * state + readout.OfOutput * output;

    private static void Near(TrainingTarget expected, TrainingTarget actual)
    {
        Assert.Equal(expected.OfClean, actual.OfClean, 1e-10);
        Assert.Equal(expected.OfNoise, actual.OfNoise, 1e-10);
    }
}
