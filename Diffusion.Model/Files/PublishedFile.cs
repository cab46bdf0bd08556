using Diffusion.Math.Values;

namespace Diffusion.Model.Files;

/// <summary>A file that is published for download.</summary>
/// <param name="FileName">Its name in the cache.</param>
/// <param name="Mirrors">Where it is published, in the order in which to try.</param>
/// <param name="Hash">What makes it the right file, wherever it came from.</param>
/// <param name="AtMost">Bytes; an answer longer than this is not the file.</param>
public sealed record PublishedFile(string FileName, Sequence<Uri> Mirrors, FileHash Hash, long AtMost)
{
    internal const long Megabyte = 1_000_000;

    /// <summary>The hash that the publisher names, where it is of another kind; checked as well.</summary>
    public FileHash? Published { get; init; }

    /// <summary>All hashes that the file must have.</summary>
    public IEnumerable<FileHash> Hashes => Published is { } published ? [Hash, published] : [Hash];

    /// <summary>The first hash of a content, from its beginning, that is not the right one; null where all are right.</summary>
    public (FileHash Found, FileHash Expected)? Damage(Stream content)
    {
        ArgumentNullException.ThrowIfNull(content);
        foreach (var expected in Hashes)
        {
            content.Position = 0;
            if (expected.Of(content) is var found && found != expected)
                return (found, expected);
        }
        return null;
    }
}
