using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Samplers;

/// <summary>Where samples go. A closed union.</summary>
/// <param name="Path">The file or folder.</param>
public abstract record SampleOutput(string Path)
{
    /// <summary>What a path may end in; <c>/</c> stands for a folder.</summary>
    public static Sequence<string> Endings { get; } = [".png", ".svg", ".gif", ".webp", Npz.Extension, "/"];

    /// <summary>The output that a path names.</summary>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    public static SampleOutput Parse(string path)
    {
        if (OutputName.IsFolder(path))
            return new Folder(path);
        return System.IO.Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".png" or ".svg" => new Sheet(path),
            ".gif" or ".webp" => new Film(path),
            Npz.Extension => new Arrays(path),
            _ => throw new ArgumentException($"{path} ends in none of {string.Join(' ', Endings)}.", nameof(path)),
        };
    }

    /// <summary>One image file that shows all samples.</summary>
    /// <param name="Path">The file, .png or .svg; .png may hold an animation, too.</param>
    public sealed record Sheet(string Path) : SampleOutput(Path);

    /// <summary>An animation that shows samples as they form.</summary>
    /// <param name="Path">The file, .gif or .webp.</param>
    public sealed record Film(string Path) : SampleOutput(Path);

    /// <summary>All samples as an array, as the evaluator of guided-diffusion (ADM) reads it.</summary>
    /// <remarks><c>arr_0</c> is uint8 [N, H, W, C]; <c>arr_1</c> the labels, int64 [N], where samples have labels.</remarks>
    /// <param name="Path">The npz file.</param>
    public sealed record Arrays(string Path) : SampleOutput(Path)
    {
        /// <summary>Draws and writes the file.</summary>
        /// <exception cref="OutputException">It cannot be written; there is no half of it.</exception>
        public void Write(ModelSampler sampler, int count, SamplingWatch watch)
        {
            var (shape, first) = (sampler.Shape, sampler.Run.First);
            using var scope = torch.NewDisposeScope();
            var images = torch.empty([count, shape.Height, shape.Width, shape.Channels], torch.ScalarType.Byte);
            foreach (var batch in sampler.Batches(count, watch))
            {
                using var own = torch.NewDisposeScope();
                using var samples = batch;
                images.narrow(0, samples.First - first, samples.Count).copy_(Pixels.ToBytes(samples.Images).permute(0, 2, 3, 1));
            }
            var arrays = new List<(string, NpyArray)> { ("arr_0", NpyArray.Of(images)) };
            if (sampler.Classes is not null)
            {
                long[] labels = [.. Enumerable.Range(0, count).Select(sample => sampler.LabelOf(first + sample)!.Value)];
                arrays.Add(("arr_1", NpyArray.Of(torch.tensor(labels))));
            }
            OutputException.Guard(Path, () => Npz.Write(Path, arrays));
        }
    }

    /// <summary>An image file for each sample, named by its number, as torch-fidelity and pytorch-fid read a folder.</summary>
    /// <param name="Path">The folder; made where there is none.</param>
    public sealed record Folder(string Path) : SampleOutput(Path)
    {
        /// <summary>Draws samples and writes each as soon as it is there.</summary>
        /// <returns>How many were written before it was stopped.</returns>
        /// <exception cref="InputException">There are such files already.</exception>
        /// <exception cref="OutputException">A file cannot be written; those before it are whole.</exception>
        public int Write(ModelSampler sampler, int count, SamplingWatch watch)
        {
            RefuseTaken(sampler.Run.First);
            OutputException.RequireWritable(Path);
            var written = 0;
            try
            {
                foreach (var batch in sampler.Batches(count, watch))
                {
                    using var scope = torch.NewDisposeScope();
                    using var samples = batch;
                    // Not before there is something to write.
                    OutputException.Guard(Path, () => Directory.CreateDirectory(Path));
                    for (var place = 0; place < samples.Count; place++, written++)
                        Write(sampler, samples.First + place, Pixels.ToBytes(samples.Images.narrow(0, place, 1))[0]);
                }
            }
            catch (OperationCanceledException)
            {
            }
            return written;
        }

        private void Write(ModelSampler sampler, long number, torch.Tensor bytes)
        {
            // PNG files here have three colours; [C, H, W] becomes [H, W, 3].
            using var scope = torch.NewDisposeScope();
            var rgb = bytes.expand(3, -1, -1).permute(1, 2, 0).contiguous();
            var image = new RgbImage((int)rgb.shape[1], (int)rgb.shape[0], rgb.bytes.ToArray());
            Sequence<Note> notes =
            [
                .. sampler.Provenance().Where(fact => fact.Name != "first").Select(fact => new Note(fact.Name, fact.Text)),
                new(SheetFile.RequestNote, (sampler.Request with { First = number, Count = 1, Sheet = null }).ToText()),
            ];
            var (path, partial) = (FileOf(number), FileOf(number) + AtomicFile.PartialExtension);
            OutputException.Guard(path, () =>
            {
                using (var stream = File.Create(partial))
                    Png.Write(stream, image, notes);
                File.Move(partial, path, overwrite: true);
            });
        }

        // Older samples among new ones would be measured with them.
        private void RefuseTaken(long first)
        {
            if (!Directory.Exists(Path))
                return;
            RefuseOthers();
            long[] there = [.. Directory.EnumerateFiles(Path, "*.png").Select(NumberOf).Where(number => number >= first)];
            if (there.Length > 0)
                throw new InputException(Path, System.IO.Path.GetFileName(FileOf(there.Min())), string.Create(
                    CultureInfo.InvariantCulture,
                    $"a folder without samples numbered {first} or higher; --first {there.Max() + 1} continues after the existing ones"));
        }

        // A folder that was named without a / at its end may have been meant as something else.
        private void RefuseOthers()
        {
            if (System.IO.Path.EndsInDirectorySeparator(Path))
                return;
            string[] files = [.. Directory.EnumerateFileSystemEntries(Path).Where(
                file => !file.EndsWith(AtomicFile.PartialExtension, StringComparison.Ordinal))];
            if (files.Any(file => NumberOf(file) < 0 || file != FileOf(NumberOf(file)))
                || (files is [var one, ..] && !IsSample(one)))
                throw new InputException(Path, "a folder that holds other files",
                    $"a new or empty folder, or one of earlier samples; {Path}/ writes there all the same");
        }

        private static bool IsSample(string file) => PngNotes.Read(OrdinaryFile.ReadAll(file, Array.MaxLength)) is { } png
            && png.Notes.Any(note => note.Keyword == SheetFile.RequestNote);

        private static long NumberOf(string file)
        {
            var name = System.IO.Path.GetFileNameWithoutExtension(file);
            return long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;
        }

        private string FileOf(long number) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"{number:D6}.png"));
    }
}
