using Diffusion.Math.Likelihood;
using Diffusion.Math.Noise;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Model.Likelihood;

/// <summary>The variational bound of real images under a network, a few images at a time.</summary>
/// <remarks>
/// <para>
/// For every image x_0 and time t a state x_t = alpha·x_0 + sigma·ε is drawn, the network is asked for x̂_0, and the term is
/// L_t = KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)). Ho et al. 2020, Eq. 5; one state for each term, as their Table 2 and Nichol and
/// Dhariwal 2021 measure it. A term follows from the error x̂_0 − x_0, and from what the network says of the variance where it learned one.
/// </para>
/// <para>
/// The network computes in the precision it was given, states are float32, and everything after x̂_0 is float64. The noise of image k at
/// time t follows from the seed, k and t alone.
/// </para>
/// </remarks>
/// <param name="Recipe">What the network was trained by.</param>
/// <param name="Bound">The chain, the variance of its reverse steps and the decoder.</param>
/// <param name="Clipping">What is done to x̂_0; all but dynamic thresholding, which is no function of single numbers.</param>
/// <param name="Times">At which times terms are computed.</param>
/// <param name="Seed">What the noise follows from.</param>
public sealed record BoundMeasurement(Recipe Recipe, VariationalBound Bound, Clipping Clipping, VlbTimes Times, Seed Seed)
{
    /// <summary>The bounds of some images, in order.</summary>
    /// <param name="network">The network, in evaluation mode; its device is used.</param>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <param name="labels">int64 [N] that the network is given, or null for none.</param>
    /// <param name="numbers">k of each image, on which its noise depends.</param>
    /// <param name="watch">Called after every call of the network.</param>
    /// <exception cref="ArgumentException">At some time the network's output says nothing about the image.</exception>
    public Sequence<ImageBound> Measure(UNet network, Tensor bytes, Tensor? labels, ReadOnlySpan<int> numbers, Action watch)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var device = network.parameters().First().device;
        var (clean, classes) = (Pixels.ToNumbers(bytes.cpu()), labels?.to(device));
        int[] images = [.. numbers];
        int[][] times = [.. images.Select(number => Times.At(Seed.For("times").Uniform(number)).ToArray())];
        var (decoder, chain) = (new double[images.Length], new double[images.Length]);
        for (var index = 0; index < Times.Evaluated; index++)
        {
            using var inner = NewDisposeScope();
            int[] now = [.. times.Select(row => row[index])];
            var (denoised, output) = Estimate(network, clean, classes, images, now);
            foreach (var (image, bits) in TermsOf(now, denoised, clean.to(float64), output).Index())
                (index == 0 ? decoder : chain)[image] += bits;
            watch();
        }
        return images.Select((_, image) => new ImageBound(
            decoder[image], chain[image] * Times.Scale, PriorOf(Doubles(clean[image])))).ToSequence();
    }

    // x̂_0 and v in float64 on the CPU; every image has its own time.
    private (Tensor Denoised, Tensor? Variance) Estimate(UNet network, Tensor clean, Tensor? labels, int[] images, int[] times)
    {
        var noise = empty_like(clean);
        using (var generator = new Generator(0, CPU))
            foreach (var (row, time) in times.Index())
                SampleNoise.Fill(noise[row], generator, Seed.For(images[row]).For(time));
        NoiseLevel[] levels = [.. times.Select(time => Bound.Schedule.LevelAt(time))];
        var readouts = levels.Select(level => Recipe.Prediction.ReadoutAt(level.Marginal)).ToArray();
        var state = (Column(levels.Select(level => level.Marginal.Alpha)) * clean)
            .Plus(Column(levels.Select(level => level.Marginal.Sigma)) * noise);
        var device = network.parameters().First().device;
        var input = (Column(readouts.Select(readout => readout.InputScale)) * state).to(device);
        var asked = tensor(levels.Select(level => Recipe.Prediction.TimeAt(level)).ToArray()).to(float32).to(device);
        Tensor output;
        using (Recipe.Precision.On(device))
            output = network.call(input, asked, labels);
        var (prediction, variance) = network.Halves(output.cpu().to(float64));
        var denoised = (Column(readouts.Select(readout => readout.OfState), float64) * state.to(float64))
            .Plus(Column(readouts.Select(readout => readout.OfOutput), float64) * prediction);
        return (Clipping is Clipping.Clip clip ? denoised.clamp(Number.Of(-clip.Bound), Number.Of(clip.Bound)) : denoised, variance);
    }

    private static Tensor Column(IEnumerable<double> values, ScalarType type = ScalarType.Float32) =>
        tensor(values.ToArray()).to(type).view(-1, 1, 1, 1);

    private double[] TermsOf(int[] times, Tensor denoised, Tensor clean, Tensor? variance)
    {
        VlbStep[] steps = [.. times.Select(Bound.StepAt)];
        using var nats = BoundTerms.Of(steps, Bound.Decoder, clean).Nats(denoised - clean, clean, variance).flatten(1).mean([1]);
        return [.. nats.data<double>().Select(own => BitsPerDimension.BitsOf([own]))];
    }

    private double PriorOf(double[] pixels) => BitsPerDimension.BitsOf([.. pixels.Select(Bound.Prior)]);

    private static double[] Doubles(Tensor numbers)
    {
        using var converted = numbers.to(float64).contiguous();
        return [.. converted.data<double>()];
    }
}
