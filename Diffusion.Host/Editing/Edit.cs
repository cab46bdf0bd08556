using System.Globalization;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Editing;

/// <summary>What is done to real images. A closed union.</summary>
public abstract record Edit
{
    private Edit()
    {
    }

    /// <summary>What stands above the sheet, before how it was made.</summary>
    public abstract string Title { get; }

    /// <summary>What is said of the edit in the file, as names and texts.</summary>
    public abstract Sequence<(string Name, string Text)> Facts { get; }

    /// <summary>What the images are changed by: a row or more of the sheet for each.</summary>
    public abstract Sequence<EditedRow> Rows { get; }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>Images are noised part of the way and come back. Meng et al. 2021, SDEdit.</summary>
    /// <param name="Shares">The share of the way, in (0, 1]; at least one.</param>
    public sealed record Redraw(Sequence<double> Shares) : Edit
    {
        /// <inheritdoc/>
        public override string Title => "SDEdit";

        /// <inheritdoc/>
        public override Sequence<(string, string)> Facts => [("strength", string.Join(", ", Shares.Select(share => Text(share))))];

        /// <inheritdoc/>
        public override Sequence<EditedRow> Rows => Shares.Select(share => new EditedRow(
            $"strength {Text(share)}", "redrawn", new ImageEdit.SdEdit(share))).ToSequence();
    }

    /// <summary>A part of the images is made anew, the rest stays. Lugmayr et al. 2022, RePaint.</summary>
    /// <param name="Hidden">The part.</param>
    /// <param name="RePaintSchedule">How often stretches are gone.</param>
    public sealed record FillIn(HiddenPart Hidden, RePaintSchedule RePaintSchedule) : Edit
    {
        /// <inheritdoc/>
        public override string Title => "RePaint inpainting";

        /// <inheritdoc/>
        public override Sequence<(string, string)> Facts =>
            [("mask", Hidden.Name), ("jump", Text(RePaintSchedule.Jump)), ("rounds", Text(RePaintSchedule.Rounds))];

        /// <inheritdoc/>
        public override Sequence<EditedRow> Rows =>
            [new("filled in", "inpainted", new ImageEdit.RePaint(RePaintSchedule.Jump, RePaintSchedule.Rounds))];
    }
}

/// <summary>A way of changing images.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Result">What the results are called on the sheet.</param>
/// <param name="Way">What sampling does.</param>
public sealed record EditedRow(string Name, string Result, ImageEdit Way);
