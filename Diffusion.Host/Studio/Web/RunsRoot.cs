using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Studio.Web;

/// <summary>The folder with the runs: the only one whose files the studio shows, and in which it begins runs.</summary>
/// <param name="Path">The folder; it need not be there.</param>
internal sealed record RunsRoot(string Path)
{
    private const int Deepest = 5;
    private const int LongestName = 64;

    /// <summary>The runs, the latest first.</summary>
    public Sequence<RunSummary> All => Directory.Exists(Path) ? RunSummary.Below(Path).Reverse().ToSequence() : [];

    /// <summary>What the studio calls a run: its path below the folder, with slashes.</summary>
    public string NameOf(RunSummary run) => System.IO.Path.GetRelativePath(Path, run.Path) is var way && way == "." ? way
        : way.Replace(System.IO.Path.DirectorySeparatorChar, '/');

    /// <summary>The folder of a run, as commands are given it.</summary>
    /// <param name="name">What the studio calls it.</param>
    /// <exception cref="RefusedException">There is none. Neither links nor anything outside the folder is followed.</exception>
    public string Find(string name)
    {
        var parts = name.Split('/');
        if (name != "." && (parts.Length > Deepest || !parts.All(IsPlain)))
            throw NoRun(name);
        var path = Path;
        foreach (var part in name == "." ? [] : parts)
        {
            path = System.IO.Path.Combine(path, part);
            if (new DirectoryInfo(path) is not { Exists: true } inner || inner.Attributes.HasFlag(FileAttributes.ReparsePoint))
                throw NoRun(name);
        }
        return RunSummary.IsRun(path) ? path : throw NoRun(name);
    }

    /// <summary>The folder of a run to be made.</summary>
    /// <param name="name">Letters, digits, dots, dashes and underscores; no dot at its beginning.</param>
    /// <exception cref="RefusedException">It is no such name, or something has it.</exception>
    public string New(string name)
    {
        if (name.Length is 0 or > LongestName || name[0] is '.' or '-'
            || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_'))
            throw new RefusedException(400, $"a run is named by 1 to {LongestName} letters, digits, '.', '-' and '_'");
        var path = System.IO.Path.Combine(Path, name);
        return System.IO.Path.Exists(path) ? throw RefusedException.Conflict($"{path} is there already") : path;
    }

    /// <summary>The folder of a run, or of a model that the program carries, as commands are given it.</summary>
    /// <param name="name">The name of either; a model comes first.</param>
    /// <exception cref="RefusedException">There is none.</exception>
    public string FindModel(string name) => CarriedModels.Names.Contains(name) ? CarriedModels.FolderOf(name) : Find(name);

    // No way up, none to elsewhere, nothing hidden.
    private static bool IsPlain(string part) =>
        part.Length > 0 && part[0] != '.' && part.IndexOfAny(['\\', ':', '\0']) < 0 && !part.Any(char.IsControl);

    private static RefusedException NoRun(string name) => RefusedException.NotFound($"no run {PlainText.Elided(name, 80)}");
}
