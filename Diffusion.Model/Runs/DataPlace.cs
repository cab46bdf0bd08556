using System.Text;
using System.Text.Json;
using Diffusion.Math.Json;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runs;

/// <summary>Where a run's images are, which <c>data.json</c> of its folder remembers.</summary>
/// <param name="Folder">The full path.</param>
/// <param name="FromRun">The path seen from the run folder, by which they are found where both have moved together.</param>
public sealed record DataPlace(string Folder, string FromRun)
{
    /// <summary>What becomes of image files there that cannot be decoded.</summary>
    public BadImages Bad { get; init; }

    /// <summary>Remembers a place.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="data">The folder or archive; null where nobody named one.</param>
    /// <param name="bad">What becomes of image files there that cannot be decoded.</param>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public static void Remember(RunFolder run, string? data, BadImages bad = BadImages.Refused)
    {
        if (data is null)
            return;
        var place = new DataPlace(Path.GetFullPath(data), Path.GetRelativePath(Path.GetFullPath(run.Path), Path.GetFullPath(data)))
        {
            Bad = bad,
        };
        var text = Encoding.UTF8.GetBytes(UnionJson.Write(place) + "\n");
        if (!File.Exists(run.Data) || Encoding.UTF8.GetString(text) != OrdinaryFile.ReadText(run.Data))
            RunFolder.Write(run.Data, stream => stream.Write(text));
    }

    /// <summary>Where the images of a run are: where a person says, else where they were.</summary>
    /// <param name="run">The path of the run folder.</param>
    /// <param name="given">What a person says, or null.</param>
    /// <param name="say">Called with where they are now, if that is another place.</param>
    /// <returns>The folder or archive, or null where the run remembers none.</returns>
    /// <exception cref="InputException">They are no longer where they were.</exception>
    public static string? Find(string run, string? given, Action<string> say)
    {
        if (Read(RunFolder.DataIn(run)) is not { } place)
            return given;
        var beside = Path.GetFullPath(Path.Combine(Path.GetFullPath(run), place.FromRun));
        var found = given ?? new[] { place.Folder, beside }.FirstOrDefault(Path.Exists);
        if (found is null)
            throw new InputException(
                place.Folder, "nothing; the images of the run were there", "the images, or --data DIR with their new folder");
        if (Path.GetFullPath(found) != place.Folder)
            say($"the images of the run, formerly in {place.Folder}, are read from {found}");
        return found;
    }

    /// <summary>Where the images of a run were when it was last asked; null where it remembers no place.</summary>
    /// <param name="run">The path of the run folder.</param>
    public static string? Known(string run) => Read(RunFolder.DataIn(run))?.Folder;

    /// <summary>What becomes of a run's image files that cannot be decoded, as it was said when the run began.</summary>
    /// <param name="run">The path of the run folder.</param>
    public static BadImages BadOf(string run) => Read(RunFolder.DataIn(run))?.Bad ?? BadImages.Refused;

    // What cannot be read is as good as nothing: --data says it again.
    private static DataPlace? Read(string path)
    {
        try
        {
            return UnionJson.Read<DataPlace>(OrdinaryFile.ReadText(path));
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
