using System.Globalization;
using Diffusion.Host.Plots;
using Diffusion.Host.Samplers;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Experiments;

/// <summary>What is varied, and how the result is drawn. A closed union.</summary>
public abstract record SweepKind
{
    private SweepKind()
    {
    }

    /// <summary>The word that asks for it; also the name of its files.</summary>
    public abstract string Word { get; }

    /// <summary>The ways to sample a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="common">What all of them share.</param>
    /// <exception cref="InputException">The model cannot be sampled so.</exception>
    public abstract Sequence<Variation> Variations(TrainedModel model, SampleSettings common);

    /// <summary>The sheet that shows samples of every variation, or null.</summary>
    /// <param name="classes">Names of the model's classes.</param>
    public virtual DigitSheet? Sheet(Sequence<string> classes) => null;

    /// <summary>The charts.</summary>
    /// <param name="rows">What was found.</param>
    /// <param name="real">The same of real pictures that were held out; may be empty.</param>
    public abstract Sequence<Chart> Charts(Sequence<SweptRow> rows, Sequence<MeasuredValue> real);

    private static Sequence<Series> Lines(Sequence<SweptRow> rows, string vertical) => rows.GroupBy(row => row.Variation.Series)
        .Select(line => new Series(line.Key, Points(line, row => row.Place, vertical, _ => ""))).ToSequence();

    private static Sequence<ChartPoint> Points(IEnumerable<SweptRow> rows, Func<SweptRow, double> horizontal, string vertical, Func<SweptRow, string> label) =>
        rows.Where(row => double.IsFinite(row[vertical])).Select(row => new ChartPoint(horizontal(row), row[vertical], label(row))).ToSequence();

    private static Sequence<Level> Levels(Sequence<MeasuredValue> real, string name) =>
        real.Where(value => value.Name == name).Select(value => new Level("real, held out", value.Value)).ToSequence();

    /// <summary>The strength of classifier-free guidance, by the sampler of the model's recipe. Ho and Salimans 2021, Section 4.</summary>
    /// <param name="Strengths">The values of w; s = 1 + w.</param>
    public sealed record Guidance(Sequence<double> Strengths) : SweepKind
    {
        private const int Shown = 3;

        /// <summary>From the model without labels to far beyond what is usual.</summary>
        public static Guidance Usual { get; } = new([-1, 0, 0.5, 1, 2, 3, 5, 8]);

        /// <inheritdoc/>
        public override string Word => "guidance";

        /// <inheritdoc/>
        public override Sequence<Variation> Variations(TrainedModel model, SampleSettings common) =>
            Strengths.Select(strength => new Variation("classifier-free guidance", strength, common with { Guidance = strength })).ToSequence();

        /// <inheritdoc/>
        public override DigitSheet Sheet(Sequence<string> classes) => new(classes, Shown);

        /// <inheritdoc/>
        public override Sequence<Chart> Charts(Sequence<SweptRow> rows, Sequence<MeasuredValue> real)
        {
            var distance = rows[0].Values[0].Name;
            var strength = new ChartAxis("w (scale s = 1 + w)", new ValueScale.Linear());
            Chart Against(string name, string remark) =>
                new(name, strength, new ValueScale.FromZero(), Lines(rows, name)) { Remark = remark, Levels = Levels(real, name) };
            return
            [
                Against(distance, "of all samples; smaller is better"),
                Against("accuracy", "recognised as their label by an independent network"),
                Against("diversity", "variance within a class; 1: as of real pictures"),
                new($"{distance} against accuracy", new("accuracy", new ValueScale.Linear()), new ValueScale.FromZero(),
                    [new(rows[0].Variation.Series, Points(rows, row => row["accuracy"], distance, row => string.Create(CultureInfo.InvariantCulture, $"w = {row.Place}")))])
                { Remark = "the trade-off" },
            ];
        }
    }

    /// <summary>Samplers with different numbers of steps: what a network call is worth.</summary>
    /// <param name="Entries">The samplers.</param>
    /// <param name="Steps">The numbers of steps of each.</param>
    public sealed record Samplers(Sequence<SamplerEntry> Entries, Sequence<int> Steps) : SweepKind
    {
        /// <summary>The chain of the first paper, in both variances, and what came to replace it.</summary>
        public static Samplers Usual { get; } = new(
            [.. new[] { "ddpm", "ddpm-small", "ddim", "heun", "dpm++2m", "unipc" }.Select(name => SamplerCatalogue.Find(name)!)],
            [5, 10, 20, 50, 100, 250, 1000]);

        /// <inheritdoc/>
        public override string Word => "samplers";

        /// <inheritdoc/>
        public override Sequence<Variation> Variations(TrainedModel model, SampleSettings common) =>
        [
            // The few steps of all samplers first: a sweep that is stopped has compared something.
            .. from steps in Steps
               from entry in Entries
               select new Variation(entry.Name, null, common with { Sampler = schedule => new(entry.Sampler, SamplerHabit.Grid(entry.Sampler, schedule, steps)) }),
        ];

        /// <inheritdoc/>
        public override Sequence<Chart> Charts(Sequence<SweptRow> rows, Sequence<MeasuredValue> real)
        {
            var distance = rows[0].Values[0].Name;
            var lines = Lines(rows, distance);
            var scale = ValueScale.Spread(lines.SelectMany(line => line.Points).Select(point => point.Y).ToSequence());
            return
            [
                new(distance, new("network calls for a sample", new ValueScale.Logarithmic()), scale, lines)
                {
                    Remark = string.Create(CultureInfo.InvariantCulture, $"{rows[0].Protocol.Count} samples each; smaller is better"),
                    Levels = Levels(real, distance),
                },
            ];
        }
    }
}
