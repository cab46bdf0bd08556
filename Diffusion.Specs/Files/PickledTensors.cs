using Diffusion.Model.Formats.Torch;

namespace Diffusion.Specs.Files;

/// <summary>All tensors of what a PyTorch file holds, however deep.</summary>
internal static class PickledTensors
{
    public static IEnumerable<PickleTensor> Tensors(this PickleValue value) => value switch
    {
        PickleValue.Tensor tensor => [tensor.Value],
        PickleValue.Dictionary dictionary => dictionary.Entries.SelectMany(entry => entry.Value.Tensors()),
        PickleValue.List list => list.Items.SelectMany(Tensors),
        PickleValue.Tuple tuple => tuple.Items.SelectMany(Tensors),
        _ => [],
    };
}
