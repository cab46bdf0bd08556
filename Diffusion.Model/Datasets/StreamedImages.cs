using System.Runtime.InteropServices;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>Images that are read from their files when they are asked for, as many kept in memory as allowed.</summary>
/// <remarks>
/// What came first is kept, and nothing is ever dropped for something newer: training visits every image once an epoch, in a new order,
/// so that an image just used is the one that is needed last. With room for a share f of the images this saves a share f of the
/// decoding; forgetting the least recently used would save f + (1 − f)·ln(1 − f), about f²/2. Damaged files are found when they are used.
/// </remarks>
internal sealed class StreamedImages : IImageSource
{
    private readonly LabelledFiles _files;
    private readonly byte[]?[] _kept;
    private long _room;

    /// <summary>Takes over the files.</summary>
    /// <param name="files">What is read.</param>
    /// <param name="description">What the images are.</param>
    /// <param name="memory">Bytes of pixels to keep.</param>
    public StreamedImages(LabelledFiles files, DataDescription description, long memory)
    {
        (_files, _kept, _room) = (files, new byte[files.Count][], memory);
        var origin = $"{description.Origin}, the hash is of names and lengths";
        Provenance = new(description with { Origin = origin }, files.Shape, files.Count, files.HashOfList());
    }

    /// <inheritdoc/>
    public Provenance Provenance { get; }

    /// <inheritdoc/>
    public long LabelOf(int index) => _files.Labels[index];

    /// <inheritdoc/>
    public (Tensor Pixels, Tensor Labels) Select(ReadOnlySpan<int> indices)
    {
        int[] chosen = [.. indices];
        var size = (int)_files.Shape.Size;
        var bytes = new byte[chosen.Length * size];
        try
        {
            Parallel.For(0, chosen.Length, at => Fetch(chosen[at]).CopyTo(bytes.AsSpan(at * size)));
        }
        catch (AggregateException several)
        {
            throw several.InnerExceptions.OfType<InputException>().FirstOrDefault() ?? several.InnerExceptions[0];
        }
        var (channels, height, width) = _files.Shape;
        var labels = empty(chosen.Length, int64, CPU);
        chosen.Select(index => (long)_files.Labels[index]).ToArray().AsSpan().CopyTo(MemoryMarshal.Cast<byte, long>(labels.bytes));
        return (Pixels.FromBytes(bytes, chosen.Length, channels, height, width), labels);
    }

    /// <inheritdoc/>
    public void Dispose() => _files.Dispose();

    private byte[] Fetch(int index)
    {
        if (_kept[index] is { } known)
            return known;
        var planes = new byte[_files.Shape.Size];
        _files.Decode(index, planes);
        if (Interlocked.Add(ref _room, -planes.Length) < 0)
            Interlocked.Add(ref _room, planes.Length);
        else if (Interlocked.CompareExchange(ref _kept[index], planes, null) is not null)
            Interlocked.Add(ref _room, planes.Length);
        return planes;
    }
}
