using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Images;

/// <summary>How pictures of any size become images of one shape.</summary>
public abstract record ImageFit
{
    private ImageFit()
    {
    }

    /// <summary>The shape of all images of a set whose first picture is given; three channels.</summary>
    public abstract ImageShape ShapeFor(Picture first);

    /// <summary>How long the shorter side of a picture must be; it may be decoded to a smaller size that is no shorter. Null: to its own size.</summary>
    public virtual int? LeastSide => null;

    /// <summary>Refuses by its size a picture that cannot be brought to that shape, before it is decoded.</summary>
    /// <param name="place">The picture's name, for messages.</param>
    /// <param name="stored">Its shape as it is stored.</param>
    /// <param name="shape">What <see cref="ShapeFor"/> said.</param>
    /// <exception cref="InputException">This picture cannot be.</exception>
    public virtual void Check(string place, ImageShape stored, ImageShape shape)
    {
    }

    /// <summary>Brings one picture to that shape.</summary>
    /// <param name="place">The picture's name, for messages.</param>
    /// <param name="picture">The picture.</param>
    /// <param name="shape">What <see cref="ShapeFor"/> said.</param>
    /// <exception cref="InputException">This picture cannot be.</exception>
    public abstract Picture Apply(string place, Picture picture, ImageShape shape);

    /// <summary>Pictures are taken as they are, and must all have the size of the first.</summary>
    public sealed record Unchanged : ImageFit
    {
        /// <inheritdoc/>
        public override ImageShape ShapeFor(Picture first) => new(3, first.Height, first.Width);

        /// <inheritdoc/>
        public override void Check(string place, ImageShape stored, ImageShape shape)
        {
            // A camera's note may turn it.
            if ((stored.Height, stored.Width) != (shape.Height, shape.Width) && (stored.Width, stored.Height) != (shape.Height, shape.Width))
                throw Misfit(place, stored.Width, stored.Height, shape);
        }

        /// <inheritdoc/>
        public override Picture Apply(string place, Picture picture, ImageShape shape) =>
            (picture.Height, picture.Width) == (shape.Height, shape.Width)
                ? picture
                : throw Misfit(place, picture.Width, picture.Height, shape);

        private static InputException Misfit(string place, int width, int height, ImageShape shape) =>
            new(place, $"{width}×{height} pixels", $"{shape.Width}×{shape.Height} as in the first image") { IsOfOtherSize = true };
    }

    /// <summary>The largest square in the middle, reduced or enlarged.</summary>
    /// <param name="Side">Pixels in a row and rows; at least 1.</param>
    public sealed record CentralSquare(int Side) : ImageFit
    {
        /// <summary>Pixels in a row and rows; at least 1.</summary>
        public int Side { get; init => field = Require.AtLeast(value, 1, nameof(Side)); } = Require.AtLeast(Side, 1);

        /// <inheritdoc/>
        public override ImageShape ShapeFor(Picture first) => new(3, Side, Side);

        /// <inheritdoc/>
        /// <remarks>Half of what a larger picture is reduced by is left to the filter that is without aliasing.</remarks>
        public override int? LeastSide => 2 * Side;

        /// <inheritdoc/>
        public override Picture Apply(string place, Picture picture, ImageShape shape)
        {
            var side = Min(picture.Width, picture.Height);
            var square = picture.Crop((picture.Width - side) / 2, (picture.Height - side) / 2, side, side);
            return side == Side ? square : Resampling.Resize(square, Side, Side);
        }
    }
}
