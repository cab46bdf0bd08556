namespace Diffusion.Model.Datasets;

/// <summary>Which part of a data set.</summary>
public enum Split
{
    /// <summary>The images a model learns from, and the usual reference of a distance.</summary>
    Train,

    /// <summary>The images held out.</summary>
    Test,
}
