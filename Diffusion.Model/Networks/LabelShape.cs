using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>How class labels are embedded and added to the embedding of time.</summary>
/// <param name="Classes">Number of classes; labels are 0 … Classes − 1.</param>
/// <param name="Null">Whether there is a learned label that stands for none.</param>
public sealed record LabelShape(int Classes, NullLabel Null)
{
    /// <summary>Number of classes; labels are 0 … Classes − 1.</summary>
    public int Classes { get; init => field = Require.AtLeast(value, 1); } = Require.AtLeast(Classes, 1);

    /// <summary>Length of a label's vector, projected linearly to that of the time embedding; null for no projection.</summary>
    public int? Width { get; init => field = value is { } width ? Require.AtLeast(width, 1, nameof(Width)) : null; }

    /// <summary>Where the label's vector enters.</summary>
    public LabelEntry Entry { get; init; }

    /// <summary>Rows of the embedding table: the classes, then the null label where there is one.</summary>
    public int Rows => Null == NullLabel.Learned ? Classes + 1 : Classes;
}

/// <summary>Where the vector of a label enters.</summary>
public enum LabelEntry
{
    /// <summary>To the embedding of time. Nichol and Dhariwal 2021.</summary>
    AfterLayers,

    /// <summary>To the sines and cosines of the time, before the learned layers of its embedding. Karras et al. 2022.</summary>
    BeforeLayers,

    /// <summary>
    /// Behind the embedding of time: every block is given both, twice as wide. denoising-diffusion-pytorch, classifier_free_guidance.py.
    /// </summary>
    Beside,
}

/// <summary>Whether labels may be left out.</summary>
public enum NullLabel
{
    /// <summary>Every example has a label.</summary>
    Absent,

    /// <summary>Label number Classes stands for "no label" and is learned. Ho and Salimans 2022.</summary>
    Learned,
}
