using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using MathNet.Numerics.Integration;
using Density = MathNet.Numerics.Distributions.Normal;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class VariationalBoundSpecs
{
    private const double DataSigma = 0.15;

    [Property(MaxTest = 50)]
    public void The_divergence_is_the_integral_of_its_definition(Weight mean1, Probability sigma1, Weight mean2, Probability sigma2)
    {
        var width = sigma1.Value + 0.2;
        var (one, other) = (new Normal(mean1.Value, 2 * Log(width)), new Normal(mean2.Value, 2 * Log(sigma2.Value + 0.2)));
        double Integrand(double x) =>
            Density.PDF(one.Mean, width, x) * (Density.PDFLn(one.Mean, width, x) - Density.PDFLn(other.Mean, sigma2.Value + 0.2, x));
        var integral = Enumerable.Range(-12, 24).Sum(piece =>
            GaussLegendreRule.Integrate(Integrand, one.Mean + piece * width, one.Mean + (piece + 1) * width, 20));
        Assert.Equal(integral, one.DivergenceFrom(other), 1e-9 * Max(1, integral));
    }

    [Property]
    public void A_divergence_is_never_negative_and_0_only_from_itself(Weight mean1, Weight log1, Weight mean2, Weight log2)
    {
        var (one, other) = (new Normal(mean1.Value, log1.Value), new Normal(mean2.Value, log2.Value));
        Assert.Equal(0, one.DivergenceFrom(one));
        Assert.True(one == other || one.DivergenceFrom(other) > 0);
    }

    [Property]
    public void A_model_that_knows_the_clean_data_pays_nothing_after_the_first_step(
        NoiseSchedule.Discrete schedule, Probability clean, Weight noise)
    {
        var bound = new VariationalBound(schedule, new Variance.Small(), new PixelLikelihood.Exact());
        for (var time = 1; time < schedule.Steps; time++)
        {
            var state = schedule.At(time).Alpha * clean.Value + schedule.At(time).Sigma * noise.Value;
            Assert.Equal(0, bound.Term(time, state, clean.Value, bound.Reverse(time, state, clean.Value)), 1e-12);
        }
    }

    [Property]
    public void An_error_of_the_estimate_costs_half_its_square_times_the_growth_of_snr(
        NoiseSchedule.Discrete schedule, Probability clean, Weight error)
    {
        // L_t = ½·(SNR(s) − SNR(t))·(x_0 − x̂_0)². Kingma et al. 2021, "Variational diffusion models", Eq. 13.
        var bound = new VariationalBound(schedule, new Variance.Small(), new PixelLikelihood.Exact());
        for (var time = 1; time < schedule.Steps; time++)
        {
            double Snr(int at) => schedule.AlphaBars[at] / (1 - schedule.AlphaBars[at]);
            var expected = (Snr(time - 1) - Snr(time)) / 2 * error.Value * error.Value;
            Assert.Equal(
                expected, bound.Term(time, 0.3, clean.Value, bound.Reverse(time, 0.3, clean.Value + error.Value)), 1e-6 * expected);
        }
    }

    [Property]
    public void A_term_follows_from_the_error_of_the_estimate_alone(
        NoiseSchedule.Discrete schedule, Variance variance, Probability clean, Weight error, Weight output)
    {
        var bound = new VariationalBound(schedule, variance, new PixelLikelihood.Exact());
        // At 1, a chain of one step, whose posterior has no variance, has none at all.
        var v = Clamp(output.Value, -1, 0.99);
        for (var time = 0; time < schedule.Steps; time++)
        {
            var state = schedule.At(time).Alpha * clean.Value + schedule.At(time).Sigma;
            var expected = bound.Term(time, state, clean.Value, bound.Reverse(time, state, clean.Value + error.Value, v));
            Assert.Equal(expected, bound.StepAt(time).Term(error.Value, clean.Value, v, bound.Decoder), 1e-6 * Max(1, Abs(expected)));
        }
    }

    [Property]
    public void The_prior_pays_nothing_where_no_signal_is_left(NoiseSchedule.Discrete schedule, Probability clean)
    {
        if (schedule.Steps > 1)
        {
            var bound =
                new VariationalBound(new NoiseSchedule.ZeroTerminalSnr(schedule), new Variance.Small(), new PixelLikelihood.Exact());
            Assert.Equal(0, bound.Prior(clean.Value), 1e-15);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(50)]
    public void For_normal_data_and_the_exact_reverse_chain_the_bound_is_the_entropy_whatever_the_steps(int steps)
    {
        double[] pixels = [.. Enumerable.Range(0, 256).Select(value => value / 127.5 - 1)];
        var likelihood = new PixelLikelihood.Exact();
        double[] probabilities = [.. pixels.Select(pixel => Exp(likelihood.LogProbability(pixel, 0, Log(DataSigma))))];
        var entropy = -probabilities.Sum(probability => probability * Log(probability));
        var bound = ExpectedBound(steps, pixels, probabilities);
        Assert.True(bound > entropy - 1e-9 && bound < entropy + 1e-4, $"{bound} for an entropy of {entropy}");
    }

    [Fact]
    public void Bits_are_nats_over_the_logarithm_of_2_and_terms_add_up()
    {
        var bound = BitsPerDimension.From([Log(2), 3 * Log(2)]).Add([Log(4)]).Add([Log(8), 0]);
        Assert.Equal((2, 3.5, 5.5), (Round(bound.Prior, 12), Round(bound.Chain, 12), Round(bound.Total, 12)));
        Assert.Throws<ArgumentException>(() => BitsPerDimension.From([]));
    }

    [Property]
    public void An_objective_is_a_sum_of_its_parts(Objective objective, Probability squared, Probability bound)
    {
        var weights = objective.For(1000);
        Assert.Equal(
            weights.OfSquaredError * squared.Value + weights.OfBound * bound.Value, weights.Combine(squared.Value, bound.Value), 1e-12);
        Assert.Equal(weights with { OfBound = 2 * weights.OfBound }, objective.For(2000));
    }

    [Fact]
    public void The_hybrid_objective_has_the_share_of_the_paper() => Assert.Equal(new(1, 1), new Objective.Hybrid().For(1000));

    [Fact]
    public void A_negative_share_is_refused() => Assert.ThrowsAny<ArgumentException>(() => new Objective.Hybrid(-1));

    // E[L] over pixels x_0 and noise, every fourth pixel standing for its neighbours.
    private static double ExpectedBound(int steps, double[] pixels, double[] probabilities)
    {
        var schedule = new NoiseSchedule.Cosine(steps);
        var bound = new VariationalBound(schedule, new Variance.LearnedLogarithm(), new PixelLikelihood.Exact());
        var (total, mass) = (0.0, 0.0);
        for (var index = 1; index < pixels.Length; index += 4)
        {
            var cost = bound.Prior(pixels[index]);
            for (var time = 0; time < steps; time++)
                cost += ExpectedTerm(bound, time, pixels[index]);
            (total, mass) = (total + probabilities[index] * cost, mass + probabilities[index]);
        }
        return total / mass;
    }

    // Of data N(0, s²), given x_t, both x_0 and x_{t−1} are normal: the exact model outputs their mean and variance.
    private static double ExpectedTerm(VariationalBound bound, int time, double clean)
    {
        var (level, posterior) = (bound.Schedule.At(time), bound.Schedule.PosteriorAt(time));
        var total = Pow(level.Alpha * DataSigma, 2) + level.Sigma * level.Sigma;
        var uncertainty = Pow(DataSigma * level.Sigma, 2) / total;
        var logVariance = Log(posterior.Sigma * posterior.Sigma + posterior.OfClean * posterior.OfClean * uncertainty);
        return GaussLegendreRule.Integrate(z => Density.PDF(0, 1, z) * TermAt(level.Alpha * clean + level.Sigma * z), -7, 7, 48);

        double TermAt(double state) =>
            bound.Term(time, state, clean, bound.Reverse(time, state, level.Alpha * DataSigma * DataSigma / total * state, logVariance));
    }
}
