using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Torch;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class TorchPickleSpecs
{
    private static readonly byte[] TwoFloats = [.. BitConverter.GetBytes(1.5f), .. BitConverter.GetBytes(-2f)];

    [Fact]
    public void A_state_dictionary_is_read_from_either_container_in_its_order()
    {
        var program = Pickler.Program(Pickler.Dictionary(
            Pickler.Text("b"), Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1]),
            Pickler.Text("a"), Pickler.Tensor(Pickler.Storage("0", 2), 1, [], [])));
        foreach (var container in (FileBytes[])[Pickler.Zip(program, TwoFloats), Pickler.Legacy(program, TwoFloats)])
        {
            using var scope = torch.NewDisposeScope();
            using var file = TorchPickle.Open(container);
            var state = file.ReadStateDict();
            Assert.Equal(["b", "a"], state.Select(pair => pair.Name));
            Assert.Equal([1.5f, -2f], state[0].Tensor.data<float>().ToArray());
            Assert.Equal(-2f, state[1].Tensor.item<float>());
        }
    }

    [Fact]
    public void A_changed_byte_of_a_storage_is_noticed_when_it_is_loaded_and_one_of_the_pickle_at_once()
    {
        var whole = FuzzFiles.Bytes(Pickler.Zip(Pickler.Program(Pickler.Dictionary(
            Pickler.Text("a"), Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1]),
            Pickler.Text("b"), Pickler.Tensor(Pickler.Storage("1", 2), 0, [2], [1]))), TwoFloats, TwoFloats));
        var (first, second) = (whole.AsSpan().IndexOf(TwoFloats), whole.AsSpan().LastIndexOf(TwoFloats));
        using var scope = torch.NewDisposeScope();
        using (var file = TorchPickle.Open(FuzzFiles.Changed(whole, second + 1)))
        {
            var state = file.StateDict();
            Assert.Equal([1.5f, -2f], file.Load(state[0].Tensor).data<float>().ToArray());
            foreach (var load in (Action[])[() => file.Load(state[1].Tensor), () => file.CopyInto(state[1].Tensor, torch.empty(2))])
            {
                var refusal = Assert.Throws<InvalidFileException>(load);
                Assert.Matches("^in 'a/data/1': the content has the checksum [0-9A-F]{8}, but the directory says", refusal.Reason);
                Assert.Equal(second, refusal.Offset);
            }
        }
        Refused("in 'a/data.pkl': the content has the checksum",
            FuzzFiles.Changed(whole, whole.AsSpan().IndexOf("_rebuild_tensor_v2"u8)));
        // A writer may leave checksums out, which then are 0.
        using var bare = TorchPickle.Open(FuzzFiles.Changed(FuzzFiles.WithoutChecksums(whole), first + 2));
        Assert.NotEqual([1.5f, -2f], bare.Load(bare.StateDict()[0].Tensor).data<float>().ToArray());
    }

    [Fact]
    public void Loaded_tensors_outlive_the_file()
    {
        using var scope = torch.NewDisposeScope();
        var file = TorchPickle.Open(Pickler.Zip(Pickler.Program(Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1])), TwoFloats));
        var tensor = file.Load(Assert.IsType<PickleValue.Tensor>(file.Content).Value);
        file.Dispose();
        Assert.Equal([1.5f, -2f], tensor.data<float>().ToArray());
    }

    [Fact]
    public void Only_names_and_tensors_are_a_state_dictionary()
    {
        using var file = TorchPickle.Open(Pickler.Zip(Pickler.Program(Pickler.Dictionary(Pickler.Text("step"), Pickler.Number(5)))));
        Assert.Contains("under 'step' the file holds 5", Assert.Throws<InvalidFileException>(() => file.ReadStateDict()).Reason);
        using var list = TorchPickle.Open(Pickler.Zip(Pickler.Program(Pickler.List())));
        Assert.Contains("a list of 0", Assert.Throws<InvalidFileException>(() => list.ReadStateDict()).Reason);
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_tensor_v9")]
    [InlineData("torch.FloatStorage", "from_file")]
    public void Calling_anything_else_is_refused_by_name(string module, string name)
    {
        var call = Pickler.Call(Pickler.Global(module, name), Pickler.Text("touch /tmp/owned"));
        Refused($"asks for '{module}.{name}'", call);
        Refused($"asks for '{module}.{name}'", [.. Pickler.Text(module), .. Pickler.Text(name), 0x93]);
    }

    [Theory]
    [InlineData("ios\nsystem\n", "instruction Inst")]
    [InlineData("I1\n", "instruction Int")]
    [InlineData("(dN", "instruction Dict")]
    [InlineData("Pkey\n", "instruction PersId")]
    [InlineData("\u0082\u0001", "instruction Ext1")]
    [InlineData("))\u0081", "instruction NewObj")]
    [InlineData("Z", "0x5A is not a pickle instruction")]
    [InlineData("\u0080\u0006", "protocol 6")]
    [InlineData("0", "instruction Pop")]
    [InlineData("R", "nothing on the stack")]
    [InlineData("t", "there is none")]
    [InlineData("\u0085", "needs 1 items")]
    [InlineData("h\u0000", "item 0 is recalled")]
    [InlineData("Nq\u0005", "item 5 is remembered")]
    [InlineData("NN", "1 items too many")]
    [InlineData("](NNe", "1 items too many", "N")]
    [InlineData("}(Nu", "has no value")]
    [InlineData("NNa", "expected a list")]
    [InlineData("}]Ns", "as a key")]
    [InlineData("}(K\u0001NK\u0001Nu", "the key 1 twice")]
    [InlineData("ctorch\nFloatStorage\n", "which is no value")]
    [InlineData("X\u00FF\u00FF\u00FF\u00FFabc", "needs 4294967295 more bytes")]
    [InlineData("X\u0001\u0000\u0000\u0000\u00FF", "not UTF-8")]
    [InlineData("]q\u0000h\u0000a", "holds itself")]
    public void Programs_that_no_tensor_needs_are_refused_with_the_reason(string instructions, string reason, string before = "") =>
        Refused(reason, Encoding.Latin1.GetBytes(before + instructions));

    [Fact]
    public void A_hundred_thousand_nested_tuples_or_lists_are_refused()
    {
        Refused("nested more than", [(byte)')', .. Enumerable.Repeat((byte)0x85, 100_000)]);
        Refused("nested more than", [.. Enumerable.Repeat((byte)']', 10_000), .. Enumerable.Repeat((byte)'a', 9_999)]);
        Refused("of memory", [.. Enumerable.Repeat((byte)']', 100_000), .. Enumerable.Repeat((byte)'a', 99_999)]);
    }

    [Fact]
    public void A_hundred_thousand_marks_are_no_trouble() =>
        Refused("nothing on the stack", [.. Enumerable.Repeat((byte)'(', 100_000)]);

    [Fact]
    public void Lists_that_repeat_each_other_are_refused_before_anyone_walks_through_them()
    {
        // Each list holds the one before ten times: 10^30 items to whoever walks through them.
        List<byte> program = [(byte)'(', (byte)']', (byte)'q', 0];
        for (byte level = 1; level <= 30; level++)
        {
            var ten = Enumerable.Repeat((byte[])[(byte)'h', (byte)(level - 1)], 10).SelectMany(recall => recall);
            program.AddRange([(byte)']', (byte)'(', .. ten, (byte)'e', (byte)'q', level]);
        }
        Refused("of memory", [.. program, (byte)'t']);
    }

    [Theory]
    [InlineData(0, new[] { 3 }, new[] { 1 })]
    [InlineData(2, new[] { 1 }, new[] { 1 })]
    [InlineData(-1, new[] { 1 }, new[] { 1 })]
    [InlineData(0, new[] { 2 }, new[] { 2 })]
    [InlineData(1, new[] { 2 }, new[] { -1 })]
    [InlineData(0, new[] { 2 }, new int[0])]
    [InlineData(0, new[] { int.MaxValue, int.MaxValue }, new[] { int.MaxValue, int.MaxValue })]
    [InlineData(3, new[] { 0 }, new[] { 1 })]
    public void A_tensor_that_leaves_its_storage_is_refused(int offset, int[] sizes, int[] strides) =>
        Refused("reaches beyond the 2 elements", Pickler.Tensor(Pickler.Storage("0", 2), offset, sizes, strides));

    [Fact]
    public void A_tensor_that_repeats_two_elements_ten_to_the_eighteen_times_is_refused() =>
        Refused("spreads 2 elements", Pickler.Tensor(Pickler.Storage("0", 2), 0, [1_000_000_000, 1_000_000_000], [0, 0]));

    [Fact]
    public void Storages_must_be_there_have_their_size_and_be_described_alike()
    {
        Refused("'7' is missing", Pickler.Tensor(Pickler.Storage("7", 2), 0, [2], [1]));
        Refused("expected 12 bytes", Pickler.Tensor(Pickler.Storage("0", 3), 0, [2], [1]));
        Refused("a storage of -1 elements", Pickler.Storage("0", -1));
        Refused("otherwise than before", Pickler.List(
            Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1]), Pickler.Tensor(Pickler.Storage("0", 1, "LongStorage"), 0, [1], [1])));
        Refused("is called; expected only its name", Pickler.Call(Pickler.Global("torch", "FloatStorage"), Pickler.Number(1 << 30)));
    }

    [Fact]
    public void Hooks_are_code_and_refused() =>
        Refused("has hooks", Pickler.Call(
            Pickler.Global("torch._utils", "_rebuild_parameter"), Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1]), [0x88],
            Pickler.Dictionary(Pickler.Text("hook"), Pickler.Number(1))));

    [Fact]
    public void TorchScript_programs_and_other_zip_files_are_refused()
    {
        Refused("without the data.pkl of PyTorch", Named("a/other"));
        Refused("TorchScript", Named("a/data.pkl", "a/constants.pkl"));
        Refused("byte order", Named("a/data.pkl", "a/byteorder"));
    }

    [Fact]
    public void A_legacy_file_must_have_its_five_pickles_and_all_storages()
    {
        var whole = Pickler.Legacy(Pickler.Program(Pickler.Tensor(Pickler.Storage("0", 2), 0, [2], [1])), TwoFloats);
        var bytes = whole.Slice(0, (int)whole.Length, "all").ToArray();
        TorchPickle.Open(FileBytes.Of("made up", bytes)).Dispose();
        for (var length = 0; length < bytes.Length; length++)
            Assert.Throws<InvalidFileException>(() => TorchPickle.Open(FileBytes.Of("made up", bytes[..length])));
        Refused("1 bytes follow", FileBytes.Of("made up", [.. bytes, 0]));
        Refused("magic number", FileBytes.Of("made up", Pickler.Program((byte)'N')));
    }

    private static void Refused(string reason, byte[] instructions) =>
        Refused(reason, Pickler.Zip(Pickler.Program(instructions), TwoFloats));

    private static void Refused(string reason, FileBytes file)
    {
        var exception = Assert.Throws<InvalidFileException>(() => TorchPickle.Open(file));
        Assert.Contains(reason, exception.Reason);
        Assert.InRange(exception.Offset, 0, file.Length);
    }

    private static FileBytes Named(params string[] names)
    {
        using var stream = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(stream, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
            foreach (var name in names)
                zip.CreateEntry(name, System.IO.Compression.CompressionLevel.NoCompression);
        return FileBytes.Of("made up", stream.ToArray());
    }
}
