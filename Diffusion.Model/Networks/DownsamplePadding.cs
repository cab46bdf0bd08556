namespace Diffusion.Model.Networks;

/// <summary>The zero padding of a stride-2 convolution.</summary>
public enum DownsamplePadding
{
    /// <summary>One row below and one column to the right. Ho et al. 2020 (TensorFlow's "same").</summary>
    Asymmetric,

    /// <summary>One row and one column on every side.</summary>
    Symmetric,
}
