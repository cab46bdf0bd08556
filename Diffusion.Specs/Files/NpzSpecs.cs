using System.IO.Compression;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class NpzSpecs
{
    [Fact]
    public void What_is_written_is_read_again_to_the_bit() =>
        Prop.ForAll(Gen.ListOf(NumPyTensor).ToArbitrary(), stored =>
        {
            using var scope = torch.NewDisposeScope();
            using var folder = new TemporaryFolder();
            var tensors = stored.Select(item => item.Make()).ToArray();
            Npz.Write(folder["a"], tensors.Select((tensor, index) => ($"t/{index}", NpyArray.Of(tensor, (NpyOrder)(index % 2)))));
            using var file = Npz.Open(folder["a"]);
            return file.Entries.Count == tensors.Length
                && tensors.Select((tensor, index) => StoredTensor.Same(tensor, file[$"t/{index}"].Load())).All(same => same);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Named_arrays_are_read_again_and_by_another_zip_reader_too()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var mean = NdArray<double>.Vector(1.5, -2, double.NaN);
        var tensor = Number.Range(0, 6, torch.int64, torch.CPU).view(2, 3);
        var empty = torch.zeros(0, 3);
        Npz.Write(folder["a"], [("mu", NpyArray.Of(mean)), ("日本", NpyArray.Of(tensor, NpyOrder.Fortran)), ("empty", NpyArray.Of(empty))]);
        using var file = Npz.Open(folder["a"]);
        Assert.Equal(["mu", "日本", "empty"], file.Entries.Select(entry => entry.Name));
        Assert.Equal(mean.Values, file["mu"].Read<double>().Values);
        Assert.True(StoredTensor.Same(tensor, file["日本"].Load()));
        Assert.Equal([0L, 3L], file["empty"].Load().shape);
        using var zip = ZipFile.OpenRead(folder["a"]);
        Assert.Equal(["mu.npy", "日本.npy", "empty.npy"], zip.Entries.Select(entry => entry.FullName));
        Assert.All(zip.Entries, entry => Assert.Equal(entry.Length, entry.CompressedLength));
    }

    [Fact]
    public void The_bytes_do_not_depend_on_the_clock()
    {
        using var folder = new TemporaryFolder();
        Npz.Write(folder["a"], [("x", NpyArray.Of(NdArray<int>.Vector(1, 2, 3)))]);
        using var zip = ZipFile.OpenRead(folder["a"]);
        Assert.Equal(new DateTime(1980, 1, 1), zip.Entries[0].LastWriteTime.DateTime);
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        using var folder = new TemporaryFolder();
        var array = NpyArray.Of(NdArray<int>.Vector(1));
        Assert.Throws<ArgumentException>(() => Npz.Write(folder["a"], [("x", array), ("x", array)]));
    }

    [Fact]
    public void Deflated_arrays_are_read()
    {
        using var scope = torch.NewDisposeScope();
        var values = Enumerable.Range(0, 300_000).Select(index => (float)(index % 17)).ToArray();
        using var file = Npz.Open(Zip(CompressionLevel.Optimal, ("x.npy", Array(values))));
        Assert.Equal(values, file["x"].Read<float>().Values);
        Assert.Equal(values, file["x"].Load().data<float>().ToArray());
    }

    [Fact]
    public void Images_of_few_colours_shrink_five_hundredfold_and_are_read()
    {
        using var scope = torch.NewDisposeScope();
        var strokes = new byte[9000 * 28 * 28];
        for (var image = 0; image < 9000; image++)
            strokes[image * 784 + 300 + image % 9] = 255;
        var zip = Zip(CompressionLevel.Optimal, ("x.npy", Array(strokes)));
        Assert.True(zip.Length < strokes.Length / 200);
        using var file = Npz.Open(zip);
        Assert.Equal(strokes, file["x"].Read<byte>().Values);
    }

    [Fact]
    public void What_unpacks_to_more_than_the_memory_that_is_left_is_refused_before_it_is_unpacked()
    {
        var bomb = Zip(CompressionLevel.SmallestSize, ("x.npy", Array(new double[4_000_000])));
        Assert.True(bomb.Length < 100_000);
        using (var fits = Npz.Open(Copy(bomb), 32_000_000))
            Assert.Equal(4_000_000, fits["x"].Shape.Elements);
        Assert.Contains("of memory that are left", Assert.Throws<InvalidFileException>(() => Npz.Open(bomb, 31_999_999)).Reason);
    }

    [Fact]
    public void Small_bombs_are_added_up()
    {
        var half = Array(new double[1_500_000]);
        Assert.Throws<InvalidFileException>(
            () => Npz.Open(Zip(CompressionLevel.SmallestSize, ("x.npy", half), ("y.npy", half)), 20_000_000));
    }

    [Fact]
    public void An_entry_that_claims_more_than_deflate_can_hold_is_refused()
    {
        var bytes = Bytes(Zip(CompressionLevel.Optimal, ("x.npy", Array(1.0, 2, 3))));
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 24), 1_000_000_000);
        Assert.Contains("more than deflate can", Assert.Throws<InvalidFileException>(() => ReadAll(bytes)).Reason);
    }

    [Fact]
    public void A_method_that_is_not_read_is_named()
    {
        var bytes = Bytes(Zip(CompressionLevel.NoCompression, ("x.npy", Array(1))));
        bytes[bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 10] = 12;
        Assert.Contains("'x.npy' is compressed with bzip2, which is not supported; pack it again with deflate",
            Assert.Throws<InvalidFileException>(() => ReadAll(bytes)).Reason);
    }

    [Fact]
    public void A_deflated_entry_longer_than_the_directory_says_is_refused_when_read()
    {
        // A header for one element before three: the directory can be made to agree with it.
        var array = Array(1.0, 2, 3);
        "(1,)"u8.CopyTo(array.AsSpan(array.AsSpan().IndexOf("(3,)"u8)));
        var bytes = Bytes(Zip(CompressionLevel.Optimal, ("x.npy", array)));
        Assert.Contains("1 times 8 are needed", Assert.Throws<InvalidFileException>(() => ReadAll(bytes)).Reason);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 24), array.Length - 16);
        using var file = Npz.Open(FileBytes.Of("made up", bytes));
        Assert.Throws<InvalidFileException>(() => file["x"].Read<double>());
    }

    [Fact]
    public void A_flipped_bit_in_the_data_is_found_by_the_checksum()
    {
        var bytes = Bytes(Zip(CompressionLevel.NoCompression, ("x.npy", Array(1.0, 2, 3))));
        bytes[bytes.AsSpan().IndexOf("PK\x01\x02"u8) - 1] ^= 1;
        Assert.Contains("checksum", Assert.Throws<InvalidFileException>(() => ReadAll(bytes)).Reason);
    }

    [Fact]
    public void Two_entries_of_one_name_are_refused() =>
        Assert.Contains("'x.npy' occurs twice", Assert.Throws<InvalidFileException>(() =>
            Npz.Open(Zip(CompressionLevel.NoCompression, ("x.npy", Array(1)), ("x.npy", Array(2))))).Reason);

    [Fact]
    public void Overlapping_entries_are_refused()
    {
        // The first entry holds a whole zip file; the directory then says that the second is the one inside the first.
        var inner = Bytes(Zip(CompressionLevel.NoCompression, ("y.npy", Array(2))));
        var outer = Bytes(Zip(CompressionLevel.NoCompression, ("x.npy", inner), ("y.npy", Array(2))));
        var place = outer.AsSpan(1).IndexOf("PK\x03\x04"u8) + 1;
        var directory = outer.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(outer.AsSpan(directory + 42), place);
        Assert.Contains("overlaps", Assert.Throws<InvalidFileException>(() => ReadAll(outer)).Reason);
    }

    [Fact]
    public void What_is_not_an_array_is_refused()
    {
        Assert.Contains("'x.txt'", Assert.Throws<InvalidFileException>(() =>
            Npz.Open(Zip(CompressionLevel.NoCompression, ("x.txt", [])))).Reason);
        Assert.Contains("end record", Assert.Throws<InvalidFileException>(() => Npz.Open(FileBytes.Of("made up", new byte[100]))).Reason);
        using var empty = Npz.Open(Zip(CompressionLevel.NoCompression));
        Assert.Contains("no array 'x'", Assert.Throws<InvalidFileException>(() => empty["x"]).Reason);
    }

    [Fact]
    public void Encrypted_entries_are_refused()
    {
        var bytes = Bytes(Zip(CompressionLevel.NoCompression, ("x.npy", Array(1))));
        bytes[bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 8] |= 1;
        Assert.Contains("encrypted", Assert.Throws<InvalidFileException>(() => ReadAll(bytes)).Reason);
    }

    private static Gen<StoredTensor> NumPyTensor => StoredTensor.Generator.Where(stored => stored.Type != torch.ScalarType.BFloat16);

    private static void ReadAll(byte[] bytes)
    {
        using var scope = torch.NewDisposeScope();
        using var file = Npz.Open(FileBytes.Of("made up", bytes));
        foreach (var entry in file.Entries)
            entry.Load();
    }

    private static byte[] Array<T>(params T[] values)
        where T : unmanaged
    {
        using var folder = new TemporaryFolder();
        Npy.Write(folder["x"], NpyArray.Of(NdArray<T>.Vector(values)));
        return File.ReadAllBytes(folder["x"]);
    }

    private static FileBytes Zip(CompressionLevel level, params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        return FileBytes.Of("made up", stream.ToArray());
    }

    private static FileBytes Copy(FileBytes file) => FileBytes.Of("made up", Bytes(file));

    private static byte[] Bytes(FileBytes file) => file.Slice(0, (int)file.Length, "all").ToArray();
}
