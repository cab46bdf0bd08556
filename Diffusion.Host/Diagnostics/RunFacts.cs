using System.Globalization;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Diagnostics;

/// <summary>A run in a few lines: what it is, how far it is, what it leaves, and how one goes on with it.</summary>
internal static class RunFacts
{
    private static readonly EnumerationOptions Everything = new()
    {
        RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint,
    };

    /// <summary>The lines. Of the newest weights it is seen whether they are finite.</summary>
    /// <exception cref="InputException">Nothing of the run can be read.</exception>
    public static PlaceDescription Of(RunSummary run)
    {
        if (run.Recipe is not { } recipe)
            throw new InputException(run.Path, run.Troubles.FirstOrDefault() ?? "a folder without a recipe", "the folder of a run");
        var weights = WeightsOf(run);
        Sequence<(string, string)> broken = weights is var (path, _) ? NumberFacts.Of(path) : [];
        return new("run", [.. What(run, recipe), .. HowFar(run, recipe), .. Left(run), .. broken, .. Next(run)], weights?.Description)
        {
            SizeName = "weights",
        };
    }

    private static IEnumerable<(string Name, string Text)> What(RunSummary run, Recipe recipe)
    {
        var levels = string.Join(", ", recipe.Network.Levels.Select(level => level.Channels));
        yield return ("recipe", recipe.Name);
        yield return ("data", DataPlace.Known(run.Path) is { } place ? $"{recipe.Data.Set}, {place}" : recipe.Data.Set);
        yield return ("network", $"U-Net, channels {levels}, {Count(recipe.Network.BlocksPerLevel, "block")} per level");
        foreach (var line in RecipeOutline.Of(recipe))
            yield return line;
        yield return ("batch", $"{recipe.Length.Batch}");
        yield return ("seed", $"{recipe.Seed}");
    }

    private static IEnumerable<(string Name, string Text)> HowFar(RunSummary run, Recipe recipe)
    {
        var epochs = run.Last("epoch") is { Length: > 0 } epoch
            ? $" ({epoch} {Counted.Noun(epoch == "1" ? 1 : 2, "epoch")} at the last evaluation)" : "";
        yield return ("state", Words(run.State));
        yield return ("steps", string.Create(CultureInfo.InvariantCulture, $"{run.Steps:N0} of {recipe.Length.Steps:N0}{epochs}"));
        if (run.Report.Rows.Count == 0)
            yield break;
        string[] measures =
        [
            .. run.Loss is { } loss ? [$"loss {NumberText.Short(loss, "0.####")}"] : Array.Empty<string>(),
            .. run.Distance is { } distance
                ? [$"{distance.Name} {NumberText.Short(distance.Value, "0.###")} of {run.Last("samples")} samples"] : Array.Empty<string>(),
            .. run.Last("sampler") is { Length: > 0 } sampler ? [sampler, $"NFE {run.Last("nfe")}"] : Array.Empty<string>(),
        ];
        yield return ("evaluations", string.Create(CultureInfo.InvariantCulture, $"{run.Report.Rows.Count}"));
        yield return ("last evaluation", $"step {run.Last("step")}: {string.Join(", ", measures)}");
        if (double.TryParse(run.Last("seconds"), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 0 && seconds < TimeSpan.MaxValue.TotalSeconds / 2)
            yield return ("time", Duration.Text(TimeSpan.FromSeconds(seconds)));
    }

    private static IEnumerable<(string Name, string Text)> Left(RunSummary run)
    {
        yield return ("checkpoints", run.Checkpoints.Count == 0 ? "none" : string.Join(", ", run.Checkpoints.Select(saved =>
            string.Create(CultureInfo.InvariantCulture, $"step {saved.Header.Updates:N0} ({ByteCount.Text(saved.ByteCount)})"))));
        yield return ("files", string.Join(", ", Directory.EnumerateFileSystemEntries(run.Path)
            .Select(entry => Directory.Exists(entry) ? $"{Path.GetFileName(entry)}/" : Path.GetFileName(entry))
            .Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)));
        yield return ("folder", ByteCount.Text(new DirectoryInfo(run.Path).EnumerateFiles("*", Everything).Sum(file => file.Length)));
        foreach (var trouble in run.Troubles)
            yield return ("damaged", trouble);
    }

    private static IEnumerable<(string Name, string Text)> Next(RunSummary run)
    {
        var quoted = ResumeLine.Quoted(run.Path);
        if (run.State is RunState.Stopped or RunState.Diverged)
            yield return ("to continue", ResumeLine.Of(run.Path));
        if (run.State == RunState.Finished)
            yield return ("to train longer", $"{ResumeLine.Of(run.Path)} --steps {2 * run.Steps}");
        if (run.State == RunState.WeightsOnly)
            yield return ("to train it on", $"{ResumeLine.Call} train --from {quoted} --minutes 30");
        if (run.Checkpoints.Any(saved => saved.Header.IsGood))
            yield return ("to sample", $"{ResumeLine.Call} sample {quoted} -o samples.png");
        if (run.Report.Rows.Count > 0)
            yield return ("to see evaluations", $"{ResumeLine.Call} compare {quoted}");
    }

    // The newest whose file is there; whether it is whole is seen when it is opened for work.
    private static (string Path, FileDescription Description)? WeightsOf(RunSummary run)
    {
        foreach (var saved in run.Checkpoints.Reverse())
            try
            {
                var path = Path.Combine(saved.Folder, Checkpoint.EmaName(0));
                return (path, FileFormats.Describe(path));
            }
            catch (IOException)
            {
            }
        return null;
    }

    private static string Words(RunState state) => state switch
    {
        RunState.WeightsOnly => "weights only",
        RunState.Running => "running, or in use by another process",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static string Count(int number, string unit) => number == 1 ? $"1 {unit}" : $"{number} {unit}s";
}
