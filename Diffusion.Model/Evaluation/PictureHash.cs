using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Identifies pictures by what can be seen of them: equal digits mean equal pixels in equal order, wherever they were kept.</summary>
public static class PictureHash
{
    private const int Batch = 256;

    /// <summary>64 hexadecimal digits over the shape and the pixels of all pictures; labels and names do not count.</summary>
    /// <exception cref="InputException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static string Of(IImageSource pictures, CancellationToken stopping)
    {
        using var digest = new PictureDigest(pictures.Provenance.Shape);
        var count = pictures.Provenance.Count;
        for (var first = 0; first < count; first += Batch)
        {
            stopping.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (bytes, _) = pictures.Select([.. Enumerable.Range(first, Min(Batch, count - first))]);
            digest.Add(bytes);
        }
        return digest.Sha256;
    }
}
