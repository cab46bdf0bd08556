using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Specs.Data;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged packs of images.</summary>
public sealed class PackFuzzSpecs(ITestOutputHelper output)
{
    // With the hash that the damaged index should have, and without.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_packs_of_images_are_read_or_refused(bool isSealed) => Tell(new Fuzz(
        Packs(),
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"shape\":[3,65536,65536],",
            "\"images\":[2147483647],", "\"images\":[-1],", "\"classes\":[", "\"parts\":[{", "\"a\",\"a\",\"a\",\"a\",", "\0\0\u0001\0",
            "\u00FF\u00FF\u00FF\u007F",
        ],
        (file, _) =>
        {
            var index = PackIndex.Read(file);
            Assert.All(index.Parts, part => Assert.InRange(part.Start + part.Count * index.Shape.Size, 0, file.Length));
            return 0;
        }) { Seal = isSealed ? ImagePackSpecs.Sealed : content => content, Count = Few });

    private static byte[][] Packs()
    {
        using var folder = new Data.TemporaryFolder();
        using var images = Training.Small.Images();
        ImagePack.Write(folder["one.pack"], new TrainingData(images));
        ImagePack.Write(folder["two.pack"], new TrainingData(images, images));
        return [File.ReadAllBytes(folder["one.pack"]), File.ReadAllBytes(folder["two.pack"])];
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
