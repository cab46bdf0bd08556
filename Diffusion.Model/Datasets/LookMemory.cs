using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Diffusion.Model.Datasets;

/// <summary>What was found when all images of a set were looked at.</summary>
/// <param name="Bad">Those that cannot be used.</param>
/// <param name="Sizes">The sizes of the others as they are stored.</param>
/// <param name="IsGrey">Whether none of the others has a colour.</param>
internal sealed record Looked(BadImage[] Bad, StoredSizes Sizes, bool IsGrey);

/// <summary>
/// Remembers which images of a set were found bad, so that the set need not be looked through again until a file changes.
/// </summary>
/// <param name="Folder">Where it is remembered; null for nowhere.</param>
/// <param name="Key">A hash of the place and of the name, length and stamp of every file.</param>
internal sealed record LookMemory(string? Folder, string Key)
{
    /// <summary>The memory of a set.</summary>
    public static LookMemory Of(string? folder, string place, string fit, ImageEntry[] entries)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + '\n'));
        Add($"images looked at, 3\0{Path.GetFullPath(place)}\0{fit}");
        foreach (var entry in entries)
            Add($"{entry.Name}\0{entry.Length}\0{entry.Stamp}\0{entry.Fault}");
        return new(folder, Convert.ToHexStringLower(hash.GetCurrentHash()));
    }

    /// <summary>What was found; null where the set was not looked through, or has changed since.</summary>
    public Looked? Recall()
    {
        try
        {
            return Folder is null || !System.IO.File.Exists(File)
                ? null
                : JsonSerializer.Deserialize<Looked>(System.IO.File.ReadAllBytes(File));
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            // Then it is looked through again.
            return null;
        }
    }

    /// <summary>Remembers them, where that is possible: it only saves time.</summary>
    public void Keep(Looked found)
    {
        if (Folder is null)
            return;
        try
        {
            Directory.CreateDirectory(Folder);
            var draft = $"{File}.{Environment.ProcessId}.partial";
            System.IO.File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(found));
            System.IO.File.Move(draft, File, overwrite: true);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            // Looked through again the next time.
        }
    }

    private string File => Path.Combine(Folder!, Key + ".json");
}
