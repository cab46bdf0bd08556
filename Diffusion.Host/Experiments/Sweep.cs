using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Reports;
using Diffusion.Host.Samplers;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Experiments;

/// <summary>Samples a model in several ways, all from the same noise, and measures each.</summary>
/// <param name="model">The model; not owned.</param>
/// <param name="variations">The ways.</param>
/// <param name="count">Samples of each; with labels all in turn, at least two of each.</param>
public sealed class Sweep(TrainedModel model, Sequence<Variation> variations, int count)
{
    // All of them, before anything is drawn: a setting that does not fit is told at once.
    private readonly Sequence<(Variation Variation, ModelSampling Sampling)> _plan =
        variations.Select(variation => (variation, new ModelSampling(model, variation.Settings))).ToSequence();

    /// <summary>Measures what the table lacks, row by row.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="meter">What measures.</param>
    /// <param name="table">The rows so far; each new one is added at once.</param>
    /// <param name="sheet">Shows some samples of each variation; null for none.</param>
    /// <exception cref="OperationCanceledException">It was stopped; the rows so far are in the table.</exception>
    public Sequence<SweptRow> Run(Session session, SweepMeter meter, SweepTable table, DigitSheet? sheet) => ProgressDisplay.Show(session, (shown, display) =>
    {
        var rows = _plan.Select(entry => Asked(entry.Variation, entry.Sampling, meter)).Select(row => row with { Values = table.Find(row, meter.Names(model.Classes)) ?? [] }).ToArray();
        var known = rows.Count(row => row.Values.Count > 0);
        if (table.Count > 0)
            shown.Say(string.Create(CultureInfo.InvariantCulture, $"{known} of {rows.Length} rows are there already"));
        var done = 0L;
        using var activity = display.Begin(new("sampling", "network calls", 0, _plan.Zip(rows, (entry, row) => Calls(entry.Sampling, Wanted(row, sheet))).Sum()));
        foreach (var (index, (variation, sampling)) in _plan.Index())
        {
            var wanted = Wanted(rows[index], sheet);
            if (wanted == 0)
                continue;
            using var samples = sampling.Draw(wanted, _ =>
            {
                shown.Stopping.ThrowIfCancellationRequested();
                activity.Report(++done, () => rows[index].Variation.Series);
            });
            sheet?.Add(1 + variation.Place ?? 0, samples);
            if (rows[index].Values.Count > 0)
                continue;
            rows[index] = rows[index] with { Values = meter.Measure(samples, model.Classes) };
            table.Add(rows[index]);
            shown.Say(rows[index].Line);
        }
        return rows.ToSequence();
    });

    // A sample does not depend on how many are drawn: of rows that are known only those are drawn that are shown.
    private int Wanted(SweptRow row, DigitSheet? sheet) => row.Values.Count == 0 ? count : sheet is null ? 0 : Min(count, sheet.Samples);

    private static long Calls(ModelSampling sampling, int samples) => (samples + sampling.Run.Batch - 1) / sampling.Run.Batch * sampling.Run.Plan.Steps.Count;

    private SweptRow Asked(Variation variation, ModelSampling sampling, SweepMeter meter)
    {
        var average = Checkpoint.ReadHeader(model.Checkpoint).Files.Where(file => file.Name == Checkpoint.AverageName(0)).Select(file => file.Sha256[..12]).FirstOrDefault("");
        var steering = string.Join(" ", sampling.Provenance().Where(fact => fact.Name.StartsWith("classifier", StringComparison.Ordinal)).Select(fact => $" {fact.Name} {fact.Text}"));
        return new(
            variation,
            string.Create(CultureInfo.InvariantCulture, $"{model.Recipe.Name} step {model.Updates} weights {average} seed {sampling.Seed} {variation.Series} {sampling.Run.Plan.Steps.Count}{steering}"),
            new(meter.Extractor, meter.Reference, count, new(
                model.Recipe.Averages[0].ToString(), PlanHash.Of(sampling.Run.Plan), sampling.Run.Plan.NetworkCalls, SweptRow.Told(sampling.Run.Guidance))),
            []);
    }
}
