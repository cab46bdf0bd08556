using Diffusion.Math.Likelihood;
using Diffusion.Math.Numerics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

public sealed class LossesSpecs
{
    private const double Tolerance = 1e-9;
    private static readonly ReferenceObject File = ReferenceFile.Open("losses.json");
    private static readonly double[] Clean = File.Numbers("x0");
    private static readonly double[] Noise = File.Numbers("noise");
    private static readonly int Batch = (int)File.Numbers("shape")[0];
    private static readonly int SampleSize = Clean.Length / Batch;

    [Fact]
    public void Pixels_are_scaled_to_the_interval_from_minus_1_to_1() =>
        Near.Relative(Clean, File.Numbers("pixels_uint8").Select(pixel => pixel / 127.5 - 1), 1e-15, "x0");

    [Fact]
    public void Every_term_of_the_bound_is_met()
    {
        foreach (var item in File.Objects("vb_terms"))
        {
            var model = ModelOf(item, PeerSchedule.GuidedDiffusion(item.Text("schedule"), item.Integer("T")));
            var clipped = item["clip_denoised"].GetBoolean();
            var terms = item.Numbers("t").SelectMany(
                time => PerSample((int)time, model, Noise, (state, index) => model.TermAt((int)time, state, Clean[index], clipped)));
            Near.Relative(item.Numbers("output_bits_per_dim"), terms.Select(InBits), Tolerance, item.Path);
            item.Complete();
        }
    }

    [Fact]
    public void Every_term_of_the_bound_is_met_on_tensors()
    {
        foreach (var item in File.Objects("vb_terms"))
        {
            var model = ModelOf(item, PeerSchedule.GuidedDiffusion(item.Text("schedule"), item.Integer("T")));
            // A network that predicts x_{t−1} gives the mean itself, and clipping does not reach it.
            var clipped = item["clip_denoised"].GetBoolean() && model.Mean != "PREVIOUS_X";
            var bound = new VariationalBound(model.Schedule, PeerVariance.Of(model.VarianceName), new PixelLikelihood.TanhApproximation());
            var found = item.Numbers("t").SelectMany(time => BitsOnTensors(bound, model, (int)time, clipped));
            Near.Relative(item.Numbers("output_bits_per_dim"), found, Tolerance, item.Path);
        }
    }

    [Fact]
    public void Every_prior_term_is_met()
    {
        foreach (var item in File.Objects("prior_bpd"))
        {
            var schedule = PeerSchedule.GuidedDiffusion(item.Text("schedule"), item.Integer("T"));
            Near.Relative(item.Numbers("value"), Priors(schedule), Tolerance, item.Path);
            item.Complete();
        }
    }

    [Fact]
    public void Every_training_loss_is_met()
    {
        foreach (var item in File.Objects("training_losses"))
        {
            var schedule = ScheduleOf(item);
            var model = ModelOf(item, schedule);
            int[] times = [.. item.Numbers("t").Select(time => (int)time)];
            var squared = times.Select((time, sample) => PerSample(time, model, Noise, (state, index) =>
                Pow(model.OutputAt(time, state) - model.TargetAt(time, state, Clean[index], Noise[index]), 2))[sample]).ToArray();
            var bound = times.Select((time, sample) => InBits(PerSample(time, model, Noise, (state, index) =>
                model.TermAt(time, state, Clean[index], clipped: false))[sample])).ToArray();
            var weights = WeightsOf(item.Text("loss_type"), PeerVariance.Of(item.Text("var")) is Variance.Learned, schedule.Steps);
            Near.Relative(item.Numbers("loss"), squared.Zip(bound, weights.Combine), Tolerance, $"{item.Path}.loss");
            if (item.Has("mse"))
                Near.Relative(item.Numbers("mse"), squared, Tolerance, $"{item.Path}.mse");
            if (item.Has("vb"))
                Near.Relative(item.Numbers("vb"), bound.Select(bits => weights.OfBound * bits), Tolerance, $"{item.Path}.vb");
            item.Complete();
        }
    }

