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

    /// <summary>The largest part of the wanted proportions in the middle, reduced or enlarged.</summary>
    /// <param name="Height">Rows; at least 1.</param>
    /// <param name="Width">Pixels in a row; at least 1.</param>
    public sealed record CentralCrop(int Height, int Width) : ImageFit
    {
        /// <summary>The largest square in the middle.</summary>
        /// <param name="side">Pixels in a row and rows; at least 1.</param>
        public CentralCrop(int side)
            : this(side, side)
        {
        }

        /// <summary>Rows; at least 1.</summary>
        public int Height { get; init => field = Require.AtLeast(value, 1, nameof(Height)); } = Require.AtLeast(Height, 1);

        /// <summary>Pixels in a row; at least 1.</summary>
        public int Width { get; init => field = Require.AtLeast(value, 1, nameof(Width)); } = Require.AtLeast(Width, 1);

        /// <inheritdoc/>
        public override ImageShape ShapeFor(RgbImage first) => new(3, Height, Width);

        /// <inheritdoc/>
        /// <remarks>
        /// Half of what a larger image is reduced by is left to the filter that is without aliasing. A note of the camera may turn it.
        /// </remarks>
        public override int? LeastSide => 2 * Max(Height, Width);

        /// <inheritdoc/>
        public override RgbImage Apply(string place, RgbImage image, ImageShape shape)
        {
            var (height, width) = Part(image.Height, image.Width);
            var part = image.Crop((image.Width - width) / 2, (image.Height - height) / 2, width, height);
            return (height, width) == (Height, Width) ? part : Resampling.Resize(part, Width, Height);
        }

        // To whole pixels, at least one.
        private (int Height, int Width) Part(int height, int width) => (long)width * Height > (long)height * Width
            ? (height, Max(1, (int)Round((double)height * Width / Height)))
            : (Max(1, (int)Round((double)width * Height / Width)), width);
    }
}
