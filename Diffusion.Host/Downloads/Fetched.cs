namespace Diffusion.Host.Downloads;

/// <summary>How an attempt to fetch a file ended.</summary>
public abstract record Fetched
{
    private Fetched()
    {
    }

    /// <summary>The file is in the cache.</summary>
    /// <param name="Path">Where.</param>
    /// <param name="Mirror">Where it came from, or null where it was there already.</param>
    public sealed record Stored(string Path, Uri? Mirror) : Fetched;

    /// <summary>No mirror delivered the file.</summary>
    /// <param name="Reason">Why, as the end of a sentence.</param>
    public sealed record Failed(string Reason) : Fetched;
}
