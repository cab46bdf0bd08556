using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Images;
using Diffusion.Model.Likelihood;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class BoundMeasurementSpecs : IDisposable
{
    // What the network computes in float32 differs by rounding with the size of the batch.
    private const double Tolerance = 1e-5;
    private const int Images = 3;

    private static readonly NoiseSchedule.Discrete Schedule = new NoiseSchedule.Cosine(12);
    private static readonly Seed Seed = new(5);
    private static readonly int[] Numbers = [.. Enumerable.Range(0, Images)];

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ImageSet _images = Small.Images();

    public void Dispose()
    {
        _images.Dispose();
        _scope.Dispose();
    }

    public static TheoryData<Prediction, Variance, Clipping> Models => new()
    {
        { new Prediction.Noise(), new Variance.Large(), new Clipping.Clip() },
        { new Prediction.Velocity(), new Variance.Small(), new Clipping.Clip() },
        { new Prediction.Clean(), new Variance.Large(), new Clipping.None() },
        { new Prediction.Preconditioned(), new Variance.Small(), new Clipping.None() },
        { new Prediction.Noise(), new Variance.LearnedRange(), new Clipping.Clip() },
        { new Prediction.Velocity(), new Variance.LearnedRange(), new Clipping.None() },
    };

    [Theory]
    [MemberData(nameof(Models))]
    public void Each_term_is_that_of_the_equations_number_by_number(Prediction prediction, Variance variance, Clipping limit)
    {
        using var network = Network(Small.Network with { OutputChannels = variance is Variance.Learned ? 2 : 1 });
        var measurement = Of(prediction, variance, limit);
        var bounds = measurement.Measure(network, _images.Images.narrow(0, 0, Images), null, Numbers, () => { });
        using var guard = no_grad();
        var denoiser = new Denoiser(network, prediction, new Guidance.None(), null, Precision.Float32);
        for (var image = 0; image < Images; image++)
        {
            var clean = Pixels.ToNumbers(_images.Images.narrow(0, image, 1));
            double[] pixels = Doubles(clean);
            var folded = BitsPerDimension.From([.. pixels.Select(measurement.Bound.Prior)]);
            for (var time = 0; time < Schedule.Steps; time++)
            {
                var level = Schedule.LevelAt(time);
                var noise = new SampleNoise(Seed, image, clean.shape, CPU).Draw(time);
                var state = clean.Times(level.Marginal.Alpha).Plus(noise.Times(level.Marginal.Sigma));
                var (estimate, fraction) = variance is Variance.Learned
                    ? denoiser.DenoiseWithVariance(state, level)
                    : new(denoiser.Denoise(state, level), zeros_like(state));
                var outputs = Doubles(fraction.Times(2).Minus(1));
                var (states, estimates) = (
                    Doubles(state), Doubles(limit is Clipping.Clip ? estimate.clamp(Number.Of(-1), Number.One) : estimate));
                var terms = pixels.Select((pixel, at) =>
                    measurement.Bound.Term(
                        time, states[at], pixel, measurement.Bound.Reverse(time, states[at], estimates[at], outputs[at])));
                folded = folded.Add([.. terms]);
                if (time == 0)
                    Near(folded.Chain, bounds[image].Decoder);
            }
            Near(folded.Prior, bounds[image].Prior);
            Near(folded.Chain, bounds[image].Decoder + bounds[image].Chain);
            Near(folded.Total, bounds[image].Total);
        }
    }

    [Fact]
    public void A_network_that_says_nothing_pays_half_the_fall_of_the_signal_to_noise_ratio()
    {
        // F = 0 read as x̂_0 = 0, and Σ ½·(SNR(t − 1) − SNR(t))·x_0² telescopes. Kingma et al. 2021, Eq. 13.
        using var network = Silent();
        var bound = Of(new Prediction.Clean(), new Variance.Small(), new Clipping.None())
            .Measure(network, _images.Images.narrow(0, 0, 1), null, [0], () => { })[0];
        double Snr(int time) => Exp(Schedule.At(time).LogSnr);
        var energy = Doubles(Pixels.ToNumbers(_images.Images.narrow(0, 0, 1))).Average(pixel => pixel * pixel);
        Near((Snr(0) - Snr(Schedule.Steps - 1)) / 2 * energy / Log(2), bound.Chain);
    }

    [Fact]
    public void The_batch_changes_nothing()
    {
        using var network = Network(Small.Network);
        var measurement = Of(new Prediction.Velocity(), new Variance.Small(), new Clipping.Clip()) with { Times = new(Schedule.Steps, 5) };
        var together = measurement.Measure(network, _images.Images.narrow(0, 0, Images), null, Numbers, () => { });
        foreach (var number in Numbers)
        {
            var alone = measurement.Measure(network, _images.Images.narrow(0, number, 1), null, [number], () => { })[0];
            Near(alone.Decoder, together[number].Decoder);
            Near(alone.Chain, together[number].Chain);
        }
        Assert.NotEqual(together[0].Chain, (measurement with { Seed = new(6) })
            .Measure(network, _images.Images.narrow(0, 0, Images), null, Numbers, () => { })[0].Chain);
    }

    [Fact]
    public void Some_levels_give_the_bound_of_all_in_the_mean_over_seeds()
    {
        // F = 0 and x̂_0 = 0: terms depend on the level alone, and what is left is how levels are drawn.
        using var network = Silent();
        var all = Of(new Prediction.Clean(), new Variance.Large(), new Clipping.None());
        double Chain(BoundMeasurement measurement) =>
            measurement.Measure(network, _images.Images.narrow(0, 0, 1), null, [0], () => { })[0].Chain;
        var exact = Chain(all);
        double[] estimates =
            [.. Enumerable.Range(0, 60).Select(seed => Chain(all with { Times = new(Schedule.Steps, 7), Seed = new((ulong)seed) }))];
        var mean = estimates.Average();
        var error = Sqrt(estimates.Average(estimate => (estimate - mean) * (estimate - mean)) / estimates.Length);
        Assert.InRange((mean - exact) / error, -4, 4);
        Assert.NotEqual(exact, estimates[0], 1e-6);
    }

    [Fact]
    public void A_network_is_given_the_labels_and_asked_once_for_every_level()
    {
        using var network = Network(Small.Labelled.Network);
        var (measurement, calls) = (Of(new Prediction.Velocity(), new Variance.Small(), new Clipping.Clip()), 0);
        var pixels = _images.Images.narrow(0, 0, Images);
        double Total(Tensor? labels) => measurement.Measure(network, pixels, labels, Numbers, () => calls++)[1].Total;
        Assert.NotEqual(Total(tensor([0L, 0, 0])), Total(tensor([0L, 1, 0])));
        Assert.NotEqual(Total(null), Total(tensor([0L, 1, 0])));
        Assert.Equal(4 * Schedule.Steps, calls);
    }

    private static BoundMeasurement Of(Prediction prediction, Variance variance, Clipping limit) => new(
        Small.Recipe with { Prediction = prediction, Schedule = Schedule },
        new(Schedule, variance, new PixelLikelihood.Exact()), limit, VlbTimes.All(Schedule.Steps), Seed);

    // One whose output is 0.
    private static UNet Silent()
    {
        var network = new UNet(Small.Network, new Seed(1));
        using var guard = no_grad();
        foreach (var parameter in network.parameters())
            parameter.zero_();
        network.eval();
        return network;
    }

    // One that says something: fresh networks hardly do.
    private static UNet Network(UNetShape shape)
    {
        var network = new UNet(shape, new Seed(3));
        using var guard = no_grad();
        using var generator = new Generator(7, CPU);
        foreach (var parameter in network.parameters())
            parameter.add_(randn(parameter.shape, generator: generator), alpha: Number.Of(0.1));
        network.eval();
        return network;
    }

    private static double[] Doubles(Tensor numbers) => [.. numbers.to(float64).contiguous().data<double>()];

    private static void Near(double expected, double found) =>
        Assert.InRange(found, expected - Tolerance * Abs(expected), expected + Tolerance * Abs(expected));
}
