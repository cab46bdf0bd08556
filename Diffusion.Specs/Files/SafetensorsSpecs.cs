using System.Buffers.Binary;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class SafetensorsSpecs
{
    [Fact]
    public void What_is_written_is_read_again_to_the_bit() =>
        Prop.ForAll(NamedTensors().ToArbitrary(), named =>
        {
            using var scope = torch.NewDisposeScope();
            using var folder = new TemporaryFolder();
            var tensors = named.Select(pair => (pair.Key, pair.Value.Make())).ToArray();
            var metadata = new Dictionary<string, string> { ["format"] = "pt", ["ünïcode ✓"] = "\"quoted\"\n\0" };
            Safetensors.Write(folder["a"], tensors, metadata);
            using var file = Safetensors.Open(folder["a"]);
            return file.Entries.Count == tensors.Length
                && tensors.All(pair => StoredTensor.Same(pair.Item2, file.Load(pair.Key)))
                && file.Metadata.OrderBy(pair => pair.Key).SequenceEqual(metadata.OrderBy(pair => pair.Key));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_bytes_depend_on_the_tensors_only_not_on_their_order() =>
        Prop.ForAll(NamedTensors().ToArbitrary(), named =>
        {
            using var scope = torch.NewDisposeScope();
            using var folder = new TemporaryFolder();
            var tensors = named.Select(pair => (pair.Key, pair.Value.Make())).ToArray();
            Safetensors.Write(folder["a"], tensors);
            Safetensors.Write(folder["b"], tensors.Reverse());
            return File.ReadAllBytes(folder["a"]).SequenceEqual(File.ReadAllBytes(folder["b"]));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Views_are_written_as_they_look()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var matrix = Number.Range(0, 12, torch.float32, torch.CPU).view(3, 4);
        var views = new[] { ("transposed", matrix.t()), ("column", matrix[.., 2]), ("expanded", torch.ones(1, 3).expand(2, 3)) };
        Safetensors.Write(folder["a"], views);
        using var file = Safetensors.Open(folder["a"]);
        Assert.All(views, view => Assert.True(StoredTensor.Same(view.Item2, file.Load(view.Item1))));
    }

    [Fact]
    public void A_tensor_is_copied_over_an_existing_one_whatever_its_strides()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var source = Number.Range(0, 12, torch.float32, torch.CPU).view(3, 4);
        Safetensors.Write(folder["a"], [("x", source)]);
        using var file = Safetensors.Open(folder["a"]);
        var arena = torch.zeros(20);
        var part = arena.narrow(0, 5, 12).view(3, 4);
        file.CopyInto("x", part);
        Assert.Equal(source.data<float>().ToArray(), arena.data<float>().ToArray()[5..17]);
        var strided = torch.zeros(4, 3).t();
        file.CopyInto("x", strided);
        Assert.True(StoredTensor.Same(source, strided));
    }

    [Fact]
    public void A_parameter_that_wants_gradients_can_be_filled()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], [("x", torch.ones(3))]);
        using var file = Safetensors.Open(folder["a"]);
        var parameter = torch.zeros(3, requires_grad: true);
        file.CopyInto("x", parameter);
        Assert.Equal([1f, 1f, 1f], parameter.data<float>().ToArray());
        Assert.True(parameter.requires_grad);
    }

    [Fact]
    public void Another_type_or_shape_is_not_copied_over()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], [("x", torch.ones(3, 2))]);
        using var file = Safetensors.Open(folder["a"]);
        Assert.Contains("float32 [3, 2], but float32 [2, 3] is needed",
            Assert.Throws<InvalidFileException>(() => file.CopyInto("x", torch.zeros(2, 3))).Message);
        Assert.Throws<InvalidFileException>(() => file.CopyInto("x", torch.zeros(3, 2, torch.float64)));
        Assert.Contains("there is no tensor 'y'", Assert.Throws<InvalidFileException>(() => file.Load("y")).Message);
    }

    [Fact]
    public void Unsigned_numbers_are_loaded_as_the_signed_type_that_holds_them()
    {
        using var scope = torch.NewDisposeScope();
        var header = """{"a":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},"b":{"dtype":"U32","shape":[1],"data_offsets":[8,12]},"""
            + """ "c":{"dtype":"U16","shape":[1],"data_offsets":[12,14]},"d":{"dtype":"U64","shape":[1],"data_offsets":[14,22]}}""";
        using var file = Open(header, [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 254, 255, 0, 0, 0, 0, 0, 0, 0, 128]);
        Assert.Equal(1L, file.Load("a").item<long>());
        Assert.Equal(uint.MaxValue, file.Load("b").item<long>());
        Assert.Equal(65534, file.Load("c").item<int>());
        Assert.Contains("2^63", Assert.Throws<InvalidFileException>(() => file.Load("d")).Reason);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_else()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Safetensors.Write(folder["a"], [("x", torch.ones(3))]);
        var before = File.ReadAllBytes(folder["a"]);
        Assert.Throws<InvalidTimeZoneException>(() => AtomicFile.Write(folder["a"], stream =>
        {
            stream.Write(new byte[100_000]);
            throw new InvalidTimeZoneException();
        }));
        Assert.Equal(before, File.ReadAllBytes(folder["a"]));
        Assert.Equal(["a"], folder.Files);
    }

    [Fact]
    public void A_name_is_taken_once_and_the_reserved_one_never()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        var one = torch.ones(1);
        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["a"], [("x", one), ("x", one)]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["a"], [("__metadata__", one)]));
        Assert.Throws<ArgumentException>(() => Safetensors.Write(folder["a"], [("x", torch.zeros(1, torch.complex64))]));
        Assert.Empty(folder.Files);
    }

    [Theory]
    [InlineData("", "not valid JSON")]
    [InlineData("[]", "must be a JSON object")]
    [InlineData(" {}", "must be a JSON object")]
    [InlineData("{} {}", "not valid JSON")]
    [InlineData("""{"x":1}""", "tensor 'x' must be a JSON object")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1]}}""", "lacks data_offsets")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"stride":[1]}}""", "a field 'stride'")]
    [InlineData("""{"x":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "a field 'dtype'; expected")]
    [InlineData("""{"x":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", "dtype 'F8_E4M3'")]
    [InlineData("""{"x":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "0 or more")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "whole numbers")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", "must be two numbers")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "has bytes 4 to 0")]
    [InlineData("""{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "2 times 4")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1000000000000000000],"data_offsets":[0,4000000000000000000]}}""", "the file has")]
    [InlineData("""{"x":{"dtype":"F64","shape":[1152921504606846976],"data_offsets":[0,9223372036854775807]}}""", "times 8")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1000000000000,1000000000000],"data_offsets":[0,4]}}""",
        "more elements than can be counted")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"x":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
        "'x' occurs twice")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""",
        "but those before end at")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"y":{"dtype":"F32","shape":[1],"data_offsets":[6,10]}}""",
        "but those before end at")]
    [InlineData("""{"x":{"dtype":"F32","shape":[1],"data_offsets":[9223372036854775803,9223372036854775807]}}""",
        "but those before end at")]
    [InlineData("""{"x":{"dtype":"U8","shape":[7],"data_offsets":[0,7]}}""", "1 bytes follow")]
    [InlineData("""{"x":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}}""", "needs 9 bytes")]
    [InlineData("""{"__metadata__":{"a":1}}""", "must be a text")]
    [InlineData("""{"__metadata__":{"a":"1","a":"1"}}""", "'a' occurs twice")]
    [InlineData("""{"__metadata__":{"a":"\ud800"}}""", "not valid Unicode")]
    public void A_header_that_breaks_the_format_is_refused_with_the_reason(string header, string reason)
    {
        var exception = Assert.Throws<InvalidFileException>(() => Open(header, new byte[8]));
        Assert.Contains(reason, exception.Reason);
        Assert.StartsWith($"made up: at byte {exception.Offset}: ", exception.Message);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void A_hundred_thousand_nested_arrays_are_refused() =>
        Assert.Throws<InvalidFileException>(() => Open($$"""{"x":{"shape":{{new string('[', 100_000)}}""", []));

    [Fact]
    public void Missing_files_and_empty_files_are_distinguished()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<FileNotFoundException>(() => Safetensors.Open(folder["none"]));
        File.WriteAllBytes(folder["empty"], []);
        var exception = Assert.Throws<InvalidFileException>(() => Safetensors.Open(folder["empty"]));
        Assert.Contains("an empty file", exception.Reason);
    }

    private static SafetensorsFile Open(string header, byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, json.Length);
        return Safetensors.Open(FileBytes.Of("made up", [.. prefix, .. json, .. data]));
    }

    private static Gen<IReadOnlyDictionary<string, StoredTensor>> NamedTensors() =>
        from names in Gen.ListOf(Gen.Elements("a", "b.weight", "z", "Ω", "日本", "\U0001F600", "with \"quotes\"", ""))
        let distinct = names.Distinct().ToArray()
        from tensors in Gen.ArrayOf(StoredTensor.Generator, distinct.Length)
        select (IReadOnlyDictionary<string, StoredTensor>)distinct.Zip(tensors).ToDictionary(pair => pair.First, pair => pair.Second);
}
