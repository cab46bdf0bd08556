using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Pictures;
using Diffusion.Host.Reports;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;
using TorchSharp;

namespace Diffusion.Host.Experiments;

/// <summary>Draws samples of all classes in turn at each strength of guidance, from the same noise, and has them judged by a network that knows nothing of the guide.</summary>
/// <param name="judge">The network; not owned.</param>
/// <param name="reference">The pictures that the models were trained on, as it sees them.</param>
/// <param name="classes">Names of the classes.</param>
public sealed class GuidanceSweep(FeatureExtractor judge, LabelledFeatures reference, Sequence<string> classes)
{
    private const int Shown = 6;

    /// <summary>Carries out a sweep.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="tries">What is sampled, and how.</param>
    /// <param name="count">Samples at each strength; at least two of each class.</param>
    /// <param name="real">Pictures that no model has seen, measured for comparison; null for none.</param>
    /// <param name="soFar">Given what was found up to then after each strength, so that no number is lost when the work is stopped.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public GuidanceFindings Run(Session session, IReadOnlyList<GuidedTry> tries, int count, IImageSource? real, Action<GuidanceFindings> soFar)
    {
        var distance = judge.Identity.DistanceName;
        var rows = new List<GuidanceRow>();
        if (real is not null)
            rows.Add(new GuidanceRow("real pictures, held out", null, real.Provenance.Count, "", LabelledMeasurement.Between(reference, LabelledFeatures.Of(judge, real)))
            {
                Provenance = real.Provenance.ToString(),
            });
        return ProgressDisplay.Show(session, (shown, display) =>
        {
            var samplings = tries.Select(each => each.Points.Select(point => new ModelSampling(each.Model, point.Settings)).ToList()).ToList();
            var (done, total) = (0L, samplings.SelectMany(each => each).Sum(sampling => Steps(sampling, count)));
            using var activity = display.Begin(new("sampling", "steps", 0, total));
            var sheets = new List<FoundSheet>();
            foreach (var (each, own) in tries.Zip(samplings))
            {
                using var sheet = new DigitSheet(classes, Shown);
                foreach (var (point, sampling) in each.Points.Zip(own))
                {
                    using var samples = sampling.Draw(count, _ =>
                    {
                        shown.Stopping.ThrowIfCancellationRequested();
                        activity.Report(++done, () => string.Create(CultureInfo.InvariantCulture, $"{each.Method}, s = {point.Strength}"));
                    });
                    sheet.Add(point.Strength, samples);
                    rows.Add(new GuidanceRow(each.Method, point.Strength, count, sampling.Sampler,
                        LabelledMeasurement.Between(reference, LabelledFeatures.Of(judge, samples, sample => sample % classes.Count)))
                    {
                        Provenance = string.Join("; ", sampling.Provenance().Select(fact => $"{fact.Name}={fact.Text}").Append($"judge={judge.Identity}")),
                    });
                    shown.Say(rows[^1].Line(distance));
                    soFar(new(distance, classes.Count, rows.ToSequence(), sheets.ToSequence()));
                }
                var facts = new RowFacts([.. each.Points.Zip(own, (point, sampling) => (FormattableString.Invariant($"s = {point.Strength}"), sampling.Provenance().ToSequence()))]);
                sheets.Add(new(each.Method, sheet.Compose($"{each.Method}: {facts.Title}"), [new("columns", sheet.Order), .. facts.All.Select(fact => new Note(fact.Name, fact.Text))]));
            }
            return new GuidanceFindings(distance, classes.Count, rows.ToSequence(), sheets.ToSequence());
        });
    }

    private static long Steps(ModelSampling sampling, int count) => (count + sampling.Run.Batch - 1) / sampling.Run.Batch * sampling.Run.Plan.Steps.Count;
}
