using Diffusion.Model.Networks;
using static TorchSharp.torch;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>
/// The embedding of labels as the table that <c>UNet2DModel</c> has: a linear map of the rows of a table is a table. So is one of one-hot
/// labels. In front of the learned layers of the time it is none: these mix label and time.
/// </summary>
internal static class DiffusersLabels
{
    private const string Table = "class_embedding.weight";
    private const string Projection = "class_projection";

    /// <summary>The shape without the projection of its labels, where they enter behind the layers of the time.</summary>
    public static UNetShape Folded(UNetShape shape) =>
        IsFolded(shape) ? shape with { Labels = shape.Labels! with { Width = null } } : shape;

    /// <summary>The parameters of a network of the folded shape, in their order.</summary>
    /// <param name="network">The network.</param>
    public static IReadOnlyList<(string Name, Tensor Tensor)> Folded(UNet network)
    {
        (string Name, Tensor Tensor)[] all = [.. network.named_parameters().Select(item => (item.name, (Tensor)item.parameter))];
        if (!IsFolded(network.Shape))
            return all;
        using var guard = no_grad();
        Tensor Exactly(string name) => all.Single(item => item.Name == name).Tensor.to(float64);
        var table = nn.functional.linear(Exactly(Table), Exactly($"{Projection}.weight"), Exactly($"{Projection}.bias")).to(float32);
        return
        [
            .. all.Where(item => !item.Name.StartsWith($"{Projection}.", StringComparison.Ordinal))
                .Select(item => item.Name == Table ? (Table, table) : item),
        ];
    }

    private static bool IsFolded(UNetShape shape) => shape.Labels is { Width: not null, Entry: LabelEntry.AfterLayers };
}
