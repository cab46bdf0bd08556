using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Diffusion.Model.Networks;

/// <summary>
/// Group normalisation, scale, shift and nonlinearity of bfloat16 images with the channels last, in one pass over memory each way:
/// y = f(gain · x̂ + bias), x̂ = (x + offset − mean) / √(variance + ε).
/// </summary>
/// <remarks>
/// Wu and He 2018, Eq. 1, 6 and 7. Offset, gain and bias are of each example and channel, so that they can hold what time and label ask
/// for. Computed in float32 whatever else does; only input and output are rounded. An example is computed by itself: neither the number
/// of threads nor the rest of the batch changes a bit. The channels are a multiple of <see cref="Step"/>.
/// </remarks>
/// <param name="Pixels">Places of an image.</param>
/// <param name="Channels">Channels, a multiple of <see cref="Step"/> and of the groups.</param>
/// <param name="Groups">Groups of channels that share mean and variance.</param>
/// <param name="Epsilon">What is added to the variance.</param>
/// <param name="After">What follows.</param>
internal readonly unsafe record struct NormalisationKernel(int Pixels, int Channels, int Groups, float Epsilon, Nonlinearity After)
{
    /// <summary>Channels that are computed together.</summary>
    public const int Step = Lanes.Count;

    private int Members => Channels / Groups;

    /// <summary>Numbers of float32 that <see cref="Forward"/> works in.</summary>
    public int ForwardWorkspace => 2 * Channels;

    /// <summary>Numbers of float32 that <see cref="Backward"/> works in.</summary>
    public int BackwardWorkspace => (Pixels + 4) * Channels;

    /// <summary>Where an example begins in a batch that begins somewhere.</summary>
    public ushort* At(nint batch, long example) => (ushort*)batch + (nint)example * Pixels * Channels;

    /// <summary>One example: input and output [pixels, channels] in bfloat16.</summary>
    /// <param name="input">x.</param>
    /// <param name="line">Offset, gain and bias.</param>
    /// <param name="output">y.</param>
    /// <param name="moments">Becomes the mean and 1 / √(variance + ε) of each group.</param>
    /// <param name="work">As many numbers as <see cref="ForwardWorkspace"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Forward(ushort* input, in NormalisationLine line, ushort* output, float* moments, float* work)
    {
        float* sums = work, squares = work + Channels;
        for (var channel = 0; channel < Channels; channel += Step)
            Sum(input + channel, sums + channel, squares + channel);
        for (var group = 0; group < Groups; group++)
            (moments[2 * group], moments[2 * group + 1]) = Moments(group, input, line.Offset, sums, squares);
        float* slope = sums, level = squares;
        Lines(line, moments, slope, level);
        for (var channel = 0; channel < Channels; channel += Step)
            Write(input + channel, slope + channel, level + channel, output + channel);
    }

    /// <summary>The gradients of one example from that of its output.</summary>
    /// <param name="input">x.</param>
    /// <param name="line">Offset, gain and bias.</param>
    /// <param name="moments">What <see cref="Forward"/> found.</param>
    /// <param name="gradients">The output's gradient; where those of the input and of the line go.</param>
    /// <param name="work">As many numbers as <see cref="BackwardWorkspace"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Backward(ushort* input, in NormalisationLine line, float* moments, in NormalisationGradients gradients, float* work)
    {
        float* slope = work, level = work + Channels, sums = work + 2 * Channels, products = work + 3 * Channels;
        var inner = work + 4 * Channels;
        Lines(line, moments, slope, level);
        // The sums of dz, of dz·x, and of x, where z = gain·x̂ + bias.
        for (var channel = 0; channel < Channels; channel += Step)
            Inner(input + channel, gradients.Output + channel, work + channel, gradients.Bias + channel, inner + channel * Pixels);
        var count = (float)Pixels * Members;
        for (var group = 0; group < Groups; group++)
        {
            var (mean, inverse) = (moments[2 * group], moments[2 * group + 1]);
            var (along, constant) = (0f, 0f);
            for (var channel = group * Members; channel < (group + 1) * Members; channel++)
            {
                gradients.Gain[channel] = inverse * (products[channel] + (line.Offset[channel] - mean) * gradients.Bias[channel]);
                along += line.Gain[channel] * gradients.Gain[channel];
                constant += line.Gain[channel] * gradients.Bias[channel];
            }
            for (var channel = group * Members; channel < (group + 1) * Members; channel++)
            {
                // dx = slope·dz + tilt·x + rest
                var tilt = -inverse * inverse * along / count;
                var rest = -inverse / count * (constant + along * inverse * (line.Offset[channel] - mean));
                gradients.Offset[channel] = slope[channel] * gradients.Bias[channel] + tilt * sums[channel] + rest * Pixels;
                (level[channel], products[channel]) = (tilt, rest);
            }
        }
        for (var channel = 0; channel < Channels; channel += Step)
            Outer(input + channel, inner + channel * Pixels, work + channel, gradients.Input + channel);
    }

    // Sums of x − x₀ and of its square, where x₀ is the channel's first pixel: nothing cancels however large the mean.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(ushort* input, float* sums, float* squares)
    {
        var (first, second) = Lanes.Load(input);
        var (sum, sum2, square, square2) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        for (var pixel = 1; pixel < Pixels; pixel++)
        {
            var (low, high) = Lanes.Load(input + (nint)pixel * Channels);
            (low, high) = (low - first, high - second);
            (sum, sum2) = (sum + low, sum2 + high);
            square = Vector512.FusedMultiplyAdd(low, low, square);
            square2 = Vector512.FusedMultiplyAdd(high, high, square2);
        }
        Lanes.Store(sums, sum, sum2);
        Lanes.Store(squares, square, square2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (float Mean, float Inverse) Moments(int group, ushort* input, float* offset, float* sums, float* squares)
    {
        var (mean, spread, count) = (0f, 0f, (float)Pixels * Members);
        for (var channel = group * Members; channel < (group + 1) * Members; channel++)
            mean += (Lanes.Single(input[channel]) + offset[channel]) * Pixels + sums[channel];
        mean /= count;
        for (var channel = group * Members; channel < (group + 1) * Members; channel++)
        {
            var distance = Lanes.Single(input[channel]) + offset[channel] - mean;
            spread += squares[channel] + distance * (2 * sums[channel] + distance * Pixels);
        }
        return (mean, 1 / MathF.Sqrt(Max(spread / count, 0) + Epsilon));
    }

    // z = slope·x + level
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Lines(in NormalisationLine line, float* moments, float* slope, float* level)
    {
        for (var group = 0; group < Groups; group++)
        {
            var (mean, inverse) = (moments[2 * group], moments[2 * group + 1]);
            for (var channel = group * Members; channel < (group + 1) * Members; channel++)
            {
                slope[channel] = line.Gain[channel] * inverse;
                level[channel] = line.Bias[channel] + (line.Offset[channel] - mean) * slope[channel];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Write(ushort* input, float* slope, float* level, ushort* output)
    {
        var (slope1, slope2) = Lanes.Floats(slope);
        var (level1, level2) = Lanes.Floats(level);
        for (nint at = 0; at < (nint)Pixels * Channels; at += Channels)
        {
            var (low, high) = Lanes.Load(input + at);
            low = Vector512.FusedMultiplyAdd(low, slope1, level1);
            high = Vector512.FusedMultiplyAdd(high, slope2, level2);
            if (After == Nonlinearity.Silu)
                (low, high) = (low * Lanes.Sigmoid(low), high * Lanes.Sigmoid(high));
            Lanes.Store(output + at, low, high);
        }
    }

    // Rows hold slope and level, and take the sums of x and of dz·x.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Inner(ushort* input, ushort* gradient, float* rows, float* bias, float* inner)
    {
        var (slope1, slope2) = Lanes.Floats(rows);
        var (level1, level2) = Lanes.Floats(rows + Channels);
        var (sum, sum2, product, product2) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
        var (plain, plain2) = (Vector512<float>.Zero, Vector512<float>.Zero);
        for (nint at = 0; at < (nint)Pixels * Channels; at += Channels, inner += Step)
        {
            var (low, high) = Lanes.Load(input + at);
            var (gradient1, gradient2) = Lanes.Load(gradient + at);
            if (After == Nonlinearity.Silu)
            {
                gradient1 *= Lanes.SiluSlope(Vector512.FusedMultiplyAdd(low, slope1, level1));
                gradient2 *= Lanes.SiluSlope(Vector512.FusedMultiplyAdd(high, slope2, level2));
            }
            (sum, sum2, plain, plain2) = (sum + gradient1, sum2 + gradient2, plain + low, plain2 + high);
            product = Vector512.FusedMultiplyAdd(gradient1, low, product);
            product2 = Vector512.FusedMultiplyAdd(gradient2, high, product2);
            Lanes.Store(inner, gradient1, gradient2);
        }
        Lanes.Store(bias, sum, sum2);
        Lanes.Store(rows + 2 * Channels, plain, plain2);
        Lanes.Store(rows + 3 * Channels, product, product2);
    }

    // Rows hold slope, tilt, something else, and the rest.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Outer(ushort* input, float* inner, float* rows, ushort* output)
    {
        var (slope1, slope2) = Lanes.Floats(rows);
        var (tilt1, tilt2) = Lanes.Floats(rows + Channels);
        var (rest1, rest2) = Lanes.Floats(rows + 3 * Channels);
        for (nint at = 0; at < (nint)Pixels * Channels; at += Channels, inner += Step)
        {
            var (low, high) = Lanes.Load(input + at);
            var (inner1, inner2) = Lanes.Floats(inner);
            Lanes.Store(output + at,
                Vector512.FusedMultiplyAdd(inner1, slope1, Vector512.FusedMultiplyAdd(low, tilt1, rest1)),
                Vector512.FusedMultiplyAdd(inner2, slope2, Vector512.FusedMultiplyAdd(high, tilt2, rest2)));
        }
    }
}

/// <summary>What a normalised number passes through.</summary>
internal enum Nonlinearity
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>z·σ(z). Elfwing et al. 2017; Hendrycks and Gimpel 2016.</summary>
    Silu,
}

/// <summary>Offset, gain and bias of one example, a float32 for each channel.</summary>
internal readonly unsafe struct NormalisationLine(nint offset, nint gain, nint bias)
{
    public float* Offset => (float*)offset;

    public float* Gain => (float*)gain;

    public float* Bias => (float*)bias;
}

/// <summary>The gradient of one example's output; where those of its input, offset, gain and bias go.</summary>
internal readonly unsafe struct NormalisationGradients(ushort* output, ushort* input, NormalisationLine line)
{
    public ushort* Output => output;

    public ushort* Input => input;

    public float* Offset => line.Offset;

    public float* Gain => line.Gain;

    public float* Bias => line.Bias;
}
