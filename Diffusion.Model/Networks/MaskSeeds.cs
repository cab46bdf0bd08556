using Diffusion.Math.Values;
using static TorchSharp.torch;

namespace Diffusion.Model.Networks;

/// <summary>The seeds of a network's dropout masks, one after the other: a function of where they began and how many were taken.</summary>
/// <param name="start">Where they begin.</param>
public sealed class MaskSeeds(Seed start)
{
    private Seed _start = start;
    private long _taken;

    /// <summary>Has all dropout of a network take its masks from the same seeds.</summary>
    /// <param name="network">A network of this program.</param>
    /// <param name="start">Where they begin.</param>
    /// <returns>The seeds, which can begin anew.</returns>
    public static MaskSeeds Of(nn.Module network, Seed start)
    {
        var seeds = new MaskSeeds(start);
        foreach (var block in network.modules().OfType<IMasked>())
            block.Masks = seeds;
        return seeds;
    }

    /// <summary>Begins anew, elsewhere or at the same place.</summary>
    public void Begin(Seed start) => (_start, _taken) = (start, 0);

    /// <summary>The next one.</summary>
    internal Seed Next() => _start.For(_taken++);
}

/// <summary>A block with dropout.</summary>
internal interface IMasked
{
    /// <summary>Where dropout takes its masks from.</summary>
    MaskSeeds Masks { get; set; }
}
