namespace Diffusion.Model.Networks;

/// <summary>Where the state enters a U-Net.</summary>
public enum StateEntry
{
    /// <summary>At the finest level, through the first convolution.</summary>
    Finest,

    /// <summary>
    /// Also at every coarser level: convolved, smoothed and halved, it is added to the activations, and their sum goes on to the next.
    /// Song et al. 2021, appendix H.1 (NCSN++): progressive growing of the input by residuals.
    /// </summary>
    EveryLevel,
}
