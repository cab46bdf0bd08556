using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class FileDescriptionSpecs
{
    [Fact]
    public void Safetensors_are_described_by_names_types_shapes_and_texts()
    {
        using var scope = torch.NewDisposeScope();
        using var folder = new TemporaryFolder();
        Safetensors.Write(
            folder["any.name"], [("a", torch.zeros(2, 3)), ("b", torch.zeros(4, torch.float16))],
            new Dictionary<string, string> { ["format"] = "pt" });
        var description = FileFormats.Describe(folder["any.name"]);
        Assert.Equal(FileFormat.Safetensors, description.Format);
        Assert.Equal(
            [new("a", ElementType.Float32, TensorShape.Of(2, 3)), new TensorDescription("b", ElementType.Float16, TensorShape.Of(4))],
            description.Tensors);
        Assert.Equal([new NoteDescription("format", "pt")], description.Notes);
        Assert.Equal(10, description.ElementCount);
        Assert.Equal(new FileInfo(folder["any.name"]).Length, description.ByteCount);
    }

    [Fact]
    public void Arrays_of_NumPy_are_described()
    {
        using var folder = new TemporaryFolder();
        Npy.Write(folder["a"], NpyArray.Of(NdArray<int>.Vector(1, 2)));
        Npz.Write(folder["b"], [("x", NpyArray.Of(NdArray<int>.Vector(1, 2))), ("y", NpyArray.Of(NdArray<bool>.Vector()))]);
        Npz.Write(folder["empty"], []);
        var (npy, npz) = (FileFormats.Describe(folder["a"]), FileFormats.Describe(folder["b"]));
        Assert.Equal((FileFormat.Npy, 2L), (npy.Format, npy.ElementCount));
        Assert.Equal((FileFormat.Npz, 2L), (npz.Format, npz.ElementCount));
        Assert.Equal(["x", "y"], npz.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(FileFormat.Npz, FileFormats.Describe(folder["empty"]).Format);
    }

    [Fact]
    public void Files_of_PyTorch_are_described_by_the_way_to_each_tensor_and_value()
    {
        var program = Pickler.Program(Pickler.Dictionary(
            Pickler.Text("model"), Pickler.Dictionary(Pickler.Text("0.weight"), Pickler.Tensor(Pickler.Storage("0", 1), 0, [1, 1], [1, 1])),
            Pickler.Text("groups"), Pickler.List(Pickler.Dictionary(Pickler.Text("lr"), Pickler.Number(3))),
            Pickler.Number(5), Pickler.Tuple(Pickler.Text("x"), [(byte)'N'], [0x88])));
        using var scope = torch.NewDisposeScope();
        foreach (var file in (FileBytes[])[Pickler.Zip(program, new byte[4]), Pickler.Legacy(program, new byte[4])])
        {
            var description = FileFormats.Describe(file);
            Assert.Equal(FileFormat.TorchPickle, description.Format);
            Assert.Equal([new TensorDescription("model.0.weight", ElementType.Float32, TensorShape.Of(1, 1))], description.Tensors);
            Assert.Equal(
                [new("groups.0.lr", "3"), new("5.0", "x"), new("5.1", "None"), new NoteDescription("5.2", "True")], description.Notes);
            file.Dispose();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    public void Other_files_are_refused(int length) =>
        Assert.Contains("neither", Assert.Throws<InvalidFileException>(() =>
            FileFormats.Describe(FileBytes.Of("made up", new byte[length]))).Reason);

    [Fact]
    public void Names_that_grow_on_the_way_down_are_refused_before_they_fill_the_memory()
    {
        // One long key, used for a dictionary in a dictionary and so on, fifty deep, with many values at the bottom.
        var bottom = Pickler.List([.. Enumerable.Repeat((byte[])[(byte)'N'], 1000)]);
        var inner = Enumerable.Repeat((byte[])[(byte)'}', (byte)'h', 0], 49).SelectMany(bytes => bytes);
        byte[] key = [.. Pickler.Text(new string('k', 100_000)), (byte)'q', 0];
        var file = Pickler.Zip(Pickler.Program([(byte)'}', .. key, .. inner, .. bottom, .. Enumerable.Repeat((byte)'s', 50)]));
        using (TorchPickle.Open(file))
            Assert.Contains("of memory", Assert.Throws<InvalidFileException>(() => FileFormats.Describe(file)).Reason);
    }
}
