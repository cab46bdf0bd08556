using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Files;

public sealed class TorchPickleWriterSpecs : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-pth-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Property(MaxTest = 50)]
    public Property Tensors_of_every_type_and_shape_come_back_bit_for_bit_in_their_order() =>
        Prop.ForAll(StoredTensor.Generator.ListOf().ToArbitrary(), stored =>
        {
            using var scope = torch.NewDisposeScope();
            var state = stored.Select((tensor, index) => ($"layer {stored.Count - index}.gewicht ß", tensor.Make())).ToArray();
            TorchPickleWriter.Write(Place, state);
            using var file = TorchPickle.Open(Place);
            var read = file.ReadStateDict();
            Assert.Equal(state.Select(item => item.Item1), read.Select(item => item.Name));
            Assert.All(state.Zip(read), pair => Assert.True(StoredTensor.Same(pair.First.Item2, pair.Second.Tensor)));
            Assert.Equal(PickleDictionaryKind.Ordered, Assert.IsType<PickleValue.Dictionary>(file.Content).Kind);
        });

    [Fact]
    public void Tensors_come_back_into_others_whatever_their_type_and_strides()
    {
        using var scope = torch.NewDisposeScope();
        var strided = Number.Range(0, 6, torch.float32, torch.CPU).view(2, 3).t();
        TorchPickleWriter.Write(Place, [("x", strided)]);
        using var file = TorchPickle.Open(Place);
        var tensor = file.StateDict().Single().Tensor;
        foreach (var destination in (torch.Tensor[])[torch.zeros(3, 2), torch.zeros(2, 3).t(), torch.zeros(3, 2, torch.float64)])
        {
            file.CopyInto(tensor, destination);
            Assert.Equal(strided.to(torch.float64)
                .contiguous().data<double>().ToArray(), destination.to(torch.float64).contiguous().data<double>().ToArray());
        }
    }

    [Fact]
    public void The_bytes_depend_on_nothing_but_names_and_tensors()
    {
        using var tensor = torch.ones(3);
        TorchPickleWriter.Write(Place, [("x", tensor)]);
        var first = File.ReadAllBytes(Place);
        TorchPickleWriter.Write(Place, [("x", tensor)]);
        Assert.Equal(first, File.ReadAllBytes(Place));
    }

    [Fact]
    public void A_name_occurs_once()
    {
        using var tensor = torch.ones(3);
        Assert.Contains(
            "'x' is taken", Assert.Throws<ArgumentException>(() => TorchPickleWriter.Write(Place, [("x", tensor), ("x", tensor)])).Message);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private string Place => Path.Combine(_folder, $"state{TorchPickleWriter.Extension}");
}
