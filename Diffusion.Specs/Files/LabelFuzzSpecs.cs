using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged labels of images.</summary>
public sealed class LabelFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_labels_of_images_are_read_or_refused() => Tell(new Fuzz(
        [Labels],
        ["{", "}", "[", "]", ",", ":", "\"", "9", "000000000", "-1", "1e9", "null", "\\ud800", "\"a/0.png\"", "\"labels\":", "\u00FF\u00FE",
            "[[[[[[[["],
        (file, _) => LabelledBy("dataset.json", file)));

    [Fact]
    public void Damaged_tables_of_labels_are_read_or_refused() => Tell(new Fuzz(
        ["file_name,label\na/0.png,sea\n\"b/1.png\",\"wood, dark\"\n"u8.ToArray(), "a/0;3\r\nb/1.png;0"u8.ToArray()],
        [",", ";", "\t", "\"", "\"\"", "\n", "\r\n", "9", "000000000", "-1", "a/0.png", "label", "\u00FF\u00FE", "\u00EF\u00BB\u00BF"],
        (file, _) => LabelledBy("labels.csv", file)));

    // Labels are counted, and no image is decoded.
    private static long LabelledBy(string name, FileBytes file)
    {
        using var files = new LabelsAlone(name, Bytes(file));
        return 0L * FileLabels.Of(files, ChosenFiles.Of(files, new(Split.Train, new ImageFit.Unchanged()))).Numbers.Length;
    }

    private sealed record LabelsAlone(string Name, byte[] Content) : IImageFiles
    {
        public string Place => "damaged";

        public IReadOnlyList<ImageEntry> List() => [new("a/0.png", 9), new("b/1.png", 9), new(Name, Content.Length)];

        public byte[] Read(ImageEntry entry) => Content;

        public void Dispose()
        {
        }
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
