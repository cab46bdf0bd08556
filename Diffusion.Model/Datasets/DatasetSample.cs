namespace Diffusion.Model.Datasets;

/// <summary>A small real sample of a data set that the library carries, for when the whole cannot be had.</summary>
public abstract record DatasetSample
{
    /// <summary>Reads one part.</summary>
    /// <param name="dataset">Whose sample it is.</param>
    /// <param name="split">Which part.</param>
    public abstract ImageSet Read(Dataset dataset, Split split);

    /// <summary>Opens a file of <c>Datasets/Samples</c>.</summary>
    internal static Stream Open(string file) => typeof(DatasetSample).Assembly.GetManifestResourceStream(file)
        ?? throw new InvalidOperationException($"This program was built without its sample {file}.");
}
