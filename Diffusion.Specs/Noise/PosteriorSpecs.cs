using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Integration;
using MathNet.Numerics.LinearAlgebra;

namespace Diffusion.Specs.Noise;

/// <summary>The posterior against Bayes' rule, which MathNet works out from the densities alone.</summary>
[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class PosteriorSpecs
{
    [Property]
    public void The_posterior_is_the_conditional_distribution_of_jointly_normal_states(NoisyPair pair, Weight clean, Weight state)
    {
        // (x_s, x_t) given x_0 = M·(ε_1, ε_2) + mean, with x_t made from x_s by the noising step.
        var step = Transition.Of(pair.Earlier, pair.Later);
        var mixing =
            Matrix<double>.Build.DenseOfArray(new[,] { { pair.Earlier.Sigma, 0 }, { step.Scale * pair.Earlier.Sigma, step.Sigma } });
        var covariance = mixing * mixing.Transpose();
        var mean = Vector<double>.Build.Dense([pair.Earlier.Alpha * clean.Value, pair.Later.Alpha * clean.Value]);
        // The precision matrix gives the conditional distribution without our formula: variance 1/Λ_ss, mean μ_s − Λ_st/Λ_ss·(x_t − μ_t).
        var precision = covariance.Inverse();

        var posterior = Posterior.Of(pair.Earlier, pair.Later);

        Assert.Equal(1 / Sqrt(precision[0, 0]), posterior.Sigma, 1e-9);
        Assert.Equal(
            mean[0] - precision[0, 1] / precision[0, 0] * (state.Value - mean[1]),
            posterior.OfState * state.Value + posterior.OfClean * clean.Value, 1e-8);
    }

    [Property(MaxTest = 30)]
    public void The_posterior_is_the_normalised_product_of_prior_and_likelihood(NoisyPair pair, Weight clean, Weight noise)
    {
        var step = Transition.Of(pair.Earlier, pair.Later);
        var state = pair.Later.Alpha * clean.Value + pair.Later.Sigma * noise.Value;
        double Density(double earlier) =>
            Normal.PDF(pair.Earlier.Alpha * clean.Value, pair.Earlier.Sigma, earlier) * Normal.PDF(step.Scale * earlier, step.Sigma, state);
        // The product is no wider than the narrower of the two, and near it.
        var (center, width) = step.Sigma / step.Scale < pair.Earlier.Sigma
            ? (state / step.Scale, step.Sigma / step.Scale)
            : (pair.Earlier.Alpha * clean.Value, pair.Earlier.Sigma);
        double Integral(Func<double, double> of) =>
            Enumerable.Range(-20, 40).Sum(
                piece => GaussLegendreRule.Integrate(of, center + piece * width / 2, center + (piece + 1) * width / 2, 32));

        var evidence = Integral(Density);
        var mean = Integral(x => x * Density(x)) / evidence;
        var variance = Integral(x => (x - mean) * (x - mean) * Density(x)) / evidence;

        var posterior = Posterior.Of(pair.Earlier, pair.Later);
        Assert.Equal(mean, posterior.OfState * state + posterior.OfClean * clean.Value, 1e-6);
        Assert.Equal(Sqrt(variance), posterior.Sigma, 1e-6);
        // And the evidence is the later marginal.
        Assert.Equal(Normal.PDF(pair.Later.Alpha * clean.Value, pair.Later.Sigma, state), evidence, 1e-6 * evidence);
    }

    [Property]
    public void Drawing_from_the_posterior_carries_the_later_marginal_to_the_earlier_one(NoisyPair pair)
    {
        var (ofState, ofClean, sigma) = Posterior.Of(pair.Earlier, pair.Later);
        Assert.Equal(pair.Earlier.Alpha, ofState * pair.Later.Alpha + ofClean, 1e-12);
        Assert.Equal(pair.Earlier.Sigma, Sqrt(Pow(ofState * pair.Later.Sigma, 2) + sigma * sigma), 1e-12);
    }

    [Property]
    public void Neighbouring_times_have_the_coefficients_of_the_paper(NoiseSchedule.Discrete schedule)
    {
        // Ho et al. 2020, Eq. 7, in the paper's own letters.
        for (var t = 1; t < schedule.Steps; t++)
        {
            var (beta, before, alphaBar) = (schedule.Betas[t], schedule.AlphaBars[t - 1], schedule.AlphaBars[t]);
            var posterior = schedule.PosteriorAt(t);
            Assert.Equal(Sqrt(before) * beta / (1 - alphaBar), posterior.OfClean, 1e-11);
            Assert.Equal(Sqrt(1 - beta) * (1 - before) / (1 - alphaBar), posterior.OfState, 1e-11);
            Assert.Equal(Sqrt((1 - before) / (1 - alphaBar) * beta), posterior.Sigma, 1e-11);
        }
    }

    [Property]
    public void The_table_and_the_pair_of_marginals_agree(NoiseSchedule.Discrete schedule)
    {
        for (var t = 0; t < schedule.Steps; t++)
        {
            var (table, pair) = (schedule.PosteriorAt(t), Posterior.Of(schedule.At(t - 1), schedule.At(t)));
            Assert.Equal(pair.OfClean, table.OfClean, 1e-9);
            Assert.Equal(pair.OfState, table.OfState, 1e-9);
            Assert.Equal(pair.Sigma, table.Sigma, 1e-9);
        }
    }

    [Property]
    public void Clean_data_before_is_certain(NoisyMarginal later)
    {
        var posterior = Posterior.Of(Marginal.Clean, later.Value with { Alpha = Min(later.Value.Alpha, 1) });
        Assert.Equal((0, 1, 0), (posterior.OfState, posterior.OfClean, posterior.Sigma));
    }

    [Property]
    public void The_posterior_mean_reads_back_as_the_clean_data(NoisyPair pair, Weight clean, Weight state)
    {
        var posterior = Posterior.Of(pair.Earlier, pair.Later);
        var mean = posterior.OfState * state.Value + posterior.OfClean * clean.Value;
        var (ofState, ofMean) = OutputWeights.CleanOfMean(posterior);
        Assert.Equal(clean.Value, ofState * state.Value + ofMean * mean, 1e-9 * Abs(ofMean));
    }

    [Fact]
    public void A_state_without_noise_has_no_posterior() =>
        Assert.Contains("nothing is left to infer", Assert.Throws<ArgumentException>(
            () => Posterior.Of(Marginal.Clean, Marginal.Clean)).Message);

    [Property]
    public void A_later_state_with_less_noise_is_refused(NoisyPair pair) =>
        Assert.Contains("less noisy", Assert.Throws<ArgumentException>(() => Posterior.Of(pair.Later, pair.Earlier)).Message);
}
