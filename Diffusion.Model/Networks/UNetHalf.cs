namespace Diffusion.Model.Networks;

/// <summary>The part of a U-Net.</summary>
internal enum UNetHalf
{
    /// <summary>The encoding half.</summary>
    Down,

    /// <summary>The coarsest blocks between the halves.</summary>
    Middle,

    /// <summary>The decoding half.</summary>
    Up,
}
