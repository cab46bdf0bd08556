using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>How the files of a data set are named and read.</summary>
public abstract record DatasetLayout
{
    /// <summary>The names of the files, for a message.</summary>
    public abstract string Files { get; }

    /// <summary>Whether a folder holds the files of a part.</summary>
    public abstract bool IsIn(string folder, Split split);

    /// <summary>Reads one part.</summary>
    /// <param name="dataset">Whose files they are.</param>
    /// <param name="place">The folder of the files, or the official archive where there is one.</param>
    /// <param name="split">Which part.</param>
    /// <exception cref="InputException">It is missing or damaged.</exception>
    public abstract ImageSet Read(Dataset dataset, string place, Split split);

    /// <summary>A small published file whose hash tells data sets of the same layout apart; null where their names do.</summary>
    public virtual string? TellingFile(Split split) => null;
}
