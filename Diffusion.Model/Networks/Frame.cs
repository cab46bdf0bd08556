using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>The zeros put around images whose sides are no multiple of what a network needs, and taken off its output again.</summary>
/// <param name="Height">Height of the image.</param>
/// <param name="Width">Width of the image.</param>
/// <param name="Multiple">What the padded sides are multiples of.</param>
internal readonly record struct Frame(long Height, long Width, long Multiple)
{
    private long Rows => Missing(Height);

    private long Columns => Missing(Width);

    /// <summary>Puts zeros on all sides, one more below and on the right where the number is odd.</summary>
    public Tensor Around(Tensor image) => (Rows, Columns) is (0, 0)
        ? image
        : functional.pad(image, [Columns / 2, Columns - Columns / 2, Rows / 2, Rows - Rows / 2]);

    /// <summary>Takes them off.</summary>
    public Tensor Off(Tensor image) => (Rows, Columns) is (0, 0)
        ? image
        : image.narrow(2, Rows / 2, Height).narrow(3, Columns / 2, Width).contiguous();

    private long Missing(long side) => (Multiple - side % Multiple) % Multiple;
}