    [Fact]
    public void Every_whole_bound_is_met()
    {
        foreach (var item in File.Objects("bpd_loop"))
        {
            var schedule = ScheduleOf(item);
            var model = ModelOf(item, schedule);
            var clipped = item["clip_denoised"].GetBoolean();
            var noise = File.Numbers(item.Text("noise_key")).Chunk(Clean.Length).ToArray();
            Assert.Equal(schedule.Steps, noise.Length);
            var (terms, cleanErrors, noiseErrors) = (new List<double[]>(), new List<double[]>(), new List<double[]>());
            for (var number = 0; number < noise.Length; number++)
            {
                var (time, z) = (schedule.Steps - 1 - number, noise[number]);
                var toNoise = new Prediction.Clean().ConvertAt(schedule.At(time), new Prediction.Noise());
                terms.Add(PerSample(time, model, z, (state, index) => model.TermAt(time, state, Clean[index], clipped)));
                cleanErrors.Add(PerSample(time, model, z, (state, index) => Pow(model.DenoisedAt(time, state, clipped) - Clean[index], 2)));
                noiseErrors.Add(PerSample(time, model, z, (state, index) =>
                    Pow(toNoise.OfState * state + toNoise.OfOutput * model.DenoisedAt(time, state, clipped) - z[index], 2)));
            }
            Near.Relative(item.Numbers("prior_bpd"), Priors(schedule), Tolerance, $"{item.Path}.prior_bpd");
            Near.Relative(item.Numbers("vb"), Columns(terms).Select(InBits), Tolerance, $"{item.Path}.vb");
            Near.Relative(item.Numbers("xstart_mse"), Columns(cleanErrors), Tolerance, $"{item.Path}.xstart_mse");
            Near.Relative(item.Numbers("mse"), Columns(noiseErrors), Tolerance, $"{item.Path}.mse");
            var totals = Enumerable.Range(0, Batch).Select(sample =>
                terms.Aggregate(BitsPerDimension.From([PriorNats(schedule)[sample]]), (bound, term) => bound.Add([term[sample]])).Total);
            Near.Relative(item.Numbers("total_bpd"), totals, Tolerance, $"{item.Path}.total_bpd");
            item.Complete();
        }
    }

    [Fact]
    public void Every_probability_of_a_pixel_is_met()
    {
        var table = File.Object("discretized_ll");
        var likelihood = new PixelLikelihood.TanhApproximation();
        var found =
            from pixel in table.Numbers("x")
            from mean in table.Numbers("mean")
            from scale in table.Numbers("log_scale")
            select likelihood.LogProbability(pixel, mean, scale);
        Near.Absolute(table.Numbers("nats"), found, 1e-8, table.Path);
        table.Ignore("shape", "order", "cdf");
        table.Complete();
    }

    [Fact]
    public void The_distribution_function_is_met_exactly_and_approximately()
    {
        var table = File.Object("approx_cdf");
        Near.Relative(
            table.Numbers("approx"), table.Numbers("x").Select(PixelLikelihood.TanhApproximation.Cumulative), Tolerance, "approx");
        Near.Relative(table.Numbers("exact_scipy_norm_cdf"), table.Numbers("x").Select(StandardNormal.Cumulative), 1e-13, "exact");
        table.Complete();
    }

    [Fact]
    public void Every_divergence_of_normal_distributions_is_met()
    {
        var table = File.Object("normal_kl");
        var (mean1, log1, mean2, log2) =
            (table.Numbers("mean1"), table.Numbers("logvar1"), table.Numbers("mean2"), table.Numbers("logvar2"));
        Near.Relative(
            table.Numbers("kl_nats"),
            mean1.Select((mean, index) => new Normal(mean, log1[index]).DivergenceFrom(new(mean2[index], log2[index]))),
            Tolerance, table.Path);
        table.Complete();
    }

    [Fact]
    public void Every_min_snr_weight_is_met()
    {
        foreach (var item in File.Objects("min_snr"))
        {
            int[] times = [.. item.Numbers("indices").Select(index => (int)index)];
            var schedule = PeerSchedule.GuidedDiffusion(item.Text("schedule"), times.Max() + 1);
            Prediction prediction = item.Text("objective") switch
            {
                "pred_noise" => new Prediction.Noise(),
                "pred_x0" => new Prediction.Clean(),
                "pred_v" => new Prediction.Velocity(),
                var other => throw new NotSupportedException($"objective '{other}'"),
            };
            var weight = new LossWeight.MinSnr(item.Number("gamma"));
            Near.Relative(
                item.Numbers("weight"), times.Select(time => weight.At(schedule.At(time), prediction)), Tolerance, $"{item.Path}.weight");
            Near.Relative(item.Numbers("snr"), times.Select(time => Exp(schedule.At(time).LogSnr)), Tolerance, $"{item.Path}.snr");
            item.Ignore("source");
            item.Complete();
        }
    }

