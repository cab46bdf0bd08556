using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.Versioning;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Data;

public sealed class Cifar10Specs : IDisposable
{
    private const int Record = 3073;
    private const string Archive = "cifar-10-binary.tar.gz";
    private static readonly CifarLayout Layout = (CifarLayout)Dataset.Cifar10.Layout;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Record r has label r mod 10, and byte i of its pixels is r + i mod 251.
    private static byte[] Records(int first, int count) =>
        [.. Enumerable.Range(first, count)
            .SelectMany(r => Enumerable.Range(0, 3072).Select(i => (byte)((r + i) % 251)).Prepend((byte)(r % 10)))];

    [Fact]
    public void Training_batches_follow_each_other_and_keep_planes_rows_and_labels()
    {
        File.WriteAllBytes(_folder["data_batch_1.bin"], Records(0, 13));
        File.WriteAllBytes(_folder["data_batch_2.bin"], Records(13, 4));
        File.WriteAllBytes(_folder["test_batch.bin"], Records(50, 3));

        using var train = Dataset.Cifar10.Read(_folder.Path, Split.Train);

        Assert.Equal([17, 3, 32, 32], train.Images.shape);
        Assert.Equal(Enumerable.Range(0, 17).Select(r => (long)(r % 10)), train.Labels.data<long>().ToArray());
        Assert.Equal((16 + 2 * 1024 + 5 * 32 + 7) % 251, train.Images[16, 2, 5, 7].item<byte>());
        Assert.Equal(new(3, 32, 32), train.Provenance.Shape);
        Assert.Contains("17 of the official 50000", train.Provenance.ToString());

        using var test = Dataset.Cifar10.Read(_folder.Path, Split.Test);
        Assert.Equal(3, test.Count);
    }

