using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Model.Formats;

/// <summary>A tensor in a file, or one that is made of it: its numbers are read when they are asked for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="CopyInto">Copies its numbers over those of a tensor of the same shape, of any type.</param>
public sealed record StoredTensor(string Name, TensorShape Shape, Action<torch.Tensor> CopyInto)
{
    /// <summary>The name of what it is made of in the file, for messages.</summary>
    public string Origin { get; init; } = Name;

    /// <summary>The type of its numbers in the file.</summary>
    public ElementType Type { get; init; } = ElementType.Float32;

    /// <summary>A tensor that is made of this one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="make">What it is made by, of a tensor of this shape in float32; may be a view.</param>
    public StoredTensor Make(string name, TensorShape shape, Func<torch.Tensor, torch.Tensor> make) => new(name, shape, target =>
    {
        using var scope = torch.NewDisposeScope();
        var whole = torch.empty(Shape.ToArray(), torch.float32);
        CopyInto(whole);
        target.copy_(make(whole));
    }) { Origin = Origin };

    /// <summary>Its numbers, row by row.</summary>
    public double[] Numbers()
    {
        using var scope = torch.NewDisposeScope();
        var numbers = torch.empty(Shape.ToArray(), torch.float64);
        CopyInto(numbers);
        return numbers.data<double>().ToArray();
    }

    /// <summary>The same numbers in the same order, with other sizes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="shape">Its sizes; as many numbers.</param>
    public StoredTensor Reshape(string name, TensorShape shape) =>
        new(name, shape, target => CopyInto(target.view(Shape.ToArray()))) { Origin = Origin };
}
