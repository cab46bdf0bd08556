using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Images of a batch in one PNG, without gaps: image k is in column k modulo the columns.</summary>
/// <param name="Png">The file, in Base64.</param>
/// <param name="Columns">Images in a row.</param>
/// <param name="Count">How many there are.</param>
public sealed record Frame(string Png, int Columns, int Count);

/// <summary>Images as the pages take them.</summary>
internal static class Frames
{
    /// <summary>A batch as it is on the way.</summary>
    /// <param name="images">[N, C, H, W].</param>
    /// <param name="scale">What they are divided by to be in [−1, 1], as far as they are images.</param>
    public static Frame Of(torch.Tensor images, double scale)
    {
        using var scope = torch.NewDisposeScope();
        var count = (int)images.shape[0];
        var columns = (int)Ceiling(Sqrt(count));
        return new(Png(ImageGrid.Compose(images.Over(scale), GridLayout.Of(columns) with { Gap = 0 })), columns, count);
    }

    /// <summary>An image as a PNG in Base64.</summary>
    public static string Png(RgbImage image)
    {
        using var stream = new MemoryStream();
        Diffusion.Model.Images.Png.Write(stream, image, []);
        return Convert.ToBase64String(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