    [Fact]
    public void The_archive_itself_its_folder_and_the_unpacked_folder_give_the_same_images()
    {
        File.WriteAllBytes(_folder["plain/data_batch_1.bin"], Records(0, 5));
        File.WriteAllBytes(_folder["nested/cifar-10-batches-bin/data_batch_1.bin"], Records(0, 5));
        WriteArchive(
            _folder["packed/cifar-10-binary.tar.gz"],
            ("cifar-10-batches-bin/data_batch_1.bin", Records(0, 5)),
            ("cifar-10-batches-bin/readme.html", [1]));

        var hashes = new[] { "plain", "nested", "packed", "packed/cifar-10-binary.tar.gz" }.Select(place =>
        {
            using var set = Dataset.Cifar10.Read(Path.Combine(_folder.Path, place), Split.Train);
            return set.Provenance.Sha256;
        });
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void The_content_hash_is_that_of_all_pixels_then_all_labels()
    {
        File.WriteAllBytes(_folder["test_batch.bin"], Records(0, 2));
        using var set = Dataset.Cifar10.Read(_folder.Path, Split.Test);
        var pixels = Records(0, 2).Where((_, at) => at % Record != 0);
        var expected = System.Security.Cryptography.SHA256.HashData([.. pixels, 0, 1]);
        Assert.Equal(Convert.ToHexStringLower(expected), set.Provenance.Sha256);
    }

    [Theory]
    [InlineData(3 * Record - 1)]
    [InlineData(3 * Record + 1)]
    [InlineData(0)]
    public void A_batch_that_is_not_whole_records_is_refused_by_name(int length)
    {
        File.WriteAllBytes(_folder["data_batch_4.bin"], [.. Records(0, 4).Take(length)]);
        Refused(_folder.Path, "data_batch_4.bin", $"found {length} bytes", "multiple of 3073");
    }

    [Fact]
    public void Label_10_is_refused_with_its_record()
    {
        var records = Records(0, 4);
        records[2 * Record] = 10;
        File.WriteAllBytes(_folder["data_batch_1.bin"], records);
        Refused(_folder.Path, "data_batch_1.bin", "found label 10 at record 2", "expected a label 0 to 9");
    }

    [Fact]
    public void An_empty_folder_and_no_folder_say_what_was_looked_for()
    {
        Refused(_folder.Path, "no data_batch_*.bin", "cifar-10-binary.tar.gz");
        Refused(Path.Combine(_folder.Path, "absent"), "found no folder");
    }

    [Fact]
    public void A_damaged_archive_is_refused_by_name()
    {
        var path = _folder[Archive];
        WriteArchive(path, ("cifar-10-batches-bin/data_batch_1.bin", Records(0, 40)));
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..(whole.Length / 2)]);
        Refused(path, Archive);
        whole[whole.Length / 2] ^= 0xFF;
        File.WriteAllBytes(path, whole);
        Refused(path, Archive);
        File.WriteAllBytes(path, "not an archive"u8.ToArray());
        Refused(path, Archive);
        WriteArchive(path, ("data_batch_1.bin", Records(0, 2)[1..]));
        Refused(path, "cifar-10-binary.tar.gz(data_batch_1.bin)", "6145 bytes");
        WriteArchive(path, ("else.txt", [1, 2]));
        Refused(path, "no data_batch_*.bin inside");
    }

    [Fact]
    public void Long_names_and_large_sizes_are_read_as_tar_programs_write_them()
    {
        foreach (var format in new[] { TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu, TarEntryFormat.V7 })
        {
            using var stream = new MemoryStream();
            using (var tar = new TarWriter(stream, format, leaveOpen: true))
            {
                var deep =
                    format is TarEntryFormat.Pax or TarEntryFormat.Gnu ? string.Join('/', Enumerable.Repeat("folder", 60)) : "folder";
                foreach (var (name, content) in new[] { ($"{deep}/data_batch_2.bin", Records(2, 3)), ($"{deep}/other.bin", [1]),
                    ("data_batch_1.bin", Records(0, 2)) })
                {
                    System.Formats.Tar.TarEntry entry = format switch
                    {
                        TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                        TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                        TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                        _ => new UstarTarEntry(TarEntryType.RegularFile, name),
                    };
                    entry.DataStream = new MemoryStream(content);
                    tar.WriteEntry(entry);
                }
            }
            stream.Position = 0;
            using var set = Layout.ReadArchive(Dataset.Cifar10, "made up", stream, Split.Train);
            Assert.Equal(5, set.Count);
        }
    }

    [Fact]
    public void An_archive_that_unpacks_to_more_images_than_there_are_is_refused_without_unpacking_them()
    {
        WriteArchive(_folder["a"], ("data_batch_1.bin", Records(0, 3)), ("data_batch_2.bin", Records(0, 3)));
        using (var file = File.OpenRead(_folder["a"]))
            Assert.Equal(2, Layout.ReadArchive("a", file, Split.Train, 6 * Record).Count);
        using (var file = File.OpenRead(_folder["a"]))
            Assert.Contains(
                "more than 5 images", Assert.Throws<InputException>(() => Layout.ReadArchive("a", file, Split.Train, 5 * Record)).Message);
        // A header that promises more than gzip can hold.
        WriteArchive(_folder["b"], ("data_batch_1.bin", new byte[200 * Record]));
        using var tar = new MemoryStream();
        using (var gzip = new GZipStream(File.OpenRead(_folder["b"]), CompressionMode.Decompress))
            gzip.CopyTo(tar);
        tar.SetLength(512);
        tar.Position = 0;
        Assert.Contains("the 512 that the archive can hold",
            Assert.Throws<InputException>(() => Layout.ReadArchive(Dataset.Cifar10, "b", tar, Split.Train)).Message);
    }

    [Fact]
    public void A_batch_that_comes_twice_is_refused()
    {
        WriteArchive(_folder[Archive], ("a/data_batch_1.bin", Records(0, 3)), ("b/data_batch_1.bin", Records(0, 3)));
        Refused(_folder[Archive], "a second data_batch_1.bin");
    }

    [OrdinaryUserFact]
    [UnsupportedOSPlatform("windows")]
    public void A_file_that_may_not_be_read_is_named()
    {
        File.WriteAllBytes(_folder["data_batch_1.bin"], Records(0, 1));
        File.SetUnixFileMode(_folder["data_batch_1.bin"], UnixFileMode.None);
        Refused(_folder.Path, "data_batch_1.bin", "no permission");
    }

    private static void Refused(string place, params ReadOnlySpan<string> says)
    {
        var refusal = Assert.Throws<InputException>(() => Dataset.Cifar10.Read(place, Split.Train));
        Assert.DoesNotContain('\n', refusal.Message);
        foreach (var part in says)
            Assert.Contains(part, refusal.Message);
    }

    private static void WriteArchive(string path, params (string Name, byte[] Content)[] files)
    {
        using var tar = new TarWriter(new GZipStream(File.Create(path), CompressionLevel.Fastest));
        foreach (var (name, content) in files)
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
    }
}
