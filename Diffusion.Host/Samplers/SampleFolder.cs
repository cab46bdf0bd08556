using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>A folder of samples, each a PNG file of its number. One process at a time fills it, and goes on where another ended.</summary>
/// <remarks>
/// <see cref="ImageFolder.SampleRecord"/> says what the samples were drawn from: those of anything else would be measured with them.
/// Batches begin at the same numbers as without an interruption, so that the files are the same, too.
/// </remarks>
public sealed class SampleFolder : IDisposable
{
    private const int PerFolder = 1000;

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly SampleOutput.Folder _output;
    private readonly ModelSampler _sampler;
    private readonly SampleFacts _facts;
    private readonly bool _isNew;
    private readonly FileStream _record;

    private SampleFolder(SampleOutput.Folder output, ModelSampler sampler)
    {
        (_output, _sampler, _facts) = (output, sampler, SampleFacts.Of(sampler, output.Layout));
        _isNew = !Directory.Exists(output.Path);
        RefuseOthers();
        OutputException.RequireWritable(output.Path);
        FileStream? held = null;
        OutputException.Guard(output.Path, () =>
        {
            Directory.CreateDirectory(output.Path);
            held = FileLock.TryHold(Record);
        });
        _record = held ?? throw new InputException(output.Path, "a folder that another process fills", "one of its own");
    }

    /// <summary>Opens a folder for a sampler's samples; it is made where there is none.</summary>
    /// <exception cref="InputException">It holds samples of something else, other files, or another process fills it.</exception>
    /// <exception cref="OutputException">Nothing can be written there.</exception>
    public static SampleFolder Open(SampleOutput.Folder output, ModelSampler sampler)
    {
        var folder = new SampleFolder(output, sampler);
        try
        {
            folder.Compare();
            folder.RemovePartial();
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Which batches hold samples without a whole file, in order; those that follow one another are one range.</summary>
    /// <param name="count">How many samples are wanted, from the request's first number on.</param>
    public Sequence<SampleRange> Missing(int count)
    {
        var ranges = new List<SampleRange>();
        var (first, batch) = (_sampler.Run.First, _sampler.Run.Batch);
        for (var at = 0; at < count; at += batch)
        {
            var one = new SampleRange(first + at, Min(batch, count - at));
            if (MissingIn(one) == 0)
                continue;
            if (ranges is [.., var last] && last.First + last.Count == one.First)
                ranges[^1] = last with { Count = last.Count + one.Count };
            else
                ranges.Add(one);
        }
        return ranges.ToSequence();
    }

    /// <summary>How many samples of a range have no whole file.</summary>
    public int MissingIn(SampleRange range) =>
        Enumerable.Range(0, range.Count).Count(place => !IsWhole(FileOf(range.First + place)));

    /// <summary>Draws samples and writes each that is missing as soon as it is there.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; the files that are there are whole.</exception>
    /// <exception cref="OutputException">A file cannot be written; those before it are whole.</exception>
    public void Draw(SampleRange range, SamplingWatch watch)
    {
        foreach (var batch in _sampler.Batches(range, watch))
        {
            using var scope = torch.NewDisposeScope();
            using var samples = batch;
            for (var place = 0; place < samples.Count; place++)
                if (!IsWhole(FileOf(samples.First + place)))
                    Write(samples.First + place, Pixels.ToImages(Pixels.ToBytes(samples.Images.narrow(0, place, 1)))[0]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _record.Dispose();
        // Where nothing came of it, nothing is left of it.
        if (!_isNew || Directory.EnumerateFileSystemEntries(_output.Path).Any(entry => entry != Record))
            return;
        File.Delete(Record);
        Directory.Delete(_output.Path);
    }

    private string Record => Path.Combine(_output.Path, ImageFolder.SampleRecord);

    private void Write(long number, RgbImage image)
    {
        Sequence<Note> notes =
        [
            .. _sampler.Provenance().Where(fact => fact.Name != SampleFacts.First).Select(fact => new Note(fact.Name, fact.Text)),
            new(SheetFile.RequestNote, (_sampler.Request with { First = number, Count = 1, Sheet = null }).ToText()),
        ];
        var (path, partial) = (FileOf(number), FileOf(number) + AtomicFile.PartialExtension);
        OutputException.Guard(path, () =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            try
            {
                using (var stream = File.Create(partial))
                    Png.Write(stream, image, notes);
                File.Move(partial, path, overwrite: true);
            }
            catch
            {
                File.Delete(partial);
                throw;
            }
        });
    }

    private void Compare()
    {
        var recorded = SampleFacts.Read(_record) ?? (AnySample() is { } file ? SampleFacts.Noted(file) : null);
        if (recorded is not null && _facts.DifferenceFrom(recorded) is var (found, expected))
            throw new InputException(_output.Path, $"samples of {found}", $"{expected}, as asked for now, or another folder");
        if (SampleFacts.Read(_record) is null)
            OutputException.Guard(Record, () =>
            {
                _record.SetLength(0);
                JsonSerializer.Serialize(_record, _facts.ToJson(), Readable);
                _record.Flush(flushToDisk: true);
            });
    }

    // What a process left that was killed.
    private void RemovePartial()
    {
        foreach (var partial in Directory.EnumerateFiles(_output.Path, "*.png" + AtomicFile.PartialExtension, new EnumerationOptions
        {
            RecurseSubdirectories = _output.Layout == FolderLayout.Thousands,
            MaxRecursionDepth = 1,
        }))
            if (NumberOf(Path.GetFileNameWithoutExtension(partial)) >= 0)
                OutputException.Guard(partial, () => File.Delete(partial));
    }

    private string? AnySample() => Directory.EnumerateFiles(_output.Path, "*.png")
        .FirstOrDefault(file => NumberOf(file) is >= 0 and var number && Path.GetFileName(file) == Path.GetFileName(FileOf(number)));

    // A folder that was named without a / at its end may have been meant as something else.
    private void RefuseOthers()
    {
        if (!Directory.Exists(_output.Path) || Path.EndsInDirectorySeparator(_output.Path) || File.Exists(Record))
            return;
        if (Directory.EnumerateFileSystemEntries(_output.Path).Any(file =>
            !file.EndsWith(AtomicFile.PartialExtension, StringComparison.Ordinal) && (NumberOf(file) < 0 || !SampleFacts.AreIn(file))))
            throw new InputException(_output.Path, "a folder that holds other files",
                $"a new or empty folder, or one of earlier samples; {_output.Path}/ writes there all the same");
    }

    private static long NumberOf(string file) => long.TryParse(
        Path.GetFileNameWithoutExtension(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    private string FileOf(long number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{number:D6}.png");
        return _output.Layout == FolderLayout.Flat ? Path.Combine(_output.Path, name)
            : Path.Combine(_output.Path, string.Create(CultureInfo.InvariantCulture, $"{number - number % PerFolder:D6}"), name);
    }

    // After a power cut there may be a name without all of its content.
    private static bool IsWhole(string file)
    {
        ReadOnlySpan<byte> end = [0, 0, 0, 0, (byte)'I', (byte)'E', (byte)'N', (byte)'D', 0xAE, 0x42, 0x60, 0x82];
        if (!File.Exists(file))
            return false;
        using var handle = File.OpenHandle(file);
        Span<byte> found = stackalloc byte[end.Length];
        return RandomAccess.GetLength(handle) > end.Length
            && RandomAccess.Read(handle, found, RandomAccess.GetLength(handle) - end.Length) == end.Length && found.SequenceEqual(end);
    }
}
