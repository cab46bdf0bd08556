using Diffusion.Math.Noise;
using Diffusion.Math.Sampling;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>The variational bound of real pictures under a network, a few pictures at a time.</summary>
/// <remarks>
/// <para>
/// For every picture x_0 and time t a state x_t = alpha·x_0 + sigma·ε is drawn, the network is asked for x̂_0, and the term is
/// L_t = KL(q(x_{t−1} | x_t, x_0) ‖ p(x_{t−1} | x_t)). Ho et al. 2020, Eq. 5; one state for each term, as their Table 2 and Nichol and
/// Dhariwal 2021 measure it. Both distributions are normal with variances that do not depend on the picture and with means that differ by
/// OfClean·(x_0 − x̂_0), so that L_t = KL at equal means + OfClean²·(x_0 − x̂_0)²/(2σ_p²): from the network only its squared error is needed.
/// </para>
/// <para>
/// The network computes in the precision it was given, states are float32, and everything after x̂_0 is float64. The noise of picture k at
/// time t follows from the seed, k and t alone.
/// </para>
/// </remarks>
/// <param name="Recipe">What the network was trained by.</param>
/// <param name="Bound">The chain, the variance of its reverse steps and the decoder.</param>
/// <param name="Limit">What is done to x̂_0; all but dynamic thresholding, which is no function of single numbers.</param>
/// <param name="Times">At which times terms are computed.</param>
/// <param name="Seed">What the noise follows from.</param>
public sealed record BoundMeasurement(Recipe Recipe, VariationalBound Bound, Limit Limit, BoundTimes Times, Seed Seed)
{
    /// <summary>The bounds of some pictures, in order.</summary>
    /// <param name="network">The network, in evaluation mode; its device is used.</param>
    /// <param name="bytes">uint8 [N, C, H, W].</param>
    /// <param name="labels">int64 [N] that the network is told, or null for none.</param>
    /// <param name="numbers">k of each picture, on which its noise depends.</param>
    /// <param name="watch">Called after every call of the network.</param>
    /// <exception cref="ArgumentException">At some time the network's output says nothing about the picture.</exception>
    public Sequence<PictureBound> Measure(UNet network, Tensor bytes, Tensor? labels, ReadOnlySpan<int> numbers, Action watch)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var device = network.parameters().First().device;
        var (clean, told) = (Pixels.ToNumbers(bytes.cpu()), labels?.to(device));
        int[] pictures = [.. numbers];
        int[][] times = [.. pictures.Select(number => Times.At(Seed.For("times").Uniform(number)).ToArray())];
        var (decoder, chain) = (new double[pictures.Length], new double[pictures.Length]);
        for (var index = 0; index < Times.Evaluated; index++)
        {
            using var inner = NewDisposeScope();
            int[] now = [.. times.Select(row => row[index])];
            var (state, denoised) = Estimate(network, clean, told, pictures, now);
            if (index == 0)
                decoder = Decode(clean, state, denoised);
            else
                foreach (var (picture, error) in SquaredErrors(clean, denoised).Index())
                    chain[picture] += TermOf(now[picture], error);
            watch();
        }
        return pictures.Select((_, picture) => new PictureBound(
            decoder[picture], chain[picture] * Times.Scale, PriorOf(Doubles(clean[picture])))).ToSequence();
    }

    // x_t and x̂_0, float32 and float64 on the CPU; every picture has its own time.
    private (Tensor State, Tensor Denoised) Estimate(UNet network, Tensor clean, Tensor? labels, int[] pictures, int[] times)
    {
        var noise = empty_like(clean);
        using (var generator = new Generator(0, CPU))
            foreach (var (row, time) in times.Index())
                SampleNoise.Fill(noise[row], generator, Seed.For(pictures[row]).For(time));
        NoiseLevel[] levels = [.. times.Select(time => Bound.Schedule.LevelAt(time))];
        var readouts = levels.Select(level => Recipe.Prediction.ReadoutAt(level.Marginal)).ToArray();
        var state = Column(levels.Select(level => level.Marginal.Alpha)) * clean + Column(levels.Select(level => level.Marginal.Sigma)) * noise;
        var device = network.parameters().First().device;
        var input = (Column(readouts.Select(readout => readout.InputScale)) * state).to(device);
        var asked = tensor(levels.Select(level => Recipe.Prediction.TimeAt(level)).ToArray()).to(float32).to(device);
        Tensor output;
        using (Recipe.Precision == Precision.Bfloat16 && Autocast.IsAvailable ? Autocast.To(device.type, ScalarType.BFloat16) : null)
            output = network.call(input, asked, labels);
        var denoised = Column(readouts.Select(readout => readout.OfState), float64) * state.to(float64)
            + Column(readouts.Select(readout => readout.OfOutput), float64) * output.cpu().to(float64);
        return (state, Limit is Limit.Clip clip ? denoised.clamp(-clip.Bound, clip.Bound) : denoised);
    }

    private static Tensor Column(IEnumerable<double> values, ScalarType type = ScalarType.Float32) =>
        tensor(values.ToArray()).to(type).view(-1, 1, 1, 1);

    private static double[] SquaredErrors(Tensor clean, Tensor denoised) =>
        [.. (clean.to(float64) - denoised).square().flatten(1).mean([1]).data<double>()];

    private double TermOf(int time, double squaredError)
    {
        var (known, reverse) = (Bound.Posterior(time, 0, 0), Bound.Reverse(time, 0, 0));
        var weight = Bound.Schedule.PosteriorAt(time).OfClean;
        var nats = known.DivergenceFrom(reverse) + weight * weight * squaredError / 2 * Exp(-reverse.LogVariance);
        return BitsPerDimension.BitsOf([nats]);
    }

    // One time of all: the distribution function is not worth having as a tensor.
    private double[] Decode(Tensor clean, Tensor state, Tensor denoised) => [.. Enumerable.Range(0, (int)clean.shape[0]).Select(picture =>
    {
        var (pixels, states, estimates) = (Doubles(clean[picture]), Doubles(state[picture]), Doubles(denoised[picture]));
        return BitsPerDimension.BitsOf(
            [.. pixels.Select((pixel, at) => Bound.Term(0, states[at], pixel, Bound.Reverse(0, states[at], estimates[at])))]);
    })];

    private double PriorOf(double[] pixels) => BitsPerDimension.BitsOf([.. pixels.Select(Bound.Prior)]);

    private static double[] Doubles(Tensor numbers)
    {
        using var converted = numbers.to(float64).contiguous();
        return [.. converted.data<double>()];
    }
}
