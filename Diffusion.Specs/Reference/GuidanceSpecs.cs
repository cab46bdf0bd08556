using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;

namespace Diffusion.Specs.Reference;

public sealed class GuidanceSpecs
{
    private const double Tolerance = 1e-11;
    private static readonly ReferenceObject File = ReferenceFile.Open("guidance.json");
    private static readonly double[] Conditional = File.Numbers("eps_cond");
    private static readonly double[] Unconditional = File.Numbers("eps_uncond");
    private static readonly int SampleSize = Conditional.Length / (int)File.Numbers("shape")[0];

    [Fact]
    public void The_outputs_are_those_of_the_formula()
    {
        Near.Absolute(Conditional, Formula.UnitVariance($"{File.Text("key")}/cond", Conditional.Length), 1e-15, "eps_cond");
        Near.Absolute(Unconditional, Formula.UnitVariance($"{File.Text("key")}/uncond", Unconditional.Length), 1e-15, "eps_uncond");
    }

    [Fact]
    public void Classifier_free_guidance_is_that_of_Ho_and_Salimans_and_of_diffusers()
    {
        foreach (var item in File.Objects("cfg"))
        {
            var guidance = new Guidance.ClassifierFree(item.Number("w"));
            Assert.Equal(item.Number("guidance_scale"), guidance.Scale, 1e-15);
            Near.Relative(item.Numbers("ho_salimans"), Combine(guidance), Tolerance, $"{item.Path}.ho_salimans");
            var scaled = Guidance.ClassifierFree.OfScale(item.Number("guidance_scale"));
            Near.Relative(item.Numbers("diffusers"), Combine(scaled), Tolerance, $"{item.Path}.diffusers");
            item.Ignore("max_abs_diff");
            item.Complete();
        }
    }

    [Fact]
    public void Rescaled_guidance_is_that_of_diffusers()
    {
        foreach (var item in File.Objects("rescale"))
        {
            var guidance =
                new Guidance.Rescaled(Guidance.ClassifierFree.OfScale(item.Number("guidance_scale")), item.Number("guidance_rescale"));
            Near.Relative(item.Numbers("out"), Combine(guidance), Tolerance, $"{item.Path}.out");
            Assert.Equal(item.Number("guidance_scale"), 1 + item.Number("w"), 1e-15);
            item.Ignore("note");
            item.Complete();
        }
    }

    [Fact]
    public void A_classifier_steers_the_mean_and_the_score_as_in_guided_diffusion()
    {
        var setup = File.Object("classifier_setup");
        var (state, clean) = (setup.Numbers("x"), setup.Numbers("pred_x0"));
        var (center, width) = (setup.Number("center"), setup.Number("tau"));
        double[] gradient = [.. state.Select(x => -(x - center) / (width * width))];
        foreach (var item in File.Objects("classifier"))
        {
            var schedule = PeerSchedule.GuidedDiffusion(item.Text("schedule"), item.Integer("T"));
            var (time, scale) = (item.Integer("t"), item.Number("scale"));
            var (marginal, posterior) = (schedule.At(time), schedule.PosteriorAt(time));
            Variance kind = PeerVariance.Of(item.Text("model_var_type"));
            // Sampling with the small variance uses the true one, 0 at t = 0; only its logarithm is borrowed from t = 1.
            var variance = kind is Variance.Small ? posterior.Sigma * posterior.Sigma : kind.RangeAt(schedule, time).Low;
            Near.Relative([item.Number("variance")], [variance], Tolerance, $"{item.Path}.variance");
            Near.Relative([item.Number("log_variance")], [kind.RangeAt(schedule, time).LogAt()], Tolerance, $"{item.Path}.log_variance");

            double MeanOf(double x, double x0) => posterior.OfState * x + posterior.OfClean * x0;
            double[] mean = [.. state.Zip(clean, MeanOf)];
            Near.Relative(item.Numbers("mean_before"), mean, Tolerance, $"{item.Path}.mean_before");
            var inMean = new ClassifierGuidance.MeanShift(scale).InMean(variance);
            Near.Relative(
                item.Numbers("condition_mean"), mean.Zip(gradient, (m, g) => m + inMean * g), Tolerance, $"{item.Path}.condition_mean");

            var toNoise = new Prediction.Clean().ConvertAt(marginal, new Prediction.Noise());
            var noise = state.Zip(clean, (x, x0) => toNoise.OfState * x + toNoise.OfOutput * x0);
            Near.Relative(item.Numbers("eps_before"), noise, Tolerance, $"{item.Path}.eps_before");
            var inDenoised = new ClassifierGuidance.ScoreShift(scale).InDenoised(marginal);
            double[] steered = [.. clean.Zip(gradient, (x0, g) => x0 + inDenoised * g)];
            Near.Relative(item.Numbers("condition_score_pred_x0"), steered, Tolerance, $"{item.Path}.condition_score_pred_x0");
            Near.Relative(item.Numbers("condition_score_mean"), state.Zip(steered, MeanOf), Tolerance, $"{item.Path}.condition_score_mean");
            item.Complete();
        }
        setup.Ignore("gradient", "mean");
        setup.Complete();
    }

    [Fact]
    public void Nothing_else_stands_in_the_file()
    {
        File.Ignore("source", "split", "shape", "key", "eps_cond", "eps_uncond", "cfg", "rescale", "classifier", "classifier_setup");
        File.Complete();
    }

    private static IEnumerable<double> Combine(Guidance guidance)
    {
        var weights = guidance.WeightsAt(new NoiseLevel(0, Marginal.OfSigma(1)));
        double[] combined = [.. Conditional.Zip(Unconditional, (c, u) => weights.OfConditional * c + weights.OfUnconditional * u)];
        return combined.Chunk(SampleSize).Zip(Conditional.Chunk(SampleSize)).SelectMany(sample =>
        {
            var factor = weights.FactorFor(Deviation(sample.Second), Deviation(sample.First));
            return sample.First.Select(number => number * factor);
        });
    }

    private static double Deviation(double[] numbers)
    {
        var mean = numbers.Average();
        return Sqrt(numbers.Sum(number => (number - mean) * (number - mean)) / (numbers.Length - 1));
    }
}
