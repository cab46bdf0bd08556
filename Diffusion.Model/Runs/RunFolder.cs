using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runs;

/// <summary>The folder of one run. While this is alive no other process can use it; a process that dies gives it back.</summary>
public sealed class RunFolder : IDisposable
{
    /// <summary>The name of <see cref="Recipe"/> in any run folder.</summary>
    public const string RecipeName = "recipe.json";

    private const string LockName = ".lock";
    private const string DataName = "data.json";
    private const string ReportName = "report.csv";
    private const string StepsName = "steps.csv";
    private const string LogName = "log.txt";
    private const int MostRunsInASecond = 100;

    private FileStream _lock;

    private RunFolder(string path)
    {
        (Path, _lock) = (path, Lock(path));
        RemoveLeftOvers();
    }

    /// <summary>The folder, as it was asked for.</summary>
    public string Path { get; }

    /// <summary>Every setting of the run.</summary>
    public string Recipe => In(RecipeName);

    /// <summary>Where the images are that the run is trained on, if someone said so.</summary>
    public string Data => DataIn(Path);

    /// <summary>A row per evaluation.</summary>
    public string Report => In(ReportName);

    /// <summary>A row every few steps.</summary>
    public string Steps => In(StepsName);

    /// <summary>A sheet of images that the network is trained on.</summary>
    public string DataSheet => In("data.png");

    /// <summary>What was said, with the time.</summary>
    public string Log => In(LogName);

    /// <summary>The report as an image.</summary>
    public string Curves => In("curves.png");

    /// <summary>The same image, sharp at any size.</summary>
    public string CurvesAsLines => In("curves.svg");

    /// <summary>The folder of event files for TensorBoard.</summary>
    public string Events => In("tensorboard");

    /// <summary>The folder of checkpoints.</summary>
    public string Checkpoints => In(CheckpointStore.FolderName);

    /// <summary>The folder of averages that are kept for choosing their length afterwards.</summary>
    public string Ema => In(EmaArchive.FolderName);

    /// <summary>The sheet of samples drawn after an update.</summary>
    /// <param name="step">Updates made; at least 1.</param>
    public string Samples(long step) =>
        In(string.Create(CultureInfo.InvariantCulture, $"samples-step-{Require.AtLeast(step, 1):D6}.png"));

    /// <summary>The same file of the run folder of a path, for whoever only reads it.</summary>
    internal static string DataIn(string path) => System.IO.Path.Combine(path, DataName);

