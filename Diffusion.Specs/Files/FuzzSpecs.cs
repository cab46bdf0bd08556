using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using BitMiracle.LibTiff.Classic;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using TorchSharp;
using Xunit.Abstractions;

namespace Diffusion.Specs.Files;

/// <summary>Real files, damaged in twenty thousand ways for each reader: what is not read is refused, with a place and a reason.</summary>
public sealed class FuzzSpecs(ITestOutputHelper output)
{
    // Files of which twenty thousand copies are no burden.
    private const int LargestFile = 1 << 16;

    // For what takes longer to read, or is damaged in one place only.
    private const int Few = 3000;

    private const int Deflate = 1032;

    // Some hundred bytes can be an image of one colour of 8192×8192 pixels.
    private const long LargestImage = 1L << 30;

    // Instructions, names and numbers that pickles are made of, in honest and in other files.
    private static readonly string[] PickleWords =
    [
        ".", "(", "t", "}", "u", "]", "e", ")", "R", "Q", "b", "N", "\u0088", "\u0085", "\u0080\u0002", "h\0", "q\0",
        "j\u00FF\u00FF\u00FF\u007F", "J\u00FF\u00FF\u00FF\u007F", "\u008A\u0004\u00FF\u00FF\u00FF\u007F", "X\u00FF\u00FF\u00FF\u00FF",
        "cos\nsystem\n", "ctorch\nDoubleStorage\n", "ccollections\nOrderedDict\n", "ctorch._utils\n_rebuild_tensor_v2\n",
        "PK\u0001\u0002", "PK\u0003\u0004", "data.pkl",
    ];

    [Fact]
    public void Damaged_safetensors_are_read_or_refused() => Tell(new Fuzz(
        Real("*.safetensors"),
        [
            "{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"\":",
            "\"dtype\":\"F64\",", "\"shape\":[0],", "\"data_offsets\":[0,0]", "\"__metadata__\":{",
        ],
        (file, number) =>
        {
            using var tensors = Safetensors.Open(file);
            _ = tensors.Description;
            return Chosen(tensors.Entries, number).Sum(entry => Touch(tensors.Load(entry.Name)));
        }));

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

