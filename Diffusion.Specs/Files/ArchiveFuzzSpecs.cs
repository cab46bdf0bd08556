using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using TorchSharp;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged archives of images.</summary>
public sealed class ArchiveFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_archives_of_images_are_read_or_refused() => Tell(new Fuzz(
        [Zipped(("a/0.png", Image), ("b/1.png", Image), ("dataset.json", Labels))],
        ["PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "a/0.png", "..", "\0\0\0\0", "\u0001\0\u0008\0"],
        LoadImages) { Expansion = Deflate, Count = Few });

    private static long LoadImages(FileBytes file, int? number)
    {
        var loading = new ImageLoading(Split.Train, new ImageFit.Unchanged(), number % 2 == 0 ? 0 : ImageLoading.DefaultMemory);
        using var images = ImageArchive.Open("damaged", new MemoryStream(Bytes(file)), loading);
        using var scope = torch.NewDisposeScope();
        return images.Select([0]).Pixels.numel();
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
