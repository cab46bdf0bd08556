namespace Diffusion.Model.Networks;

/// <summary>How much a U-Net has to multiply, counted from its shape alone.</summary>
/// <remarks>
/// Counted as the layers are defined, so that numbers of different programs can be compared: convolutions, affine maps, and the two
/// products of attention. Normalisations, nonlinearities and sums, some per cent, are left out, as is usual.
/// </remarks>
public static class UNetArithmetic
{
    /// <summary>A backward pass takes two products for each of the forward pass: gradients of the inputs, and of the weights.</summary>
    public const int TrainingFactor = 3;

    private const int Kernel = 9;

    /// <summary>Multiplications, each with an addition, of a forward pass of one image.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="height">Height of the image; padded as the network pads it.</param>
    /// <param name="width">Its width.</param>
    public static long Products(this UNetShape shape, int height, int width) =>
        Products(shape, level => (long)(Places(height, shape) >> level) * (Places(width, shape) >> level));

    /// <summary>
    /// About how many numbers training changes, within a few per cent: every one but biases and scales takes part in a product for each
    /// pixel.
    /// </summary>
    /// <param name="shape">The network, which need not be one that can be built.</param>
    public static long Weights(this UNetShape shape) =>
        Products(shape, _ => 1) + (long)(shape.Labels?.Rows ?? 0) * (shape.Labels?.Width ?? shape.EmbeddingChannels);

    /// <summary>About how many numbers a forward pass of one image keeps for the backward pass.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="height">Height of the image.</param>
    /// <param name="width">Its width.</param>
    public static double Activations(this UNetShape shape, int height, int width)
    {
        double Pixels(int level) =>
            Ceiling((double)Places(height, shape) / (1 << level)) * Ceiling((double)Places(width, shape) / (1 << level));
        double Attended(bool attends, int channels, double pixels) =>
            attends ? 6.0 * channels * pixels + 2 * pixels * pixels * (channels / shape.HeadChannelsAt(channels)) : 0;
        var total = 0.0;
        foreach (var (level, (own, down, up)) in shape.Levels.Index())
        {
            // Two inputs of normalisations, two of convolutions, and the sum; on the way up the input is twice as wide.
            for (var block = 0; block < shape.BlocksPerLevel; block++)
                total += 6.0 * own * Pixels(level) + Attended(down.Attends(block, shape.BlocksPerLevel), own, Pixels(level));
            for (var block = 0; block <= shape.BlocksPerLevel; block++)
                total += 8.0 * own * Pixels(level) + Attended(up.Attends(block, shape.BlocksPerLevel + 1), own, Pixels(level));
        }
        var (coarsest, last) = (Pixels(shape.Levels.Count - 1), shape.Levels[^1].Channels);
        return total + 12.0 * last * coarsest + Attended(shape.Middle.Attention != MiddleAttention.None, last, coarsest);
    }

    private static long Products(UNetShape shape, Func<int, long> pixels)
    {
        if (shape.Architecture is UNetArchitecture.PostNormalised postNormalised)
            return Products(shape, postNormalised, pixels);
        var widths = new Stack<int>();
        long Pixels(int level) => pixels(level);
        var (first, last, embedding) = (shape.FirstChannels, shape.Levels.Count - 1, (long)shape.EmbeddingChannels);
        var isMagnitudePreserving = shape.Architecture is UNetArchitecture.MagnitudePreserving;
        var total = shape.TimeChannels * embedding + (isMagnitudePreserving ? 0 : embedding * embedding)
            + (shape.Labels?.Width ?? 0) * embedding;
        total += Convolution(isMagnitudePreserving ? shape.PatchedInput + 1 : shape.PatchedInput, first, Pixels(0))
            + Convolution(shape.BaseChannels, shape.PatchedOutput, Pixels(0));
        widths.Push(first);
        var channels = first;
        for (var level = 0; level <= last; level++)
        {
            var (own, down, _) = shape.Levels[level];
            for (var block = 0; block < shape.BlocksPerLevel; block++, channels = own)
            {
                total += (isMagnitudePreserving ? Convolution(own - channels, own, Pixels(level)) : 0)
                    + Residual(shape, channels, own, Pixels(level)) + Attention(
                    down.Attends(block, shape.BlocksPerLevel), own, Pixels(level));
                widths.Push(own);
            }
            if (level == last)
                continue;
            total += Resampled(shape, down.Resampling, own, Pixels(level + 1));
            if (shape.Entry == StateEntry.EveryLevel)
                total += Convolution(level == 0 ? shape.PatchedInput : shape.Levels[level - 1].Channels, own, Pixels(level));
            widths.Push(own);
        }
        total += 2 * Residual(shape, channels, channels, Pixels(last)) + Attention(
            shape.Middle.Attention != MiddleAttention.None, channels, Pixels(last));
        for (var level = last; level >= 0; level--)
        {
            var (own, _, up) = shape.Levels[level];
            for (var block = 0; block <= shape.BlocksPerLevel; block++, channels = own)
                total += Residual(shape, channels + widths.Pop(), own, Pixels(level)) + Attention(
                    up.Attends(block, shape.BlocksPerLevel + 1), own, Pixels(level));
            if (level > 0)
                total += Resampled(shape, up.Resampling, own, Pixels(level - 1));
        }
        return total;
    }

