using System.IO.Compression;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Data;

public sealed class MnistSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static byte[] Images(int count) =>
        OfficialFiles.Idx(2051, [count, 4, 3], [.. Enumerable.Range(0, count * 12).Select(i => (byte)i)]);

    private static byte[] Labels(params byte[] labels) => OfficialFiles.Idx(2049, [labels.Length], labels);

    private static byte[] Gzip(byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest))
            gzip.Write(content);
        return zipped.ToArray();
    }

    private void Write(byte[] images, byte[] labels)
    {
        File.WriteAllBytes(_folder["t10k-images-idx3-ubyte"], images);
        File.WriteAllBytes(_folder["t10k-labels-idx1-ubyte"], labels);
    }

    [Fact]
    public void Images_and_labels_are_read_in_order()
    {
        Write(Images(3), Labels(7, 0, 9));
        using var set = Dataset.Mnist.Read(_folder.Path, Split.Test);
        Assert.Equal([3, 1, 4, 3], set.Images.shape);
        Assert.Equal([7, 0, 9], set.Labels.data<long>().ToArray());
        Assert.Equal(2 * 12 + 2 * 3 + 1, set.Images[2, 0, 2, 1].item<byte>());
        Assert.Contains("MNIST test, 3 images 1×4×3, 3 of the official 10000", set.Provenance.ToString());
    }

    [Fact]
    public void Compressed_files_give_the_same_images_whatever_their_name()
    {
        Write(Images(3), Labels(7, 0, 9));
        using var plain = Dataset.Mnist.Read(_folder.Path, Split.Test);
        Write(Gzip(Images(3)), Gzip(Labels(7, 0, 9)));
        using var zipped = Dataset.Mnist.Read(_folder.Path, Split.Test);
        File.Move(_folder["t10k-images-idx3-ubyte"], _folder["t10k-images-idx3-ubyte.gz"]);
        using var renamed = Dataset.Mnist.Read(_folder.Path, Split.Test);
        Assert.Equal(plain.Provenance.Sha256, zipped.Provenance.Sha256);
        Assert.Equal(plain.Provenance.Sha256, renamed.Provenance.Sha256);
    }

    [Fact]
    public void A_wrong_magic_number_is_refused()
    {
        Write(OfficialFiles.Idx(2052, [3, 4, 3], new byte[36]), Labels(1, 2, 3));
        Refused("t10k-images-idx3-ubyte", "found IDX magic number 2052", "expected 2051");
        Write(Images(3), OfficialFiles.Idx(2051, [3], [1, 2, 3]));
        Refused("t10k-labels-idx1-ubyte", "2051", "expected 2049");
    }

    [Fact]
    public void A_count_that_does_not_match_the_length_is_refused()
    {
        Write(Images(3)[..^1], Labels(1, 2, 3));
        Refused("t10k-images-idx3-ubyte", "35", "3×4×3");
        Write(Gzip(Images(3)[..^1]), Labels(1, 2, 3));
        Refused("t10k-images-idx3-ubyte", "found 35 bytes", "3×4×3 = 36");
        Write([.. Images(3), 0], Labels(1, 2, 3));
        Refused("t10k-images-idx3-ubyte", "more than 36", "3×4×3 = 36");
        Write(Images(3), Labels(1, 2));
        Refused("t10k-labels-idx1-ubyte", "found 2 labels", "3, one per image");
    }

    [Fact]
    public void A_header_that_promises_more_than_the_file_can_hold_takes_no_memory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write(OfficialFiles.Idx(2051, [int.MaxValue, 1, 1], [1]), Labels(1));
        Refused("2147483647×1×1");
        Write(OfficialFiles.Idx(2051, [65536, 65536, 65536], [1]), Labels(1));
        Refused("65536×65536×65536");
        Write(OfficialFiles.Idx(2051, [-3, 4, 3], [1]), Labels(1));
        Refused("-3×4×3");
        Write(OfficialFiles.Idx(2051, [0, 4, 3], []), Labels());
        Refused("0×4×3");
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void Label_10_is_refused_with_its_record()
    {
        Write(Images(3), Labels(1, 10, 3));
        Refused("t10k-labels-idx1-ubyte", "label 10 at record 1", "0 to 9");
    }

    [Fact]
    public void Corrupt_gzip_is_refused_wherever_the_damage_is()
    {
        var zipped = Gzip(Images(200));
        Write(zipped, Labels([.. Enumerable.Repeat((byte)1, 200)]));
        Dataset.Mnist.Read(_folder.Path, Split.Test).Dispose();
        foreach (var at in new[] { 3, zipped.Length / 2, zipped.Length - 8, zipped.Length - 5 })
        {
            var damaged = zipped.ToArray();
            damaged[at] ^= 0x5A;
            Write(damaged, Labels([.. Enumerable.Repeat((byte)1, 200)]));
            Refused("t10k-images-idx3-ubyte");
        }
        foreach (var length in new[] { 2, 11, zipped.Length / 2, zipped.Length - 9 })
        {
            Write(zipped[..length], Labels([.. Enumerable.Repeat((byte)1, 200)]));
            Refused("t10k-images-idx3-ubyte");
        }
    }

    [Fact]
    public void A_missing_file_and_a_missing_folder_are_named()
    {
        File.WriteAllBytes(_folder["t10k-images-idx3-ubyte"], Images(1));
        Refused("no t10k-labels-idx1-ubyte", "or t10k-labels-idx1-ubyte.gz");
        var absent = Path.Combine(_folder.Path, "absent");
        Assert.Contains($"{absent}: found no folder", Assert.Throws<InputException>(() => Dataset.Mnist.Read(absent, Split.Test)).Message);
    }

    private void Refused(params ReadOnlySpan<string> says)
    {
        var refusal = Assert.Throws<InputException>(() => Dataset.Mnist.Read(_folder.Path, Split.Test));
        Assert.DoesNotContain('\n', refusal.Message);
        foreach (var part in says)
            Assert.Contains(part, refusal.Message);
    }
}
