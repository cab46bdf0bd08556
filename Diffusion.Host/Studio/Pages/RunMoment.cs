using System.Globalization;
using System.Text;
using Diffusion.Host.Commands;
using Diffusion.Host.Studio.Web;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Where a run is, as its files say it.</summary>
/// <param name="State">starting, running, stopped, finished, diverged, failed, weights only or damaged.</param>
public sealed record RunMoment(string State)
{
    private const int Tail = 4096;

    /// <summary>Updates made.</summary>
    public long Step { get; init; }

    /// <summary>Updates in all.</summary>
    public long? Of { get; init; }

    /// <summary>Passes over the data.</summary>
    public double? Epoch { get; init; }

    /// <summary>The loss of the last row of steps.csv.</summary>
    public double? Loss { get; init; }

    /// <summary>The gradient's norm before it is clipped.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>The learning rate.</summary>
    public double? LearningRate { get; init; }

    /// <summary>Images of training in a second.</summary>
    public double? ImagesPerSecond { get; init; }

    /// <summary>Seconds since the run began.</summary>
    public double? Seconds { get; init; }

    /// <summary>Seconds of training that are left at this pace, without evaluations.</summary>
    public double? Remaining { get; init; }

    /// <summary>What the distance of the last evaluation is called.</summary>
    public string? Measure { get; init; }

    /// <summary>That distance.</summary>
    public double? Distance { get; init; }

    /// <summary>Whether the studio has begun it, and can stop it.</summary>
    public bool IsOwn { get; init; }

    /// <summary>What its process said last, where the studio has begun it.</summary>
    public string? Line { get; init; }

    /// <summary>Another text whenever the page of the run shows something else.</summary>
    public string Version { get; init; } = "";

    /// <summary>Reads it. The run may go on meanwhile.</summary>
    /// <param name="folder">Its folder, which need not be there yet.</param>
    /// <param name="training">Its process; null where the studio has begun none.</param>
    internal static RunMoment Read(string folder, TrainingProcesses.Training? training)
    {
        var isOwn = training?.IsAlive == true;
        if (!Directory.Exists(folder) || !RunSummary.IsRun(folder))
            return new(isOwn ? "starting" : "failed") { IsOwn = isOwn, Line = training?.Lines.LastOrDefault() };
        var run = RunSummary.Read(folder);
        var steps = Path.Combine(folder, "steps.csv");
        var row = LastRow(steps);
        double? Number(string column) => StepReport.Columns.ToList().IndexOf(column) is var at and >= 0 && at < row.Length
            && double.TryParse(row[at], NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
                ? number : null;
        var (step, pace) = (Max((long)(Number("step") ?? 0), run.Steps), Number("images_per_second"));
        var state = Command.ListRuns.Word(run.State);
        return new(isOwn && run.State != RunState.Running && step == 0 ? "starting" : state)
        {
            Step = step,
            Of = run.Recipe?.Length.Steps,
            Epoch = Number("epoch"),
            Loss = Number("loss"),
            GradientNorm = Number("gradient_norm"),
            LearningRate = Number("learning_rate"),
            ImagesPerSecond = pace,
            Seconds = Number("seconds"),
            Remaining = pace > 0 && run.Recipe is { } recipe ? (recipe.Length.Steps - step) * recipe.Length.Batch / pace : null,
            Measure = run.Distance?.Name,
            Distance = run.Distance is { } distance && double.IsFinite(distance.Value) ? distance.Value : null,
            IsOwn = isOwn,
            Line = training?.Lines.LastOrDefault(),
            Version = string.Create(CultureInfo.InvariantCulture, $"{state} {run.Written.Ticks} {SizeOf(steps)} {run.Report.Rows.Count}"),
        };
    }

    /// <summary>Whether nothing more is to come.</summary>
    internal bool IsOver => State is not ("starting" or "running") && !IsOwn;

    private static long SizeOf(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;

    // Of its end alone: the file has a row for every few steps.
    private static string[] LastRow(string file)
    {
        try
        {
            if (!File.Exists(file))
                return [];
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(-Min(Tail, stream.Length), SeekOrigin.End);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var text = reader.ReadToEnd();
            var whole = text[..(text.LastIndexOf('\n') is >= 0 and var end ? end : 0)];
            return whole[(whole.LastIndexOf('\n') + 1)..].Split(',');
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            // The rest is reported without it.
            return [];
        }
    }
}
