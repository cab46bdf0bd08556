using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>How images of any size become images of one shape.</summary>
public abstract record ImageFit
{
    private ImageFit()
    {
    }

    /// <summary>The shape of all images of a set whose first image is given; three channels.</summary>
    public abstract ImageShape ShapeFor(RgbImage first);

    /// <summary>
    /// How long the shorter side of an image must be; it may be decoded to a smaller size that is no shorter. Null: to its own size.
    /// </summary>
    public virtual int? LeastSide => null;

    /// <summary>Refuses by its size an image that cannot be brought to that shape, before it is decoded.</summary>
    /// <param name="place">The image's name, for messages.</param>
    /// <param name="stored">Its shape as it is stored.</param>
    /// <param name="shape">What <see cref="ShapeFor"/> said.</param>
    /// <exception cref="InputException">This image cannot be.</exception>
    public virtual void Check(string place, ImageShape stored, ImageShape shape)
    {
    }

    /// <summary>Brings one image to that shape.</summary>
    /// <param name="place">The image's name, for messages.</param>
    /// <param name="image">The image.</param>
    /// <param name="shape">What <see cref="ShapeFor"/> said.</param>
    /// <exception cref="InputException">This image cannot be.</exception>
    public abstract RgbImage Apply(string place, RgbImage image, ImageShape shape);

    /// <summary>Images are taken as they are, and must all have the size of the first.</summary>
    public sealed record Unchanged : ImageFit
    {
        /// <inheritdoc/>
        public override ImageShape ShapeFor(RgbImage first) => new(3, first.Height, first.Width);

        /// <inheritdoc/>
        public override void Check(string place, ImageShape stored, ImageShape shape)
        {
            // A camera's note may turn it.
            if ((stored.Height, stored.Width) != (shape.Height, shape.Width)
                && (stored.Width, stored.Height) != (shape.Height, shape.Width))
                throw Mismatch(place, stored.Width, stored.Height, shape);
        }

        /// <inheritdoc/>
        public override RgbImage Apply(string place, RgbImage image, ImageShape shape) =>
            (image.Height, image.Width) == (shape.Height, shape.Width)
                ? image
                : throw Mismatch(place, image.Width, image.Height, shape);

        private static InputException Mismatch(string place, int width, int height, ImageShape shape) =>
            new(place, $"{width}×{height} pixels", $"{shape.Width}×{shape.Height} as in the first image") { IsOfOtherSize = true };
    }

    /// <summary>The largest square in the middle, reduced or enlarged.</summary>
    /// <param name="Side">Pixels in a row and rows; at least 1.</param>
    public sealed record CentralSquare(int Side) : ImageFit
    {
        /// <summary>Pixels in a row and rows; at least 1.</summary>
        public int Side { get; init => field = Require.AtLeast(value, 1, nameof(Side)); } = Require.AtLeast(Side, 1);

        /// <inheritdoc/>
        public override ImageShape ShapeFor(RgbImage first) => new(3, Side, Side);

        /// <inheritdoc/>
        /// <remarks>Half of what a larger image is reduced by is left to the filter that is without aliasing.</remarks>
        public override int? LeastSide => 2 * Side;

        /// <inheritdoc/>
        public override RgbImage Apply(string place, RgbImage image, ImageShape shape)
        {
            var side = Min(image.Width, image.Height);
            var square = image.Crop((image.Width - side) / 2, (image.Height - side) / 2, side, side);
            return side == Side ? square : Resampling.Resize(square, Side, Side);
        }
    }
}
