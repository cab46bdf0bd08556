using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static Diffusion.Specs.Data.Encoded;

namespace Diffusion.Specs.Data;

public sealed class ImageArchiveSpecs : IDisposable
{
    private static readonly ImageLoading AsTheyAre = new(Split.Train, new ImageFit.Unchanged(), ImageLoading.DefaultMemory);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Path => _folder["images.zip"];

    private static byte[] Zip(params (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }

    private static byte[] Image(byte red) => AsPng(Plain(4, 4, red, 2, 3));

    private void Refused(byte[] zip, params ReadOnlySpan<string> says)
    {
        File.WriteAllBytes(Path, zip);
        var refusal = Assert.Throws<InputException>(() => ImageArchive.Open(Path, AsTheyAre).Dispose());
        Assert.DoesNotContain('\n', refusal.Message);
        foreach (var part in says)
            Assert.Contains(part, refusal.Message);
    }

    [Fact]
    public void An_archive_is_the_same_set_as_the_folder_it_was_made_from()
    {
        (string, byte[])[] files = [("dog/b.png", Image(9)), ("cat/a.png", Image(8)), ("cat/x/c.png", Image(7))];
        File.WriteAllBytes(Path, Zip([.. files, ("readme.txt", [1]), ("__MACOSX/cat/a.png", [1]), ("cat/._a.png", [1])]));
        foreach (var (name, content) in files)
            File.WriteAllBytes(_folder["unpacked/" + name], content);
        using var archive = Assert.IsType<ImageSet>(ImageArchive.Open(Path, AsTheyAre));
        using var folder = ImageFolder.Open(_folder["unpacked/"], AsTheyAre);
        Assert.Equal(folder.Provenance.Sha256, archive.Provenance.Sha256);
        Assert.Equal(["cat", "dog"], archive.Provenance.Description.ClassNames);
    }

    [Fact]
    public void It_streams_when_it_is_larger_than_memory()
    {
        File.WriteAllBytes(Path, Zip([.. Enumerable.Range(0, 12).Select(image => ($"{image:00}.png", Image((byte)image)))]));
        using var streamed = ImageArchive.Open(Path, AsTheyAre with { Memory = 100 });
        var (pixels, labels) = streamed.Select([11, 3, 3, 0]);
        using var first = pixels;
        using var second = labels;
        Assert.Equal([11, 3, 3, 0], Enumerable.Range(0, 4).Select(at => (int)pixels[at, 0, 0, 0].item<byte>()));
    }

    [Theory]
    [InlineData("../../evil.png")]
    [InlineData("a/../evil.png")]
    [InlineData("/etc/evil.png")]
    [InlineData("C:\\evil.png")]
    public void Names_that_lead_out_are_refused_in_every_archive(string name)
    {
        Refused(Zip(("good.png", Image(1)), (name, Image(2))), $"found the name {name.Replace('\\', '/')}, which leads out of the archive");
        using (var tar = new System.Formats.Tar.TarWriter(File.Create(_folder["images.tar"])))
            tar.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name)
            {
                DataStream = new MemoryStream(Image(1)),
            });
        if (!name.Contains('\\', StringComparison.Ordinal))
            Assert.Contains("which leads out of the archive", Assert.Throws<InputException>(
                () => ImageArchive.Open(_folder["images.tar"], AsTheyAre).Dispose()).Message, StringComparison.Ordinal);
        Assert.InRange(Directory.EnumerateFileSystemEntries(_folder.Path).Count(), 1, 2);
    }

    [Fact]
    public void An_archive_is_packed_and_checked_as_its_folder_is()
    {
        (string, byte[])[] files = [("train/a.png", Image(9)), ("train/b.png", Image(8)), ("test/c.png", Image(7))];
        File.WriteAllBytes(Path, Zip(files));
        foreach (var (name, content) in files)
            File.WriteAllBytes(_folder["unpacked/" + name], content);
        var folder = _folder["unpacked/."][..^2];
        System.Formats.Tar.TarFile.CreateFromDirectory(folder, _folder["images.tar"], includeBaseDirectory: false);
        foreach (var place in new[] { folder, Path, _folder["images.tar"] })
        {
            var pack = _folder[$"{System.IO.Path.GetFileName(place)}.pack"];
            ImagePack.Write(pack, place, AsTheyAre);
            Assert.Equal([2, 1], ImagePack.Describe(pack).Select(part => part.Count));
            Assert.Equal(ImagePack.Describe(_folder["unpacked.pack"])[0].Sha256, ImagePack.Describe(pack)[0].Sha256);
            Assert.Equal(["train", "test"], DatasetCheck.Of(place, null).Parts.Select(part => part.Name));
        }
    }

    [Fact]
    public void Entries_that_share_their_bytes_are_refused()
    {
        var zip = Zip(("a.png", Image(1)), ("b.png", Image(1)));
        // Where the local header of the second is said to be in the central directory: at that of the first, longer than it is.
        var central = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central + 42), 0);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central + 20), (uint)zip.Length);
        Refused(zip, $"images.zip: found entries that take more than the archive's {zip.Length} bytes, and so overlap");
    }

    [Fact]
    public void Links_in_a_tar_are_counted_and_a_file_with_holes_is_refused()
    {
        using (var tar = new System.Formats.Tar.TarWriter(File.Create(_folder["links.tar"])))
        {
            void Add(System.Formats.Tar.TarEntryType type, string name, Action<System.Formats.Tar.PaxTarEntry> with)
            {
                var entry = new System.Formats.Tar.PaxTarEntry(type, name);
                with(entry);
                tar.WriteEntry(entry);
            }
            Add(System.Formats.Tar.TarEntryType.RegularFile, "a.png", entry => entry.DataStream = new MemoryStream(Image(1)));
            Add(System.Formats.Tar.TarEntryType.HardLink, "b.png", entry => entry.LinkName = "a.png");
            Add(System.Formats.Tar.TarEntryType.SymbolicLink, "c.png", entry => entry.LinkName = "/etc/passwd");
        }
        using (var set = ImageArchive.Open(_folder["links.tar"], AsTheyAre))
            Assert.Equal("1 of 3 files; left out: 2 linked or named a second time", set.Provenance.Description.LeftOut);
        var holes = File.ReadAllBytes(_folder["links.tar"]);
        var header = holes.AsSpan().IndexOf("a.png\0"u8);
        holes[header + 156] = (byte)'S';
        var sum = Convert.ToInt32(Encoding.ASCII.GetString(holes, header + 148, 6).Trim('\0', ' '), 8) + 'S' - '0';
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0')).CopyTo(holes, header + 148);
        File.WriteAllBytes(_folder["holes.tar"], holes);
        Assert.EndsWith("holes.tar(a.png): found a file with holes (sparse), which is not read; expected an image file that can be opened.",
            Assert.Throws<InputException>(() => ImageArchive.Open(_folder["holes.tar"], AsTheyAre).Dispose()).Message);
    }

    [Fact]
    public void Large_files_that_were_looked_at_and_forgotten_do_not_pile_up()
    {
        var first = First();
        for (var file = 0; file < 20; file++)
            ArchivedFile.Room(1 << 24);
        Assert.False(first.IsAlive);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static WeakReference First() => new(ArchivedFile.Room(1 << 24));
    }

    [Fact]
    public void A_name_with_an_end_of_a_line_breaks_no_line()
    {
        File.WriteAllBytes(Path, Zip(("a\nerror: x/b.png", Image(1)), ("c\nerror: y/d.png", [1]), ("c\nerror: y/e.png", Image(2))));
        using var said = new StringWriter { NewLine = "\n" };
        Assert.Equal(ExitCode.Failure, CommandLineApp.Run(["data", "check", Path], new(said, said, Display.Plain), CancellationToken.None));
        Assert.DoesNotContain(said.ToString().Split('\n'), line => line.StartsWith("error", StringComparison.Ordinal));
        Assert.Contains("c\\u000Aerror: y/d.png (no image that can be decoded)", said.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_archive_an_empty_one_and_a_cut_one_are_refused()
    {
        Refused("no archive at all"u8.ToArray(), "images.zip", "corrupt data");
        Refused(Zip(), "found no image");
        Refused(Zip(("a.png", Image(1)))[..60], "images.zip", "corrupt data");
        Refused(Zip(("a.png", [1, 2, 3])), "images.zip(a.png): found no image that can be decoded");
    }

    [Fact]
    public void Content_that_does_not_match_its_checksum_or_length_is_refused_by_name()
    {
        var zip = Zip(("a.png", Image(1)));
        var content = 30 + "a.png".Length;
        var damaged = zip.ToArray();
        damaged[content + 20] ^= 0xFF;
        Refused(damaged, "images.zip(a.png)");
        // A bitmap says nothing when a pixel changes.
        using var stored = new MemoryStream();
        using (var archive = new ZipArchive(stored, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = archive.CreateEntry("a.bmp", CompressionLevel.NoCompression).Open())
            entry.Write(AsBmp(Plain(4, 4, 1, 2, 3)));
        damaged = stored.ToArray();
        damaged[content + 90] ^= 0xFF;
        Refused(damaged, "images.zip(a.bmp): found content that does not agree with its checksum");
    }

    [Fact]
    public void An_entry_that_claims_more_than_deflate_can_hold_takes_no_memory()
    {
        var zip = Zip(("bomb.png", new byte[100_000]));
        // Offset 24 of the central directory's record is the unpacked length.
        var central = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central + 24), 0x0FFFFFFF);
        Refused(zip, "images.zip(bomb.png)", "claim to unpack to 268435455");
        // Nor does one that claims to be kept in more bytes than the archive has.
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central + 20), 0x0FFFFFFF);
        Refused(zip, "images.zip(bomb.png)", "claim to unpack to 268435455");
    }

    [Fact]
    public void A_zip_bomb_is_refused_without_unpacking_it()
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = archive.CreateEntry("bomb.png", CompressionLevel.Fastest).Open();
            var zeros = new byte[1 << 20];
            for (var megabyte = 0; megabyte < 260; megabyte++)
                entry.Write(zeros);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused(stream.ToArray(), "images.zip(bomb.png)", "claim to unpack to 272629760", "at most 268435456");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 50_000_000);
    }

    [Fact]
    public void A_method_of_compression_that_is_not_read_is_named()
    {
        var zip = Zip(("notes.txt", [1]), ("a.png", Image(1)));
        // Offsets 8 of the local header and 10 of the central directory's record are the method; 12 is bzip2.
        zip[zip.AsSpan().LastIndexOf("PK\u0003\u0004"u8) + 8] = 12;
        zip[zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8) + 10] = 12;
        Refused(zip, "images.zip(a.png): found a file compressed with bzip2, which is not read; expected one compressed with deflate");
    }

    [Fact]
    public void A_name_that_comes_twice_is_used_once_and_counted()
    {
        File.WriteAllBytes(Path, Zip(("a.png", Image(1)), ("a.png", Image(2)), ("b.png", Image(3))));
        using var set = ImageArchive.Open(Path, AsTheyAre);
        Assert.Equal("2 of 3 files; left out: 1 linked or named a second time", set.Provenance.Description.LeftOut);
    }

    [Fact]
    public void More_content_than_claimed_is_never_read()
    {
        var zip = Zip(("a.png", Encoding.ASCII.GetBytes(new string('x', 5000))));
        var central = zip.AsSpan().LastIndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(zip.AsSpan(central + 24), 100);
        Refused(zip, "images.zip(a.png)");
    }
}
