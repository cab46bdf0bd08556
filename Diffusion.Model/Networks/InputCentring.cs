namespace Diffusion.Model.Networks;

/// <summary>What the network does to its input first.</summary>
public enum InputCentring
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>2x − 1: the input is taken to be in [0, 1].</summary>
    FromUnitInterval,
}
