using Diffusion.Math.Values;

namespace Diffusion.Model.Networks;

/// <summary>Everything that fixes a classifier of noisy images but its weights.</summary>
/// <param name="Encoder">The network whose encoding half and middle it is made of; what concerns the decoding half is not used.</param>
/// <param name="Classes">Number of classes.</param>
/// <param name="Pooling">How the pixels of the coarsest level become one vector.</param>
public sealed record NoisyClassifierShape(UNetShape Encoder, int Classes, ClassifierPooling Pooling)
{
    /// <summary>Number of classes.</summary>
    public int Classes { get; init => field = Require.AtLeast(value, 2); } = Require.AtLeast(Classes, 2);

    /// <summary>
    /// Pixels of the coarsest level, each with a learned vector of its own for the attention that pools them, as in the paper; their mean
    /// has one too and is attended to. Null where pixels have none, and an image may have any size.
    /// </summary>
    public int? Positions { get; init => field = value is { } count ? Require.AtLeast(count, 1, nameof(Positions)) : null; }

    /// <summary>What does not fit together, in sentences; empty for a shape that a classifier can be built from.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var fault in Encoder.Faults())
            yield return fault;
        if (Encoder.Architecture is not UNetArchitecture.PreNormalised)
            yield return "A classifier is the encoding half of a network of group normalisation.";
        if (Encoder.Labels is not null)
            yield return "A classifier takes no labels.";
        var channels = Encoder.Levels[^1].Channels;
        if (Pooling == ClassifierPooling.Attention && Encoder.HeadChannels is { } width && channels % width != 0)
            yield return $"{channels} channels cannot be pooled by attention heads of {width}.";
        if (Pooling == ClassifierPooling.Attention && Encoder.Heads is { } heads && channels % heads != 0)
            yield return $"{channels} channels cannot be pooled by {heads} attention heads.";
        if (Pooling != ClassifierPooling.Attention && Positions is not null)
            yield return "Only a pooling by attention has positions.";
    }
}

/// <summary>How the pixels of the coarsest level become one vector.</summary>
public enum ClassifierPooling
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>Their mean attends to them. Dhariwal and Nichol 2021, section 4.2; with their positions where the shape has some.</summary>
    Attention,
}
