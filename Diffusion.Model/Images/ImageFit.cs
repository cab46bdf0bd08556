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
        public override Picture Apply(string place, Picture picture, ImageShape shape) =>
            (picture.Height, picture.Width) == (shape.Height, shape.Width)
                ? picture
                : throw new InputException(
                    place, $"{picture.Width}×{picture.Height} pixels", $"{shape.Width}×{shape.Height} as in the first image");
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
        public override Picture Apply(string place, Picture picture, ImageShape shape)
        {
            var side = Min(picture.Width, picture.Height);
            var square = picture.Crop((picture.Width - side) / 2, (picture.Height - side) / 2, side, side);
            return side == Side ? square : Resampling.Resize(square, Side, Side);
        }
    }
}
