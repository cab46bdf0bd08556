using System.Formats.Tar;
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
    private static readonly string[] ZipWords =
    [
        "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0006\u0006", "a/0.png", "..", "/", "\0\0\0\0",
        "\u0001\0\u0008\0", "\n",
    ];

    // What the reader of archives does itself: images are none of its business, and are damaged elsewhere.
    [Fact]
    public void Damaged_zip_archives_are_listed_and_unpacked_or_refused() => Tell(new Fuzz(
        [
            Zipped(("a/0.png", [1, 2, 3]), ("b/1.png", new byte[300]), ("dataset.json", Labels)),
            Stored(("a/0.png", [1, 2, 3]), ("c.gif", [])),
        ],
        ZipWords,
        (file, _) =>
        {
            using var files = ImageArchive.FilesOf("damaged", new MemoryStream(Bytes(file)));
            return 0L * files.List().Where(entry => entry is { IsRepeat: false, Fault: null }).Sum(entry => files.Read(entry).Length);
        }) { Expansion = Deflate });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Damaged_tar_archives_are_listed_and_read_or_refused(bool hasRightChecksums) => Tell(new Fuzz(
        [Tar(TarEntryFormat.Pax), Tar(TarEntryFormat.Gnu), Tar(TarEntryFormat.Ustar)],
        [
            "a/0.png", "..", "/", "77777777777\0", "00000006001\0", "\u0080\0\0\0\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF",
            "ustar\0", "L", "x", "g", "S", "0", "1", "2", "5", "99 path=a\n", "20 size=99999999999\n", "22 GNU.sparse.major=1\n",
            "-1 ", "\n",
            "\u00FF\u00FF\u00FF\u00FF",
        ],
        (file, _) =>
        {
            var (archive, places) = (new MemoryStream(Bytes(file)), new Dictionary<string, (long Begin, int Index)>());
            var entries = InputFile.Reading("damaged", () => TarFiles.ListOf("damaged", archive, 0, places));
            Assert.All(entries.Where(entry => !entry.IsRepeat), entry =>
                Assert.InRange(places[entry.Name].Begin + entry.Length, 0, archive.Length));
            return 0;
        }) { Seal = hasRightChecksums ? WithChecksums : tar => tar, LeastRefused = 0.05 });

    // The whole way to labelled images.
    [Fact]
    public void Damaged_archives_of_images_are_read_or_refused() => Tell(new Fuzz(
        [Zipped(("a/0.png", Image), ("b/1.png", Image), ("dataset.json", Labels))], ZipWords, LoadImages)
        { Expansion = Deflate, Count = Few / 3 });

    private static byte[] Tar(TarEntryFormat format)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, format, leaveOpen: true))
        {
            foreach (var name in new[] { "a/0.png", "b/" + new string('x', format == TarEntryFormat.Ustar ? 40 : 150) + ".png" })
            {
                TarEntry file = format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    _ => new UstarTarEntry(TarEntryType.RegularFile, name),
                };
                file.DataStream = new MemoryStream(new byte[600]);
                tar.WriteEntry(file);
            }
        }
        return stream.ToArray();
    }

    private static long LoadImages(FileBytes file, int? number)
    {
        var loading = new ImageLoading(Split.Train, new ImageFit.Unchanged(), number % 2 == 0 ? 0 : ImageLoading.DefaultMemory);
        using var images = ImageArchive.Open("damaged", new MemoryStream(Bytes(file)), loading);
        using var scope = torch.NewDisposeScope();
        return images.Select([0]).Pixels.numel();
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
