using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>Finds the files of a folder, each once: a link is followed, but not to what is there already, nor to a folder above.</summary>
internal sealed class FolderWalk
{
    private static readonly EnumerationOptions Everything = new() { IgnoreInaccessible = false, AttributesToSkip = 0 };

    private readonly string _place;
    private readonly string _root;
    private readonly List<ImageEntry> _entries = [];
    private readonly List<string> _realFiles = [];
    private readonly HashSet<string> _realFolders = [];
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);

    private FolderWalk(string place) => (_place, _root) = (place, OrdinaryFile.RealPath(place) ?? place);

    /// <summary>The files, hidden ones left out. What lies in the folder itself comes before what links lead to.</summary>
    /// <exception cref="InputException">A folder cannot be entered.</exception>
    /// <exception cref="IOException">There is no such folder.</exception>
    public static IReadOnlyList<ImageEntry> Of(string place)
    {
        var walk = new FolderWalk(place);
        walk.Enter(place, walk._root, "", _ => true);
        if (walk._links.Count > 0)
            walk.FollowLinks();
        return walk._entries;
    }

    private void FollowLinks()
    {
        var known = new HashSet<string>(_realFiles);
        while (_links.Count > 0)
        {
            var (name, path) = _links.First();
            _links.Remove(name);
            var real = OrdinaryFile.RealPath(path);
            if (real is not null && Directory.Exists(real))
            {
                // Above the folder lies the folder itself.
                if (_realFolders.Contains(real) || IsAbove(real))
                    _entries.Add(new(name, 0) { IsRepeat = true });
                else
                    Enter(path, real, name + '/', known.Add);
            }
            else if (real is null)
                _entries.Add(new(name, 0) { Fault = "a link to nothing" });
            else
                Add(name, new FileInfo(real), real, known.Add);
        }
    }

    private bool IsAbove(string real) =>
        _root.StartsWith(Path.TrimEndingDirectorySeparator(real) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private void Enter(string path, string real, string prefix, Func<string, bool> isNew)
    {
        var open = new Stack<(string Path, string Real, string Prefix)>([(path, real, prefix)]);
        while (open.TryPop(out var folder))
        {
            if (!_realFolders.Add(folder.Real))
                continue;
            foreach (var item in Items(folder.Path))
            {
                var name = folder.Prefix + item.Name;
                if (!ImageEntry.IsShown(item.Name))
                    continue;
                if (IsUnwritable(item))
                    _entries.Add(new(name, 0) { Fault = "a name that is not UTF-8" });
                else if (item.Attributes.HasFlag(FileAttributes.ReparsePoint) && item.LinkTarget is not null)
                    _links[name] = item.FullName;
                else if (item is DirectoryInfo)
                    open.Push((item.FullName, Path.Combine(folder.Real, item.Name), name + '/'));
                else
                    Add(name, (FileInfo)item, Path.Combine(folder.Real, item.Name), isNew);
            }
        }
    }

    private FileSystemInfo[] Items(string folder) =>
        InputFile.Reading(folder, () => new DirectoryInfo(folder).EnumerateFileSystemInfos("*", Everything).ToArray());

    // A byte that is no UTF-8 comes as U+FFFD, and that name then leads nowhere.
    private bool IsUnwritable(FileSystemInfo item)
    {
        if (!item.Name.Contains('\uFFFD') || item.Exists)
            return false;
        if (item is DirectoryInfo)
            throw new InputException(
                $"{_place}({item.Name})", "a folder with a name that is not UTF-8", "one that can be written: rename it");
        return true;
    }

    private void Add(string name, FileInfo file, string real, Func<string, bool> isNew)
    {
        if (!isNew(real))
            _entries.Add(new(name, 0) { IsRepeat = true });
        else if (OrdinaryFile.Other(real) is { } other)
            _entries.Add(new(name, 0) { Fault = other });
        else
        {
            _entries.Add(new(name, file.Length, file.LastWriteTimeUtc.Ticks));
            _realFiles.Add(real);
        }
    }
}
