using Diffusion.Math.Values;

namespace Diffusion.Model.Datasets;

/// <summary>What a set of images says about itself before anyone counts or hashes it.</summary>
/// <param name="Name">Such as <c>CIFAR-10</c>.</param>
/// <param name="Split">Which part of the data set.</param>
/// <param name="ClassNames">The name of every label, by label.</param>
/// <param name="Origin">Where the images were read from, and how much of the whole they are.</param>
public sealed record DataDescription(string Name, Split Split, Sequence<string> ClassNames, string Origin)
{
    /// <summary>Where the labels are from, for a person; empty where that goes without saying.</summary>
    public string LabelSource { get; init; } = "";

    /// <summary>How the files were cut and scaled to one size, for a person; empty where they were not.</summary>
    public string Fitted { get; init; } = "";

    /// <summary>What became of transparency and of noted orientations, for a person; empty where there were none.</summary>
    public string Seen { get; init; } = "";

    /// <summary>Whether colours were looked for in all images and none has any.</summary>
    public bool IsGrey { get; init; }

    /// <summary>How many of the files there are used, and why the others are not; empty where all are.</summary>
    public string LeftOut { get; init; } = "";
}
