using System.Text.RegularExpressions;

namespace Diffusion.Specs;

/// <summary>A file of one folder that names another folder's namespace, or a type of the folder above it.</summary>
public sealed record Import(string From, string To, string File);

/// <summary>
/// Which folders of a project import which, read from its sources. A folder is named as its namespace, without the project.
/// </summary>
public static partial class FolderImports
{
    /// <summary>Every import between two folders, through a using, a qualified name, or by lying in a subfolder of the other.</summary>
    public static IReadOnlyList<Import> Of(string project, IEnumerable<string> sources)
    {
        var root = Path.Combine(Repository.Root, project);
        var files = sources
            .Select(file => (
                Folder: Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.'),
                Name: Path.GetFileName(file),
                Text: Comment().Replace(File.ReadAllText(file), "")))
            .Where(file => file.Folder != ".")
            .ToArray();
        var folders = files.Select(file => file.Folder).ToHashSet();
        var types = files.ToLookup(
            file => file.Folder, file => TopLevelType().Matches(file.Text).Select(match => match.Groups["name"].Value));
        var named = new Regex($@"(?<!namespace )\b{Regex.Escape(project)}\.(?<folder>\w+(\.\w+)*)");
        return
        [
            .. from file in files
               from folder in named.Matches(file.Text).Select(match => Longest(match.Groups["folder"].Value, folders))
                   .Concat(Above(file.Folder).Where(above => folders.Contains(above)
                       && Mentions(file.Text, types[above].SelectMany(names => names))))
                   .Distinct()
               where folder is not null && folder != file.Folder
               select new Import(file.Folder, folder, file.Name),
        ];
    }

    /// <summary>
    /// The folders of a circle, the first one again at the end, each with a file that imports it; nothing where there is none.
    /// </summary>
    public static IReadOnlyList<string> CycleIn(IEnumerable<Import> imports)
    {
        var ways = imports.ToLookup(import => import.From);
        var done = new HashSet<string>();
        foreach (var folder in ways.Select(way => way.Key).Order(StringComparer.Ordinal))
        {
            if (Walk(folder, [], ways, done) is { Count: > 0 } cycle)
                return cycle;
        }
        return [];
    }

    private static IReadOnlyList<string> Walk(string folder, List<Import> path, ILookup<string, Import> ways, HashSet<string> done)
    {
        if (path.FindIndex(import => import.From == folder) is >= 0 and var start)
            return [folder, .. path.Skip(start).Select(import => $"{import.To} ({import.File})")];
        if (done.Contains(folder))
            return [];
        foreach (var import in ways[folder])
        {
            if (Walk(import.To, [.. path, import], ways, done) is { Count: > 0 } cycle)
                return cycle;
        }
        done.Add(folder);
        return [];
    }

    // "Data.ImageSet.Of" names the folder Data.
    private static string? Longest(string name, HashSet<string> folders) => Above(name).Prepend(name).FirstOrDefault(folders.Contains);

    private static IEnumerable<string> Above(string name)
    {
        for (var dot = name.LastIndexOf('.'); dot > 0; dot = name.LastIndexOf('.', dot - 1))
            yield return name[..dot];
    }

    private static bool Mentions(string text, IEnumerable<string> names) => names.Any(name => Regex.IsMatch(text, $@"\b{name}\b"));

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"^(?:public|internal) (?:\w+ )*?(?:record struct|record|class|struct|interface|enum|delegate \S+) (?<name>[A-Z]\w*)",
        RegexOptions.Multiline)]
    private static partial Regex TopLevelType();
}