    /// <summary>The folder of a new run.</summary>
    /// <param name="path">A folder that is empty or not there yet.</param>
    /// <exception cref="InputException">It holds something, or another process uses it.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public static RunFolder Create(string path)
    {
        RefuseUnlessEmpty(path);
        OutputException.Guard(path, () => DirectoryEntry.Create(path));
        var folder = new RunFolder(path);
        try
        {
            // Again, now that nobody else can: what was empty before may have become a run.
            RefuseUnlessEmpty(path);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The folder of weights that were not trained here, where no run can be continued.</summary>
    /// <param name="path">A folder that is empty or not there yet.</param>
    /// <exception cref="InputException">It holds something, or another process uses it.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public static RunFolder CreateForWeights(string path)
    {
        if (File.Exists(System.IO.Path.Combine(path, RecipeName)))
            throw AnEarlierRun(path, "");
        return Create(path);
    }

    /// <summary>Refuses, without making anything, a path that <see cref="Create(string)"/> would refuse.</summary>
    /// <param name="path">A folder that is empty or not there yet.</param>
    /// <exception cref="InputException">It holds something.</exception>
    /// <exception cref="OutputException">It is below a file, or in a folder that may not be written to.</exception>
    public static void RequireNew(string path)
    {
        RefuseUnlessEmpty(path);
        OutputException.RequireWritable(path);
    }

    /// <summary>The folder of a new run that was given no name: <c>runs/RECIPE-TIME</c>.</summary>
    /// <param name="runs">Where all runs are.</param>
    /// <param name="recipe">The recipe's name.</param>
    /// <param name="now">The time to name it after.</param>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public static RunFolder Create(string runs, string recipe, DateTimeOffset now)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{recipe}-{now:yyyyMMdd-HHmmss}");
        for (var copy = 1; ; copy++)
        {
            var path = System.IO.Path.Combine(runs, copy == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}-{copy}"));
            try
            {
                return Create(path);
            }
            catch (InputException) when (copy < MostRunsInASecond)
            {
                // Another run of this second has the name.
            }
        }
    }

    /// <summary>
    /// The folder of an earlier run, to go on with it. Its recipe may be gone, where it has checkpoints, which hold it too.
    /// </summary>
    /// <exception cref="InputException">There is no run in it, or another process uses it.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public static RunFolder Open(string path)
    {
        if (!Directory.Exists(path))
            throw new InputException(path, File.Exists(path) ? "a file" : "no such file or folder", "the folder of a run");
        foreach (var name in new[] { LockName, RecipeName, DataName, ReportName, StepsName, LogName })
        {
            var file = System.IO.Path.Combine(path, name);
            OrdinaryFile.Require(file);
            if (Directory.Exists(file))
                throw new InputException(file, "a folder", "a file");
        }
        foreach (var name in new[] { CheckpointStore.FolderName, EmaArchive.FolderName })
            if (System.IO.Path.Combine(path, name) is var inner && File.Exists(inner))
                throw new InputException(inner, "a file", "a folder");
        return File.Exists(System.IO.Path.Combine(path, RecipeName))
                || Directory.Exists(System.IO.Path.Combine(path, CheckpointStore.FolderName))
            ? new(path)
            : throw new InputException(path, $"a folder without {RecipeName}", "the folder of a run");
    }

    /// <summary>
    /// Whether a process of this machine has a folder as that of its run; a folder that cannot be asked is in nobody's use.
    /// </summary>
    /// <param name="path">The folder.</param>
    public static bool IsInUse(string path)
    {
        // A pipe would be waited on for ever.
        if (OrdinaryFile.Other(System.IO.Path.Combine(path, LockName)) is not null)
            return false;
        try
        {
            using var probe = new FileStream(System.IO.Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read);
            return false;
        }
        catch (IOException taken)
        {
            return FileLock.IsTaken(taken);
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whether the folder was removed while it was in use.</summary>
    public bool IsGone => !File.Exists(In(LockName));

    /// <summary>Makes the folder anew where it was removed while it was in use. Returns whether it was.</summary>
    /// <exception cref="InputException">Another process has it now.</exception>
    /// <exception cref="OutputException">It cannot be written to.</exception>
    public bool Mend()
    {
        if (!IsGone)
            return false;
        OutputException.Guard(Path, () => DirectoryEntry.Create(Path));
        var lost = _lock;
        _lock = Lock(Path);
        lost.Dispose();
        return true;
    }

    /// <summary>Writes a file of this folder so that it is never half there.</summary>
    /// <param name="file">One of the paths of this folder.</param>
    /// <param name="write">Writes its content.</param>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public static void Write(string file, Action<Stream> write) => OutputException.Guard(file, () => AtomicFile.Write(file, write));

    /// <summary>Writes the run's recipe.</summary>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public void Write(Recipes.Recipe recipe) => Write(Recipe, stream => Recipes.RecipeFile.Write(stream, recipe));

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();

    private static void RefuseUnlessEmpty(string path)
    {
        if (File.Exists(path))
            throw new InputException(path, "a file", "a new or empty folder");
        var entries = Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path) : [];
        if (entries.All(IsLeftOver))
            return;
        throw File.Exists(System.IO.Path.Combine(path, RecipeName))
            ? AnEarlierRun(path, RunSummary.Read(path).State == RunState.WeightsOnly
                ? "" : $"; to continue this run: {ResumeLine.Of(path)}")
            : new InputException(path, "a folder that holds other files", "a new or empty folder");
    }

    private static InputException AnEarlierRun(string path, string more) => new(path, "an earlier run", $"a new or empty folder{more}");

    // What writes that were killed have left: nobody else writes here, or holds its file while it does. One that stays does no harm.
    private void RemoveLeftOvers()
    {
        foreach (var place in new[] { Path, Checkpoints, Ema }.Where(Directory.Exists))
            foreach (var partial in Directory.GetFileSystemEntries(place, $"*{AtomicFile.PartialExtension}").Where(AtomicFile.IsPartial))
                try
                {
                    if (Directory.Exists(partial))
                        Directory.Delete(partial, recursive: true);
                    else if (AtomicFile.IsLeftOver(partial))
                        File.Delete(partial);
                }
                catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
                {
                }
    }

    // What a run leaves that was killed before it had a recipe.
    private static bool IsLeftOver(string entry) =>
        System.IO.Path.GetFileName(entry) == LockName || entry.EndsWith(AtomicFile.PartialExtension, StringComparison.Ordinal);

    private static FileStream Lock(string path)
    {
        FileStream? held = null;
        OutputException.Guard(path, () => held = FileLock.TryHold(System.IO.Path.Combine(path, LockName)));
        return held ?? throw new InputException(path, "a run in use by another process", "a run that is not in use");
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
