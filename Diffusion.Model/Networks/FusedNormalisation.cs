using System.Buffers;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary><see cref="NormalisationKernel"/> for a batch, as an operation of a network with its gradient.</summary>
/// <remarks>
/// libtorch takes one pass over memory for the normalisation and one for each of scale, shift and nonlinearity, and as many back; with the
/// channels last its way back through a normalisation takes four to five times as long.
/// </remarks>
internal sealed unsafe class FusedNormalisation : autograd.SingleTensorFunction<FusedNormalisation>
{
    private const string Kernel = "kernel";

    // Mean and 1 / √(variance + ε) of a group.
    private const int Moments = 2;

    /// <inheritdoc/>
    public override string Name => nameof(FusedNormalisation);

    /// <summary>Whether images are of the kind that the kernel computes: by one image alone, so that a batch changes no bit.</summary>
    public static bool Computes(Tensor images) => images.device_type == DeviceType.CPU && images.dtype == ScalarType.BFloat16
        && images.shape[1] % NormalisationKernel.Step == 0
        && images.numel() > 0 && images.numel() / images.shape[0] <= int.MaxValue / sizeof(float);

    /// <summary>Normalises, scales, shifts, and passes through a nonlinearity.</summary>
    /// <param name="images">[N, C, H, W], such as <see cref="Computes"/>.</param>
    /// <param name="line">Offset, gain and bias, [3, N, C] in float32.</param>
    /// <param name="kernel">How.</param>
    /// <returns>The shape and type of <paramref name="images"/>, with the channels last in memory.</returns>
    public static Tensor Of(Tensor images, Tensor line, NormalisationKernel kernel)
    {
        using var scope = NewDisposeScope();
        return (is_grad_enabled() ? apply(images, line, kernel) : Forward(images.WithChannelsLast(), line.contiguous(), kernel).Output)
            .MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public override Tensor forward(autograd.AutogradContext context, params object[] arguments)
    {
        // What is saved has to live until this is over: the caller's scope frees it.
        var (images, line, kernel) = ((Tensor)arguments[0], (Tensor)arguments[1], (NormalisationKernel)arguments[2]);
        var (last, lines) = (images.WithChannelsLast(), line.contiguous());
        var (output, moments) = Forward(last, lines, kernel);
        context.save_for_backward([last, lines, moments]);
        context.save_data(Kernel, kernel);
        return output;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        using var scope = NewDisposeScope();
        var kernel = (NormalisationKernel)context.get_data(Kernel);
        var saved = context.get_saved_variables();
        var (images, line, moments, last) = (saved[0], saved[1], saved[2], gradient.WithChannelsLast());
        var (ofImages, ofLine) = (NewLike(images), empty_like(line));
        fixed (byte* input = images.FirstPlaces(), numbers = line.bytes, found = moments.bytes)
        fixed (byte* above = last.FirstPlaces(), below = ofImages.FirstPlaces(), slopes = ofLine.bytes)
        {
            var (from, at, known) = ((nint)input, new Lines((nint)numbers, images.shape[0], kernel.Channels), (nint)found);
            var (output, inputs, to) = ((nint)above, (nint)below, at with { Start = (nint)slopes });
            Each(images.shape[0], kernel.BackwardWorkspace, (example, work) => kernel.Backward(
                kernel.At(from, example), at.Of(example), (float*)known + example * Moments * kernel.Groups,
                new(kernel.At(output, example), kernel.At(inputs, example), to.Of(example)), (float*)work));
        }
        foreach (var tensor in saved)
            tensor.Dispose();
        return [ofImages.MoveToOuterDisposeScope(), ofLine.MoveToOuterDisposeScope(), null!];
    }

    private static (Tensor Output, Tensor Moments) Forward(Tensor images, Tensor line, NormalisationKernel kernel)
    {
        using var guard = no_grad();
        var (output, moments) = (NewLike(images), empty(images.shape[0], kernel.Groups, Moments));
        fixed (byte* input = images.FirstPlaces(), numbers = line.bytes, result = output.FirstPlaces(), statistics = moments.bytes)
        {
            var (from, at) = ((nint)input, new Lines((nint)numbers, images.shape[0], kernel.Channels));
            var (to, found) = ((nint)result, (nint)statistics);
            Each(images.shape[0], kernel.ForwardWorkspace, (example, work) => kernel.Forward(
                kernel.At(from, example), at.Of(example), kernel.At(to, example), (float*)found + example * Moments * kernel.Groups,
                (float*)work));
        }
        return (output, moments);
    }

    // As many threads as libtorch has.
    private static void Each(long examples, int workspace, Action<long, nint> compute)
    {
        var threads = (int)Min(get_num_threads(), examples);
        if (threads == 1)
            Some(0);
        else
            Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, Some);

        void Some(int first)
        {
            var buffer = ArrayPool<float>.Shared.Rent(workspace);
            fixed (float* work = buffer)
                for (long example = first; example < examples; example += threads)
                    compute(example, (nint)work);
            ArrayPool<float>.Shared.Return(buffer);
        }
    }

    private static Tensor NewLike(Tensor images) =>
        empty(images.shape[0], images.shape[2], images.shape[3], images.shape[1], images.dtype, images.device).permute(0, 3, 1, 2);

    // Offset, gain and bias of all examples: three times [N, C].
    private readonly record struct Lines(nint Start, long Examples, int Channels)
    {
        public NormalisationLine Of(long example) => new(At(0, example), At(1, example), At(2, example));

        private nint At(long part, long example) => Start + (nint)((part * Examples + example) * Channels * sizeof(float));
    }
}
