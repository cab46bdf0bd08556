using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Diffusion.Model.Files;
using Microsoft.Win32.SafeHandles;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Datasets;

/// <summary>The images of a part of a pack, read from the file whenever they are asked for.</summary>
/// <remarks>
/// They are read, not mapped: pages of a mapped file count as memory of the process, and a page that is touched for the first time costs
/// more than reading it. What was read lately is in the system's own cache, which gives way to whoever needs memory. In the process stay
/// 12 bytes of each image: its label and its checksum, which is compared whenever the image is read.
/// </remarks>
public sealed unsafe class PackedImages : IImageSource
{
    // Images that lie together are read together, up to so much.
    private const int Piece = 1 << 20;

    // From Linux's fcntl.h.
    private const int WillNeed = 3;
    private static readonly nint? Advise = LibC.Find("posix_fadvise");

    private readonly string _path;
    private readonly SafeFileHandle _file;
    private readonly PackPart _part;
    private readonly int _size;

    private PackedImages(string path, SafeFileHandle file, PackIndex index, PackPart part)
    {
        (_path, _file, _part, _size) = (path, file, part, (int)index.Shape.Size);
        Provenance = part.ProvenanceOf(path, index.Shape);
    }

    /// <inheritdoc/>
    public Provenance Provenance { get; }

    /// <summary>Opens a part.</summary>
    /// <param name="path">The file.</param>
    /// <param name="index">Its index.</param>
    /// <param name="part">One of the parts in it.</param>
    /// <exception cref="InputException">The file cannot be opened.</exception>
    internal static PackedImages Open(string path, PackIndex index, PackPart part) => InputFile.Reading(path, () => new PackedImages(path,
        File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, FileOptions.RandomAccess), index, part));

    /// <inheritdoc/>
    public long LabelOf(int index) => _part.Labels[index];

    /// <inheritdoc/>
    public (Tensor Pixels, Tensor Labels) Select(ReadOnlySpan<int> indices)
    {
        var runs = RunsOf(indices);
        var (channels, height, width) = Provenance.Shape;
        var pixels = empty([indices.Length, channels, height, width], ScalarType.Byte, CPU);
        var labels = empty(indices.Length, int64, CPU);
        try
        {
            var own = MemoryMarshal.Cast<byte, long>(labels.bytes);
            for (var at = 0; at < indices.Length; at++)
                own[at] = _part.Labels[indices[at]];
            fixed (byte* start = pixels.bytes)
                Read(runs, (nint)start);
            return (pixels, labels);
        }
        catch
        {
            pixels.Dispose();
            labels.Dispose();
            throw;
        }
    }

    /// <summary>What is wrong with the hash of all pixels and labels, which is computed anew; null where nothing is.</summary>
    /// <exception cref="InputException">An image is damaged.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public string? Fault(CancellationToken stopping)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var several = Max(1, Piece / _size);
        var buffer = new byte[several * _size];
        for (var first = 0; first < _part.Count; first += several)
        {
            stopping.ThrowIfCancellationRequested();
            var run = new Run(first, 0, Min(several, _part.Count - first));
            fixed (byte* start = buffer)
                Read(run, (nint)start);
            hash.AppendData(buffer, 0, run.Count * _size);
        }
        var found = PackWriter.Sha256Of(hash, _part.Labels, _part.Description.ClassNames.Count);
        return found == _part.Sha256 ? null : $"images and labels with sha256 {found}; the pack says {_part.Sha256}";
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>Images that lie together.</summary>
    /// <param name="First">The number of the first.</param>
    /// <param name="At">Where among those asked for it is wanted.</param>
    /// <param name="Count">How many.</param>
    private readonly record struct Run(int First, int At, int Count);

    private List<Run> RunsOf(ReadOnlySpan<int> indices)
    {
        var (runs, most) = (new List<Run>(), Max(1, Piece / _size));
        for (var at = 0; at < indices.Length; at++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(indices[at]);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(indices[at], _part.Count);
            if (runs is [.., var last] && last.Count < most && indices[at] == last.First + last.Count)
                runs[^1] = last with { Count = last.Count + 1 };
            else
                runs.Add(new(indices[at], at, 1));
        }
        return runs;
    }

    // By one thread, which need not wait for others on a busy machine. The system learns of everything that the disk has
    // to do before the first of it is waited for.
    private void Read(List<Run> runs, nint target)
    {
        if (runs.Count > 1 && Advise is { } found)
        {
            var advise = (delegate* unmanaged<int, long, long, int, int>)found;
            foreach (var run in runs)
                _ = advise((int)_file.DangerousGetHandle(), OffsetOf(run), (long)run.Count * _size, WillNeed);
        }
        foreach (var run in runs)
            Read(run, target);
    }

    private long OffsetOf(Run run) => _part.Start + (long)run.First * _size;

    private void Read(Run run, nint target)
    {
        var bytes = new Span<byte>((byte*)target + (long)run.At * _size, run.Count * _size);
        InputFile.Reading(_path, () => Fill(OffsetOf(run), (nint)target + (nint)((long)run.At * _size), run.Count * _size));
        for (var image = 0; image < run.Count; image++)
            if (XxHash3.HashToUInt64(bytes.Slice(image * _size, _size)) != _part.Checksums[run.First + image])
                throw new InputException(
                    _path, string.Create(CultureInfo.InvariantCulture, $"image {run.First + image}, which does not have its checksum"),
                    "an undamaged file: copy it again, or pack the images again");
    }

    private int Fill(long offset, nint target, int length)
    {
        for (int done = 0, read; done < length; done += read)
            if ((read = RandomAccess.Read(_file, new Span<byte>((byte*)target + done, length - done), offset + done)) == 0)
                throw new EndOfStreamException();
        return length;
    }
}
