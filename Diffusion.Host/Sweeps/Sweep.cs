using System.Globalization;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Sweeps;

/// <summary>
/// Samples models in several ways, all from the same noise, measures each, and leaves a table, a figure and sheets of samples.
/// </summary>
/// <param name="kind">What is varied.</param>
/// <param name="model">The model; not owned.</param>
/// <param name="common">What all variations share.</param>
/// <param name="count">Samples of each; with labels all in turn, at least two of each.</param>
/// <param name="folder">Where everything is left.</param>
/// <param name="metrics">What is measured; of samples without labels, no metric that needs them.</param>
/// <exception cref="InputException">A setting does not fit, or the table is none: thrown before anything is drawn.</exception>
public sealed class Sweep(
    SweepKind kind, TrainedModel model, SamplingRequest common, int count, string folder, Sequence<Metric>? metrics = null) : IDisposable
{
    private readonly (RequestedModels Others, Sequence<(Variation Variation, ModelSampler Sampling)> Plan) _opened =
        Opened(model, kind.Variations(model, common));

    private readonly SweepTable _table = new(Path.Combine(folder, $"{kind.Word}.csv"));

    /// <summary>The side of the square that an image pixel becomes on the sheets; null for the usual one.</summary>
    public int? Scale { get; init; }

    /// <summary>Measures what the table lacks, row by row, and draws the result.</summary>
    /// <param name="session">Who is talked to, and may stop it.</param>
    /// <param name="extractor">The network that measures; it knows nothing of the models.</param>
    /// <param name="data">The images that the model was trained on, and those held out.</param>
    /// <exception cref="OperationCanceledException">It was stopped; the rows so far are in the table.</exception>
    public SweepFindings Run(Session session, FeatureExtractor extractor, TrainingData data)
    {
        WatchedSampling.Warn(session, Plan.Select(entry => entry.Sampling));
        session.Say(string.Create(CultureInfo.InvariantCulture, $"measuring {Counted.Of(data.Train.Provenance.Count, "real image")}"));
        using var evaluator = new Evaluator(
            extractor, new EvaluationInput.OfOneSize(data.Train, "real images"), Metrics(extractor, data), Watch(session));
        if (evaluator.Metrics.Any(metric => metric is FrechetMetric) && FrechetMetric.Concern(count, extractor.Dimension) is { } few)
            session.Warn(few);
        var real = data.Test is { } test ? Real(evaluator, test, session) : null;
        OutputException.RequireWritable(folder);
        var classes = data.Train.Provenance.Description.ClassNames;
        var sheets = kind.Shown == 0 ? [] : Plan.Select(entry => entry.Variation.Method)
            .Distinct().ToDictionary(method => method, _ => new DigitSheet(classes, kind.Shown));
        try
        {
            var rows = Measured(session, evaluator, real, sheets);
            var drawn = rows.Zip(Plan, (row, entry) => (Row: row, entry.Sampling)).ToList();
            var figure = new ChartSheet(Title, kind.Charts(rows, real)) { Notes = Notes(Facts(drawn)).ToSequence() };
            string[] figures = [$"{kind.Word}.png", $"{kind.Word}.svg"];
            foreach (var file in figures)
                PlotFile.At(Path.Combine(folder, file)).Save(figure);
            foreach (var (method, sheet) in sheets)
            {
                var facts = Facts(drawn.Where(entry => entry.Row.Method == method));
                var image = sheet.Compose($"{method}: {facts.Title}", Scale);
                RunFolder.Write(Path.Combine(folder, kind.SheetName(method)),
                    stream => Png.Write(stream, image, [new("columns", sheet.Order), .. Notes(facts)]));
            }
            return new(folder, [$"{kind.Word}.csv", .. figures, .. sheets.Keys.Select(kind.SheetName)], real, rows);
        }
        finally
        {
            foreach (var sheet in sheets.Values)
                sheet.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _opened.Others.Dispose();

    private Sequence<(Variation Variation, ModelSampler Sampling)> Plan => _opened.Plan;

    private string Title
    {
        get
        {
            var models = Plan.Select(entry => entry.Variation.Model).Distinct()
                .Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.Recipe.Name}, {LengthRecipe.StepText(each.Updates)}"));
            return $"{string.Join(" and ", models)}: {kind.Word}, {Counted.Of(count, "sample")} each";
        }
    }

    private Sequence<SweptRow> Measured(Session session, Evaluator evaluator, SweptRow? real, Dictionary<string, DigitSheet> sheets) =>
        ProgressDisplay.Show(session, (shown, display) =>
        {
            var rows = Plan.Select(entry => Asked(entry.Variation, entry.Sampling, evaluator))
                .Select(row => _table.Find(row, evaluator.Columns) ?? row).ToArray();
            if (_table.Count > 0)
                shown.Say(FormattableString.Invariant(
                    $"{rows.Count(row => row.Values.Count > 0)} of {Counted.Of(rows.Length, "row")} already measured"));
            if (real is not null && _table.Find(real, evaluator.Columns) is null)
                _table.Add(real);
            // A sample does not depend on how many are drawn: of rows that are known only those are drawn that are shown.
            var wanted = rows.Select(row =>
                row.Values.Count == 0 ? count : sheets.TryGetValue(row.Method, out var sheet) ? Min(count, sheet.Samples) : 0).ToArray();
            var done = 0L;
            var calls = Plan.Zip(wanted, (entry, samples) => entry.Sampling.NetworkCallsFor(samples)).Sum();
            using var activity = display.Begin(new("sampling", "network calls", 0, calls));
            foreach (var (index, (variation, sampling)) in Plan.Index())
            {
                if (wanted[index] == 0)
                    continue;
                using var samples = sampling.Draw(wanted[index], new()
                {
                    Progress = new SamplingActivity(activity, done, () => rows[index].Name),
                    Stopping = shown.Stopping,
                });
                done += sampling.NetworkCallsFor(wanted[index]);
                sheets.GetValueOrDefault(variation.Method)?.Add(rows[index].Mark, samples);
                if (rows[index].Values.Count > 0)
                    continue;
                rows[index] = rows[index] with { Values = Values(evaluator, samples, shown) };
                _table.Add(rows[index]);
                shown.Say(rows[index].Line);
            }
            return rows.ToSequence();
        });

    // A row of a model that has diverged says so, and the sweep goes on.
    private Sequence<MetricValue> Values(Evaluator evaluator, torch.Tensor samples, Session session)
    {
        var input = new EvaluationInput.OfTensor(samples, kind.Classes(model) is { } classes ? sample => sample % classes : null);
        var found = evaluator.Measure(input, NonFiniteSamples.NotANumber, Watch(session));
        foreach (var note in found.Notes.Where(_ => found.IsNotANumber))
            session.Warn($"{note.Text}: {note.Consequence}");
        return found.Values;
    }

    private SweptRow Real(Evaluator evaluator, IImageSource test, Session session)
    {
        var found = evaluator.Measure(new EvaluationInput.OfOneSize(test, "held-out images"), watch: Watch(session));
        return new("real images, held out", null, SweptRow.KeyOf(found.Protocol, test.Provenance.ToString()), found.Values);
    }

    // Labels count where the samples are of the classes that the network knows, and the real images too.
    private Sequence<Metric> Metrics(FeatureExtractor extractor, TrainingData data)
    {
        var isLabelled = kind.Classes(model) == extractor.Classes
            && data.Train.Provenance.Description.ClassNames.Count == extractor.Classes;
        return (metrics ?? MetricCatalogue.OfSweeps).Where(metric => isLabelled || !metric.NeedsLabels).ToSequence();
    }

    private static EvaluationWatch Watch(Session session) => new() { Stopping = session.Stopping };

    private static (RequestedModels Others, Sequence<(Variation Variation, ModelSampler Sampling)> Plan) Opened(
        TrainedModel model, Sequence<Variation> variations)
    {
        var others = new RequestedModels(model.Device, _ => { });
        try
        {
            return (others, variations.Select(variation => (variation, new ModelSampler(variation.Model, variation.Request,
                others.For(variation.Request, new() { Classifier = variation.Classifier })))).ToSequence());
        }
        catch
        {
            others.Dispose();
            throw;
        }
    }

    private SweptRow Asked(Variation variation, ModelSampler sampling, Evaluator evaluator)
    {
        var (own, steering) = (
            variation.Model, sampling.Provenance()
                .Where(fact => fact.Name.StartsWith("classifier", StringComparison.Ordinal)).Select(fact => $" {fact.Name} {fact.Text}"));
        var average = own.WeightsSha256?[..12] ?? "";
        var samples = string.Create(CultureInfo.InvariantCulture,
            $"{own.Recipe.Name} step {own.Updates} weights {average} seed {sampling.Seed} {sampling.Sampler}{string.Concat(steering)}");
        return new(variation.Method, variation.Guidance, SweptRow.KeyOf(evaluator.ProtocolOf(count, sampling.Drawn()), samples), []);
    }

    private static RowFacts Facts(IEnumerable<(SweptRow Row, ModelSampler Sampling)> drawn) =>
        // The row's name says its guidance.
        new([.. drawn.Select(entry => (entry.Row.Name, entry.Sampling.Provenance().Where(fact => fact.Name != "guidance").ToSequence()))]);

    private static IEnumerable<Note> Notes(RowFacts facts) =>
        facts.All.Where(fact => fact.Text.Length > 0).Select(fact => new Note(fact.Name, fact.Text));
}