    [Fact]
    public void Damaged_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz").SelectMany(Arrays)],
        ArrayWords,
        (file, _) =>
        {
            using var array = Npy.Open(file);
            Assert.Equal(FileFormat.Npy, array.Description.Format);
            return Touch(array.Array.Load());
        }));

    [Fact]
    public void Damaged_zip_files_of_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz"), .. Real("*.npz").Select(Deflated)],
        [
            "PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "PK\u0006\u0006", "PK\u0006\u0007",
            "mu1.npy", "000000000000000000", "\0\0\0\0", "\u0001\0\u0008\0",
        ],
        (file, number) =>
        {
            using var arrays = Npz.Open(file);
            _ = arrays.Description;
            return Chosen(arrays.Entries, number).Sum(entry => Touch(entry.Load()));
        }) { Expansion = Deflate });

    [Fact]
    public void Damaged_zip_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_zip*.pth"), PickleWords, LoadPickle));

    [Fact]
    public void Damaged_legacy_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_legacy.pth"), PickleWords, LoadPickle));

    [Fact]
    public void Damaged_pickles_of_modules_are_read_or_refused() => Tell(new Fuzz(
        [.. new[] { "edm-ddpmpp.pkl", "edm2.pkl" }.Select(name => File.ReadAllBytes(Path.Combine(Repository.Golden, "imports", name)))],
        [
            .. PickleWords, "\u0081", "\u0094", "\u0093", "\u008F", "\u0090", "C\u0002ab", "B\u00FF\u00FF\u00FF\u007F",
            "\u008C\u0006system", "\u008C\u0002os", "cdnnlib.util\nEasyDict\n", "ctorch.storage\n_load_from_bytes\n",
            "_modules", "_parameters",
        ],
        (file, number) =>
        {
            using var pickle = TorchPickle.OpenModules(file);
            _ = pickle.Description;
            var tensors = Chosen([.. pickle.Module?.Tensors() ?? []], number).Select(item => item.Tensor).ToArray();
            foreach (var tensor in tensors)
                Touch(pickle.Load(tensor));
            return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
        }) { Count = Few / 3, LeastRefused = 0.05 });

    [Fact]
    public void Files_of_any_format_are_told_apart_or_refused() =>
        Tell(new Fuzz([.. Real("*.safetensors"), .. Real("*.npz"), .. Real("*.pth")], PickleWords, (file, _) =>
        {
            FileFormats.Describe(file);
            return 0;
        }));

    [Fact]
    public void Whole_zip_files_of_damaged_arrays_are_read_or_refused() => Tell(new Fuzz(
        [.. Real("*.npz").Take(1).SelectMany(Arrays)],
        ArrayWords,
        (file, _) =>
        {
            using var arrays = Npz.Open(file);
            return arrays.Entries.Sum(entry => Touch(entry.Load()));
        }) { Seal = array => Zipped(("x.npy", array)), Expansion = Deflate, Count = Few });

    [Fact]
    public void Whole_headers_of_damaged_safetensors_are_read_or_refused()
    {
        var whole = Real("*.safetensors")[0];
        var length = (int)BitConverter.ToInt64(whole);
        Tell(new Fuzz(
            [whole[8..(8 + length)]],
            ["{", "}", "[", "]", ",", ":", "\"", "9", "000000000000000000", "-1", "1e9", "\\ud800", "\"\":", "\"dtype\":\"F64\",",
                "\"shape\":[0],"],
            (file, number) =>
            {
                using var tensors = Safetensors.Open(file);
                return Chosen(tensors.Entries, number).Sum(entry => Touch(tensors.Load(entry.Name)));
            }) { Seal = header =>
                [.. BitConverter.GetBytes(header.LongLength), .. header, .. whole.AsSpan(8 + length)], Count = Few, LeastRead = 0.003 });
    }

    [Fact]
    public void Whole_zip_files_of_damaged_pickles_are_read_or_refused()
    {
        using var original = new ZipArchive(new MemoryStream(Real("*_zip*.pth")[0]));
        var entries = original.Entries.Select(entry => (entry.FullName, Content(entry))).ToArray();
        var program = Array.FindIndex(entries, entry => entry.FullName.EndsWith("data.pkl", StringComparison.Ordinal));
        Tell(new Fuzz([entries[program].Item2], PickleWords, LoadPickle)
        {
            Seal = pickle => Stored([.. entries.Select((entry, index) => index == program ? (entry.FullName, pickle) : entry)]),
            Count = Few,
            LeastRead = 0.003,
        });
    }

    [Fact]
    public void Damaged_arrays_of_MNIST_are_read_or_refused() => Tell(Mnist(file => file));

    [Fact]
    public void Whole_gzip_files_of_damaged_arrays_of_MNIST_are_read_or_refused() => Tell(Mnist(Gzipped));

    [Fact]
    public void Damaged_archives_of_CIFAR_10_are_read_or_refused() => Tell(Cifar(tar => tar) with { LeastRefused = 0.05 });

    [Fact]
    public void Whole_gzip_files_of_damaged_archives_of_CIFAR_10_are_read_or_refused() => Tell(Cifar(Gzipped) with { LeastRefused = 0.05 });

    [Fact]
    public void Archives_of_CIFAR_10_with_damaged_headers_and_right_checksums_are_read_or_refused() =>
        Tell(Cifar(tar => Gzipped(WithChecksums(tar))) with { LeastRefused = 0.05 });

    [Fact]
    public void Damaged_archives_of_images_are_read_or_refused() => Tell(new Fuzz(
        [Zipped(("a/0.png", Image), ("b/1.png", Image), ("dataset.json", Labels))],
        ["PK\u0001\u0002", "PK\u0003\u0004", "PK\u0005\u0006", "a/0.png", "..", "\0\0\0\0", "\u0001\0\u0008\0"],
        LoadImages) { Expansion = Deflate, Count = Few });

    [Fact]
    public void Damaged_images_are_read_or_refused() => Tell(new Fuzz(
        [Image, Encoded.AsJpeg(Encoded.Plain(9, 7, 1, 2, 3)), Encoded.AsLosslessWebp(Encoded.Plain(9, 7, 1, 2, 3)),
            Encoded.AsBmp(Encoded.Plain(9, 7, 1, 2, 3)), Convert.FromBase64String("R0lGODlhBAAEAIAAAP///wAAACwAAAAABAAEAAACBISPCQUAOw==")],
        ["IHDR", "IDAT", "IEND", "tRNS", "\u00FF\u00D8", "\u00FF\u00C4", "RIFF", "VP8L", "BM", "GIF89a", "\0\0\0\0"],
        (file, _) => 0L * ImageDecoder.Decode("damaged", Bytes(file), ImageReading.AsSeen).Image.Rgb.Length)
        { Seal = WithChunkSums, Allowance = LargestImage, LeastRefused = 0.1 });

    [Fact]
    public void Damaged_TIFF_images_are_read_or_refused() => Tell(new Fuzz(
        [
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB), TiffSpecs.Written(Slope(1), 1, 8, Photometric.MINISBLACK),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff => tiff.SetField(TiffTag.COMPRESSION, Compression.LZW)),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff => tiff.SetField(TiffTag.COMPRESSION, Compression.ADOBE_DEFLATE)),
            TiffSpecs.Written(Slope(3), 3, 8, Photometric.RGB, tiff =>
            {
                tiff.SetField(TiffTag.TILEWIDTH, 16);
                tiff.SetField(TiffTag.TILELENGTH, 16);
            }),
        ],
        [
            "\u0000\u0001\u0004\0\u0001\0\0\0", "\u0001\u0001\u0004\0\u0001\0\0\0", "\u0003\u0001\u0003\0\u0001\0\0\0\u0004\0",
            "\u0003\u0001\u0003\0\u0001\0\0\0\u0007\0", "\u0016\u0001\u0004\0\u0001\0\0\0", "\u00FF\u00FF\u00FF\u007F", "\0\0\0\0",
            "\u0015\u0001\u0003\0\u0001\0\0\0\u0004\0", "\u001C\u0001\u0003\0\u0001\0\0\0\u0002\0",
            "\u0006\u0001\u0003\0\u0001\0\0\0\u0006\0",
        ],
        (file, _) => ImageDecoder.Decode("damaged", Bytes(file), ImageReading.AsSeen).Image.Rgb.Length * 0L)
        { Allowance = LargestImage, LeastRefused = 0.1 });

    // Samples of 13×9 pixels.
    private static byte[] Slope(int channels) => [.. Enumerable.Range(0, channels * 13 * 9).Select(at => (byte)(at * 2))];

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

    [Fact]
    public void Damaged_pickles_of_CIFAR_are_read_or_refused() => Tell(new Fuzz(
        [OfficialFiles.Pickle((CifarLayout)Dataset.Cifar10.Layout, 2)],
        [.. PickleWords, "U\u0004data", "U\u0006labels", "T\u00FF\u00FF\u00FF\u007F", "cnumpy\ndtype\n", "K\u0001", "\u0089", "U\u0002u1"],
        (file, _) => CifarPickle.Records(file, ["labels"], 3072).Length) { LeastRefused = 0.05 });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Damaged_files_of_MATLAB_are_read_or_refused(bool isDeflated)
    {
        var images = OfficialFiles.MatArray("X", 9, [32, 32, 3, 1], new byte[3072]);
        byte[] arrays = [.. images, .. OfficialFiles.MatArray("y", 9, [1, 1], [7])];
        Tell(new Fuzz(
            [arrays],
            ["X", "y", "\u000E\0\0\0", "\u000F\0\0\0", "\u0002\0\0\0", "\u00FF\u00FF\u00FF\u007F", "\0\0\0\0", "\u0009\0\u0004\0"],
            (file, _) =>
            {
                using var set = SvhnLayout.Read(Dataset.Svhn, "damaged", new MemoryStream(Bytes(file)), Split.Train);
                return set.Images.numel();
            })
        {
            Seal = inside => Min(inside.Length, images.Length) is var end && isDeflated
                ? [.. OfficialFiles.MatHeader, .. OfficialFiles.Deflated(inside[..end]), .. OfficialFiles.Deflated(inside[end..])]
                : [.. OfficialFiles.MatHeader, .. inside],
            Expansion = 2 * Deflate, LeastRefused = 0.05,
        });
    }

    [Fact]
    public void Damaged_notes_of_images_are_read_or_passed_over() => Tell(new Fuzz(
        [WithNotes, WithChunkSums(WithNotes)],
        ["IHDR", "IDAT", "IEND", "tEXt", "iTXt", "zTXt", "\0", "\0\0\0\0", "\u007F\u00FF\u00FF\u00FF", "\u0080\0\0\0"],
        (file, _) =>
        {
            PngNotes.Read(Bytes(file));
            return 0;
        }) { LeastRefused = 0 });

    [Fact]
    public void Damaged_notes_of_drawings_and_animations_are_read_or_passed_over() => Tell(new Fuzz(
        [Drawing, Animated(Gif.Write), Animated(AnimatedWebp.Write)],
        ["<", ">", "&", "&lt;", "&#0;", "<!DOCTYPE svg [<!ENTITY a \"b\">]>", "<desc>", "</desc>", "<![CDATA[", "svg", "!\u00FE", ",", ";",
            "XMP ", "VP8X", "RIFF", "\u00FF", "\0", "\u00FF\u00FF\u00FF\u00FF", "\u00FF\u00FF\u00FF\u007F", ": ", "\n"],
        (file, _) =>
        {
            ImageNotes.Read(Bytes(file));
            return 0;
        }) { LeastRefused = 0 });

    private static byte[] Drawing => Encoding.UTF8.GetBytes(
        ImageGrid.Of(torch.zeros(1, 1, 2, 2), GridLayout.Of(1)).ToSvg([new("recipe", "x"), new("guidance", "w = 1, größer")]).ToString());

    private static byte[] Animated(Action<Stream, Animation, Sequence<Note>> write)
    {
        using var stream = new MemoryStream();
        write(stream, new([new(Encoded.Plain(5, 4, 1, 2, 3), TimeSpan.FromSeconds(1))]), [new("recipe", "x"), new("seed", "3")]);
        return stream.ToArray();
    }

    private static string[] ArrayWords =>
        ["'", "{", "}", "(", ")", ",", "9", "000000000000000000", "True", "<f8", "<u8", "|b1", "'shape': (1,),"];

    private static byte[] Image => Encoded.AsPng(Encoded.Plain(5, 4, 200, 100, 50));

    private static byte[] Labels => Encoding.UTF8.GetBytes("{\"labels\": [[\"a/0.png\", 3], [\"b/1.png\", 0]], \"more\": {\"x\": null}}");

    private static byte[] WithNotes
    {
        get
        {
            using var stream = new MemoryStream();
            Png.Write(stream, Encoded.Plain(5, 4, 1, 2, 3), [new("recipe", "x"), new("guidance", "w = 1, größer")]);
            return stream.ToArray();
        }
    }

    private static Fuzz Mnist(Func<byte[], byte[]> seal)
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, .. new byte[24]];
        byte[] labels = [0, 0, 8, 1, 0, 0, 0, 2, 7, 9];
        return new(
            [images],
            ["\0\0\u0008\u0001", "\0\0\0\u0001", "\u007F\u00FF\u00FF\u00FF", "\u0080\0\0\0", "\u001F\u008B\u0008"],
            (file, _) =>
            {
                using var set = IdxLayout.Read(
                    new MemoryStream(Bytes(file)), new MemoryStream(labels), Dataset.Mnist.Describe(Split.Train, "damaged"));
                return set.Images.numel();
            }) { Seal = seal, Expansion = Deflate };
    }

    private static Fuzz Cifar(Func<byte[], byte[]> seal)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var name in new[] { "data_batch_1.bin", "readme.html", new string('x', 150) + "/data_batch_2.bin" })
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(new byte[3073]) });
        return new(
            [stream.ToArray()],
            [
                "data_batch_1.bin", "77777777777\0", "00000006001\0", "\u0080\0\0\0\u007F\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF\u00FF",
                "\u00FF\u00FF\u00FF\u00FF",
                "ustar\0", "L", "x", "g", "0", "5", "2", "99 path=a\n", "20 size=99999999999\n", "-1 ", "\n",
            ],
            (file, _) =>
            {
                using var set = ((CifarLayout)Dataset.Cifar10.Layout)
                    .ReadArchive(Dataset.Cifar10, "damaged", new MemoryStream(Bytes(file)), Split.Train);
                return set.Images.numel();
            }) { Seal = seal, Expansion = 2 * Deflate, Count = Few };
    }

    private static byte[][] Packs()
    {
        using var folder = new Data.TemporaryFolder();
        using var images = Training.Small.Images();
        ImagePack.Write(folder["one.pack"], new TrainingData(images));
        ImagePack.Write(folder["two.pack"], new TrainingData(images, images));
        return [File.ReadAllBytes(folder["one.pack"]), File.ReadAllBytes(folder["two.pack"])];
    }

    private static long LoadImages(FileBytes file, int? number)
    {
        var loading = new ImageLoading(Split.Train, new ImageFit.Unchanged(), number % 2 == 0 ? 0 : ImageLoading.DefaultMemory);
        using var images = ImageArchive.Open("damaged", new MemoryStream(Bytes(file)), loading);
        using var scope = torch.NewDisposeScope();
        return images.Select([0]).Pixels.numel();
    }

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

    private static byte[] Bytes(FileBytes file) => file.Slice(0, (int)file.Length, "all").ToArray();

    private static byte[] Gzipped(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest))
            gzip.Write(content);
        return stream.ToArray();
    }

    private static byte[] Zipped(params (string Name, byte[] Content)[] files) => Zipped(CompressionLevel.Fastest, files);

    private static byte[] Stored(params (string Name, byte[] Content)[] files) => Zipped(CompressionLevel.NoCompression, files);

    private static byte[] Zipped(CompressionLevel level, (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        return stream.ToArray();
    }

    // As a program would write them that believes its own headers.
    private static byte[] WithChecksums(byte[] tar)
    {
        var copy = tar.ToArray();
        for (var at = 0L; at + 512 <= copy.Length;)
        {
            var header = copy.AsSpan((int)at, 512);
            at += 512;
            if (!header.ContainsAnyExcept((byte)0))
                continue;
            header.Slice(148, 8).Fill((byte)' ');
            var sum = 0;
            foreach (var value in header)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
            var size = Encoding.ASCII.GetString(header.Slice(124, 11));
            if (size.All(digit => digit is >= '0' and <= '7'))
                at += (Convert.ToInt64(size, 8) + 511) / 512 * 512;
        }
        return copy;
    }

    // The same for the chunks of a PNG file.
    private static byte[] WithChunkSums(byte[] image)
    {
        var copy = image.ToArray();
        if (!copy.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            return copy;
        for (var at = 8L; at + 12 <= copy.Length;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(copy.AsSpan((int)at));
            if (at + 12 + length > copy.Length)
                break;
            BinaryPrimitives.WriteUInt32BigEndian(
                copy.AsSpan((int)(at + 8 + length)), Crc32.HashToUInt32(copy.AsSpan((int)at + 4, 4 + (int)length)));
            at += 12 + length;
        }
        return copy;
    }

    private void Tell(Fuzz fuzz)
    {
        var (read, refused) = fuzz.Run();
        output.WriteLine($"{read + refused} damaged files: {read} opened and loaded, {refused} refused");
    }

    private static IEnumerable<T> Chosen<T>(IReadOnlyList<T> all, int? number) =>
        number is { } chosen && all.Count > 0 ? [all[chosen % all.Count]] : all;

    private static long LoadPickle(FileBytes file, int? number)
    {
        using var pickle = TorchPickle.Open(file);
        _ = pickle.Description;
        var tensors = Chosen([.. pickle.Content.Tensors()], number).ToArray();
        foreach (var tensor in tensors)
            Touch(pickle.Load(tensor));
        return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
    }

    // Reads every element: one out of bounds would show.
    private static long Touch(torch.Tensor tensor)
    {
        tensor.count_nonzero().Dispose();
        return tensor.numel() * tensor.ElementSize;
    }

    private static byte[][] Real(string pattern) =>
        [.. Directory.GetFiles(Path.Combine(Repository.Golden, "reference"), pattern, SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .Where(file => new FileInfo(file).Length <= LargestFile).Select(File.ReadAllBytes)];

    private static IEnumerable<byte[]> Arrays(byte[] npz)
    {
        using var zip = new ZipArchive(new MemoryStream(npz));
        foreach (var entry in zip.Entries)
            yield return Content(entry);
    }

    private static byte[] Deflated(byte[] npz)
    {
        using var source = new ZipArchive(new MemoryStream(npz));
        using var stream = new MemoryStream();
        using (var target = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var entry in source.Entries)
            {
                using var content = target.CreateEntry(entry.FullName, CompressionLevel.Optimal).Open();
                content.Write(Content(entry));
            }
        return stream.ToArray();
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var copy = new MemoryStream();
        using var content = entry.Open();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
