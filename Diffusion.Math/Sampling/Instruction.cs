using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>One thing that a sampler does. A closed union: whoever can do these can run every sampler.</summary>
public abstract partial record Instruction
{
    private Instruction()
    {
    }

    /// <summary>The slots that are written; all reading comes before.</summary>
    public abstract Sequence<Slot> Writes { get; }

    /// <summary>The slots that are read.</summary>
    public abstract Sequence<Slot> Reads { get; }

    /// <summary>How often the network is asked.</summary>
    public virtual int NetworkCalls => 0;

    /// <summary>How often a classifier's gradient is asked for.</summary>
    public virtual int ClassifierCalls => 0;
}