    [Fact]
    public void Nothing_else_stands_in_the_file()
    {
        File.Ignore("source", "split", "shape", "pixels_uint8", "x0", "data_mean", "data_std", "model_note", "noise", "vb_terms",
            "prior_bpd", "training_losses");
        File.Ignore("bpd_loop", "discretized_ll", "approx_cdf", "normal_kl", "min_snr");
        foreach (var item in File.Objects("bpd_loop"))
            File.Ignore(item.Text("noise_key"));
        File.Complete();
    }

    private static IEnumerable<double> BitsOnTensors(VariationalBound bound, PeerModel model, int time, bool clipped)
    {
        using var scope = NewDisposeScope();
        var marginal = model.Schedule.At(time);
        double[] states = [.. Clean.Zip(Noise, (clean, noise) => marginal.Alpha * clean + marginal.Sigma * noise)];
        var clean = Images(Clean);
        var error = Images(states.Select(state => model.DenoisedAt(time, state, clipped))) - clean;
        var output = bound.Variance is Variance.Learned ? Images(states.Select(model.VarianceOutputAt)) : null;
        VlbStep[] steps = [.. Enumerable.Repeat(bound.StepAt(time), Batch)];
        return [.. BoundTerms.Of(steps, bound.Decoder, clean)
            .Nats(error, clean, output).flatten(1).mean([1]).data<double>().Select(InBits)];
    }

    private static Tensor Images(IEnumerable<double> numbers) => tensor(numbers.ToArray()).view(Batch, 1, 1, SampleSize);

    private static PeerModel ModelOf(ReferenceObject item, NoiseSchedule.Discrete schedule) =>
        new(item.Text("mean"), item.Text("var"), schedule, File.Number("data_mean"), File.Number("data_std"));

    // T of a respaced case is what is left; the base has a thousand steps, as the times it kept show.
    private static NoiseSchedule.Discrete ScheduleOf(ReferenceObject item)
    {
        if (!item.Has("section_counts"))
            return PeerSchedule.GuidedDiffusion(item.Text("schedule"), item.Integer("T"));
        var schedule = new NoiseSchedule.Respaced(
            PeerSchedule.GuidedDiffusion(item.Text("schedule"), 1000), TimestepSpacing.Parse(item.Text("section_counts")));
        Assert.Equal(item.Numbers("timestep_map"), Enumerable.Range(0, schedule.Steps).Select(time => schedule.LevelAt(time).Time));
        if (item.Has("T"))
            Assert.Equal(item.Integer("T"), schedule.Steps);
        return schedule;
    }

    private static ObjectiveWeights WeightsOf(string lossType, bool learned, int steps) => lossType switch
    {
        "MSE" => learned ? new Objective.Hybrid(1.0 / steps).For(steps) : new Objective.Simple().For(steps),
        "RESCALED_MSE" => learned ? new Objective.Hybrid().For(steps) : new Objective.Simple().For(steps),
        // guided-diffusion's KL is the mean over the chain rather than the sum.
        "KL" => new Objective.Bound().For(1),
        "RESCALED_KL" => new Objective.Bound().For(steps),
        _ => throw new NotSupportedException($"loss type '{lossType}'"),
    };

    private static double[] PriorNats(NoiseSchedule.Discrete schedule)
    {
        var bound = new VariationalBound(schedule, new Variance.Small(), new PixelLikelihood.Exact());
        return [.. Clean.Select(bound.Prior).Chunk(SampleSize).Select(sample => sample.Average())];
    }

    private static IEnumerable<double> Priors(NoiseSchedule.Discrete schedule) => PriorNats(schedule).Select(InBits);

    private static double InBits(double nats) => BitsPerDimension.BitsOf([nats]);

    // The mean over each sample of a function of its noisy numbers.
    private static double[] PerSample(int time, PeerModel model, double[] noise, Func<double, int, double> of)
    {
        var marginal = model.Schedule.At(time);
        var values = Clean.Select((clean, index) => of(marginal.Alpha * clean + marginal.Sigma * noise[index], index));
        return [.. values.Chunk(SampleSize).Select(sample => sample.Average())];
    }

    private static IEnumerable<double> Columns(List<double[]> rows) =>
        Enumerable.Range(0, Batch).SelectMany(sample => rows.Select(row => row[sample]));
}
