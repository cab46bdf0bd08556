using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Feeds samples of any batch size to a pass, rounded to bytes as image files would hold them.</summary>
/// <param name="pass">The pass; not owned.</param>
/// <param name="batchSize">Images that the network takes at once: so cut, all samples round alike however they were drawn.</param>
/// <param name="shape">Sizes of a sample.</param>
/// <param name="labelOf">What a sample is meant to show, by its number; null where that is not known.</param>
/// <param name="first">Number of the first sample.</param>
internal sealed class SamplePass(FeaturePass pass, int batchSize, ImageShape shape, Func<long, long?>? labelOf, long first) : IDisposable
{
    private readonly ImageDigest _digest = new(shape);
    private Tensor? _rest;

    /// <summary>Takes the next samples.</summary>
    /// <param name="samples">[N, C, H, W] in [−1, 1].</param>
    /// <exception cref="NotFiniteNumberException">Some value is NaN or infinite.</exception>
    internal void Add(Tensor samples)
    {
        using var scope = NewDisposeScope();
        var bytes = Pixels.ToBytes(samples).cpu();
        _digest.Add(bytes);
        var all = _rest is null ? bytes : cat([_rest, bytes]);
        var isLast = pass.Seen + all.shape[0] == pass.Count;
        var whole = isLast ? all.shape[0] : all.shape[0] / batchSize * batchSize;
        for (var from = 0L; from < whole; from += batchSize)
            Pass(all.narrow(0, from, Min(batchSize, whole - from)));
        _rest?.Dispose();
        _rest = all.narrow(0, whole, all.shape[0] - whole).clone().DetachFromDisposeScope();
    }

    /// <summary>The result, once all samples were taken.</summary>
    internal FeatureSet Complete() => pass.Complete(_digest.Sha256);

    /// <inheritdoc/>
    public void Dispose()
    {
        _rest?.Dispose();
        _digest.Dispose();
    }

    private void Pass(Tensor bytes)
    {
        var numbers = Enumerable.Range(0, (int)bytes.shape[0]).Select(index => labelOf?.Invoke(first + pass.Seen + index)).ToArray();
        var isLabelled = Array.TrueForAll(numbers, label => label is not null);
        pass.Add([bytes], isLabelled ? tensor([.. numbers.Select(label => label!.Value)]) : null);
    }
}
