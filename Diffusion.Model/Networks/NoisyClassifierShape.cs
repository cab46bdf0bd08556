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

    /// <summary>What does not fit together, in sentences; empty for a shape that a classifier can be built from.</summary>
    public IEnumerable<string> Faults()
    {
        foreach (var fault in Encoder.Faults())
            yield return fault;
        if (Encoder.Labels is not null)
            yield return "A classifier takes no labels.";
        var channels = Encoder.Levels[^1].Channels;
        if (Pooling == ClassifierPooling.Attention && Encoder.HeadChannels is { } width && channels % width != 0)
            yield return $"{channels} channels cannot be pooled by attention heads of {width}.";
    }
}

/// <summary>How the pixels of the coarsest level become one vector.</summary>
public enum ClassifierPooling
{
    /// <summary>Their mean.</summary>
    Average,

    /// <summary>Their mean attends to them. Dhariwal and Nichol 2021, section 4.2, there with positions.</summary>
    Attention,
}