    // Every level has blocks of the channels that enter it, and on the way up of those that left it.
    private static long Products(UNetShape shape, UNetArchitecture.PostNormalised architecture, Func<int, long> pixels)
    {
        var (first, last) = (shape.FirstChannels, shape.Levels.Count - 1);
        long Block(long input, long output, int level) =>
            Convolution(input, output, pixels(level)) + Convolution(output, output, pixels(level))
            + (input == output ? 0 : input * output * pixels(level)) + 2L * shape.ConditionChannels * output;
        long Attended(LevelAttention attention, long channels, int level) => 4 * channels * architecture.Width * pixels(level)
            + 2 * architecture.Width * (attention == LevelAttention.Linear ? architecture.HeadChannels : pixels(level)) * pixels(level);
        long embedding = shape.EmbeddingChannels;
        var total = shape.TimeChannels * embedding + embedding * embedding;
        for (var level = 0; level <= last; level++)
        {
            var (input, (output, down, _)) = (shape.EnteringChannels(level), shape.Levels[level]);
            var attention = down.Attention;
            total += 2 * Block(input, input, level) + Attended(attention, input, level)
                + 2 * Block(input + output, output, level) + Attended(attention, output, level)
                + (level == last ? Convolution(input, output, pixels(level))
                    : (architecture.Halving == Halving.Strided ? 16L : 4L) * input * output * pixels(level + 1))
                + Convolution(output, input, pixels(Max(level - 1, 0)));
        }
        var coarsest = shape.Levels[^1].Channels;
        return total + 2 * Block(coarsest, coarsest, last) + Attended(LevelAttention.Last, coarsest, last) + Block(2 * first, first, 0)
            + (49L * shape.InputChannels * first + first * shape.OutputChannels) * pixels(0);
    }

    private static int Places(int side, UNetShape shape) =>
        (side + shape.SizeMultiple - 1) / shape.SizeMultiple * (shape.SizeMultiple / shape.Patch);

    private static long Convolution(long input, long output, long pixels) => input * output * Kernel * pixels;

    private static long Residual(UNetShape shape, long input, long output, long pixels) =>
        Convolution(input, output, pixels) + Convolution(output, output, pixels) + (input == output ? 0 : input * output * pixels)
        + shape.EmbeddingChannels * output * (shape.Residual.Injection == TimeInjection.ScaleAndShift ? 2 : 1);

    // Queries, keys, values and the output; then every pixel with every other, twice.
    private static long Attention(bool attends, long channels, long pixels) =>
        attends ? 4 * channels * channels * pixels + 2 * channels * pixels * pixels : 0;

    // A residual block resamples before its first convolution.
    private static long Resampled(UNetShape shape, Resampling resampling, long channels, long pixels) => resampling switch
    {
        Resampling.Convolution => Convolution(channels, channels, pixels),
        Resampling.Residual => Residual(shape, channels, channels, pixels)
            + (shape.Residual.Shortcut == ResampledShortcut.Plain ? 0 : channels * channels * pixels),
        _ => 0,
    };
}
