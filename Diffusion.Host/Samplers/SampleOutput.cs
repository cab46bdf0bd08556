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
        /// <summary>Where in the folder they lie.</summary>
        public FolderLayout Layout { get; init; }
    }
}

/// <summary>Where the files of samples lie in their folder.</summary>
public enum FolderLayout
{
    /// <summary>All in the folder itself.</summary>
    Flat,

    /// <summary>A thousand to a folder, as EDM's <c>generate.py --subdirs</c> has it: <c>001000/001234.png</c>.</summary>
    Thousands,
}
