using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>Carries out the parts that have no results yet, one after the other, within a time.</summary>
/// <param name="plan">The parts.</param>
/// <param name="folder">Where results go.</param>
/// <param name="runner">Carries out a command line.</param>
internal sealed class GpuCheckRun(GpuPlan plan, GpuFolder folder, IPartRunner runner)
{
    // A part that trains starts its program and reads its data within the time, too.
    private const double Learning = 0.92;

    // Benchmarks answer at their end: a little more time saves what they have done, at the cost of the training.
    private const double Patience = 1.5;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(20);

    private readonly HashSet<GpuPart> _tried = [];

    /// <summary>Why parts in Python are skipped; null where they are not.</summary>
    public required string? NoPython { get; init; }

    /// <summary>Parts that have no results yet, with the time that each is given.</summary>
    public Sequence<(GpuPart Part, TimeSpan Time)> Budget
    {
        get
        {
            var missing = Wanted.ToList();
            // What is skipped leaves its time to the others.
            var whole = missing.Where(part => Skipped(part) is null).Sum(part => part.Weight);
            return missing.Select(part => (part, plan.Options.Time * (whole > 0 ? part.Weight / whole : 0))).ToSequence();
        }
    }

    /// <summary>Carries them out. The page is written anew after each.</summary>
    /// <returns>Whether every part that was wanted has results, or could not have any here.</returns>
    public bool Work(Session session)
    {
        var (clock, budget, due) = (Stopwatch.StartNew(), Budget, TimeSpan.Zero);
        foreach (var (index, (part, share)) in budget.Index())
        {
            session.Stopping.ThrowIfCancellationRequested();
            _tried.Add(part);
            if (Skipped(part) is { } lacking)
            {
                Keep(session, part, new(part.Name, PartOutcome.Skipped, lacking, 0, part.CommandLine(part.Words)));
                continue;
            }
            due += share;
            var later = budget.Skip(index + 1).Aggregate(TimeSpan.Zero, (sum, other) => sum + other.Time);
            var time = part.Trains is null ? Patience * Larger(due - clock.Elapsed, share)
                : Larger(plan.Options.Time - clock.Elapsed - later, share / 2);
            Keep(session, part, Carried(session, part, Larger(time, Shortest)));
            session.Stopping.ThrowIfCancellationRequested();
        }
        return budget.All(part => folder.ResultOf(part.Part)?.Outcome is PartOutcome.Done or PartOutcome.Skipped);
    }

    private IEnumerable<GpuPart> Wanted => plan.Parts
        .Where(part => plan.Options.Only.Count == 0 || plan.Options.Only.Contains(part.Name))
        .Where(part => folder.ResultOf(part)?.Outcome != PartOutcome.Done);

    private PartResult Carried(Session session, GpuPart part, TimeSpan time)
    {
        var resumed = part.Trains is { } run && RunSummary.IsRun(run) && RunSummary.Read(run) is { Steps: > 0 };
        Sequence<string> words = resumed ? ["train", "--resume", part.Trains!, "--json"]
            : part.Words.Select(word => word == GpuPart.TimePlace ? Minutes(time * Learning) : word).ToSequence();
        var line = part.CommandLine(words);
        session.Say($"{part.Name}: {part.Title}, {Duration.Text(time)}: {line}");
        var clock = Stopwatch.StartNew();
        PartResult Ended(PartOutcome outcome, string message) => new(part.Name, outcome, message, clock.Elapsed.TotalSeconds, line);
        try
        {
            // Training ends by itself.
            var limit = part.Trains is null ? time : time * Patience;
            var end = runner.Run(part.Program, words, folder.FilesOf(part), limit, session.Stopping);
            return session.Stopping.IsCancellationRequested ? Ended(PartOutcome.Stopped, "interrupted")
                : end.IsLate ? Ended(PartOutcome.Stopped, $"not done after {Duration.Text(limit)}: {end.LastLine}")
                : end.Code != 0 ? Ended(PartOutcome.Failed, PlainText.OneLine(end.LastLine)) : Ended(PartOutcome.Done, "");
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            return Ended(PartOutcome.Failed, Sentence.Of(trouble));
        }
    }

    private string? Skipped(GpuPart part) =>
        part.Program == PartProgram.Python ? NoPython
        : part.Run is { } run && !HasModel(run) && !IsToBeTrained(run) ? $"{run} holds no trained model" : null;

    private bool IsToBeTrained(string run) => Wanted.Any(part => part.Trains == run && !_tried.Contains(part));

    private static bool HasModel(string run) => RunSummary.IsRun(run) && RunSummary.Read(run).Checkpoints.Count > 0;

    private void Keep(Session session, GpuPart part, PartResult result)
    {
        folder.Write(part, result);
        try
        {
            GpuFolder.Write(folder.Summary, new GpuSummary(plan, folder).Text);
        }
        catch (IOException trouble)
        {
            // The results are there; the next part, or the next call, writes the page.
            session.Warn($"{folder.Summary}: {Sentence.Of(trouble)}");
        }
        session.Say(result.Outcome == PartOutcome.Done
            ? $"{part.Name}: done in {Duration.Text(TimeSpan.FromSeconds(result.Seconds))}"
            : $"{part.Name}: {result.Outcome.ToString().ToLowerInvariant()}: {result.Message}");
    }

    private static TimeSpan Larger(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Minutes(TimeSpan time) => time.TotalMinutes.ToString("0.##", CultureInfo.InvariantCulture);
}
