using System.Globalization;
using Diffusion.Host.Charts;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Sweeps;

/// <summary>What is varied, and how the result is drawn. A closed union.</summary>
public abstract record SweepKind
{
    private const string FreeMethod = "classifier-free guidance";

    private SweepKind()
    {
    }

    /// <summary>The word that asks for it; also the name of its files.</summary>
    public abstract string Word { get; }

    /// <summary>The ways to sample a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="common">What all of them share.</param>
    /// <exception cref="InputException">The model cannot be sampled so.</exception>
    public abstract Sequence<Variation> Variations(TrainedModel model, SamplingRequest common);

    /// <summary>How many labels the samples are of, in turn; null for samples without.</summary>
    /// <param name="model">The model.</param>
    public virtual int? Classes(TrainedModel model) => model.Classes;

    /// <summary>Samples of a class that a sheet shows of every variation; 0 for no sheet.</summary>
    public virtual int Shown => 0;

    /// <summary>The file of the sheet that shows samples of a method.</summary>
    /// <param name="method">The method.</param>
    public virtual string SheetName(string method) => $"{Word}-samples.png";

    /// <summary>The charts.</summary>
    /// <param name="rows">What was found.</param>
    /// <param name="real">The same of real images that were held out; null where there are none.</param>
    public abstract Sequence<Chart> Charts(Sequence<SweptRow> rows, SweptRow? real);

    // Distance, accuracy, precision, recall and diversity over a scale, and what one costs the other. Points in the last are marked with
    // their place on the scale.
    private static Sequence<Chart> OfGuidance(Sequence<SweptRow> rows, SweptRow? real, string axis, Func<double, double> place)
    {
        var distance = rows[0].Values[0].Name;
        double Place(SweptRow row) => Round(place(row.Guidance?.Scale ?? 0), 9);
        string Named(string measure) =>
            rows[0].Values.Select(value => value.Name).FirstOrDefault(name => name.StartsWith(measure, StringComparison.Ordinal), measure);
        Chart Over(string name, string remark) =>
            new(name, new(axis, new ValueScale.Linear()), new ValueScale.FromZero(), Lines(rows, Place, name))
            {
                Remark = remark,
                Levels = Levels(real, name),
            };
        Sequence<Chart> charts =
        [
            Over(distance, "lower is better"),
            Over("accuracy", "share assigned to their label by an independent network"),
            Over(Named("precision"), "samples within reach of real images"),
            Over(Named("recall"), "real images within reach of samples"),
            Over("diversity", "variance within a class; 1 = real images"),
            new($"{distance} against accuracy", new("accuracy", new ValueScale.Linear()), new ValueScale.FromZero(),
                Lines(rows, row => row["accuracy"], distance, row => Place(row).ToString(CultureInfo.InvariantCulture)))
            {
                Remark = $"the trade-off; numbers are {axis[0]}",
            },
        ];
        return charts.Where(chart => chart.Points.Count > 0).ToSequence();
    }

    private static Sequence<Series> Lines(
        Sequence<SweptRow> rows, Func<SweptRow, double> horizontal, string vertical, Func<SweptRow, string>? label = null) =>
        rows.Where(row => double.IsFinite(row[vertical])).GroupBy(row => row.Method).Select(line => new Series(
            line.Key, line.Select(row => new ChartPoint(horizontal(row), row[vertical], label?.Invoke(row) ?? "")).ToSequence()))
                .ToSequence();

    private static Sequence<Level> Levels(SweptRow? real, string name) => real is null ? [] : [new("real, held out", real[name])];

    private static Variation Free(TrainedModel model, SamplingRequest common, GuidanceScale guidance) =>
        new(FreeMethod, guidance, model, common with { GuidanceW = guidance.W });

    /// <summary>The strength of classifier-free guidance, by the sampler of the model's recipe. Ho and Salimans 2021, Section 4.</summary>
    /// <param name="Strengths">The values of w; s = 1 + w.</param>
    public sealed record Guidance(Sequence<double> Strengths) : SweepKind
    {
        /// <summary>From the model without labels to far beyond what is usual.</summary>
        public static Guidance Usual { get; } = new([-1, 0, 0.5, 1, 2, 3, 5, 8]);

        /// <inheritdoc/>
        public override string Word => "guidance";

        /// <inheritdoc/>
        public override int Shown => 3;

        /// <summary>The samplers, each for all strengths; none for the one of the model's recipe.</summary>
        public Sequence<SamplerEntry> Entries { get; init; } = [];

        /// <summary>The numbers of steps, each for all strengths; none for that of the model's recipe.</summary>
        public Sequence<int> Steps { get; init; } = [];

        /// <inheritdoc/>
        public override string SheetName(string method) =>
            method == FreeMethod ? base.SheetName(method) : $"{Word}-{method.Replace(' ', '-')}-samples.png";

        /// <inheritdoc/>
        public override Sequence<Variation> Variations(TrainedModel model, SamplingRequest common) =>
        [
            .. from steps in Steps.Count > 0 ? Steps.Select(steps => (int?)steps) : [null]
               from entry in Entries.Count > 0 ? Entries.Select(entry => (SamplerEntry?)entry) : [null]
               from w in Strengths
               select Free(model, common with { Sampler = entry?.Sampler ?? common.Sampler, Steps = steps ?? common.Steps },
                   GuidanceScale.OfW(w)) with { Method = MethodOf(entry, steps) },
        ];

        private static string MethodOf(SamplerEntry? entry, int? steps) => entry is null && steps is null ? FreeMethod
            : string.Join(' ', new[] { entry?.Name, steps is { } number ? LengthRecipe.StepText(number) : null }.OfType<string>());

        /// <inheritdoc/>
        public override Sequence<Chart> Charts(Sequence<SweptRow> rows, SweptRow? real) =>
            OfGuidance(rows, real, "w (scale s = 1 + w)", scale => scale - 1);
    }

    /// <summary>
    /// The scale by which a classifier steers a model, and the same scales of classifier-free guidance. Dhariwal and Nichol 2021, Section
    /// 4.
    /// </summary>
    /// <param name="Scales">The values of s.</param>
    /// <param name="Classifier">The classifier, which stays the caller's.</param>
    /// <param name="Form">How it steers; null where the sampler decides.</param>
    public sealed record Steering(Sequence<double> Scales, TrainedClassifier Classifier, SteeringForm? Form) : SweepKind
    {
        /// <summary>A model that knows labels, sampled with classifier-free guidance beside it; null for none.</summary>
        public TrainedModel? Beside { get; init; }

        /// <summary>Rows of other sweeps, drawn into the figure too.</summary>
        public Sequence<SweptRow> Others { get; init; } = [];

        /// <inheritdoc/>
        public override string Word => "guidance";

        /// <inheritdoc/>
        public override int? Classes(TrainedModel model) => (int)Classifier.Network.Shape.Classes;

        /// <inheritdoc/>
        public override int Shown => 6;

        /// <inheritdoc/>
        public override string SheetName(string method) => $"{method.Replace(' ', '-')}.png";

        // s = 0 asks no classifier: the samples are the same, in less time.
        /// <inheritdoc/>
        public override Sequence<Variation> Variations(TrainedModel model, SamplingRequest common) =>
        [
            .. Scales.Select(scale => new Variation("classifier guidance", new(scale, null), model,
                common with { Classifier = scale == 0 ? null : new(Classifier.Checkpoint, scale, Form) }) { Classifier = Classifier }),
            .. Beside is { } free ? Scales.Select(scale => Free(free, common, GuidanceScale.OfScale(scale))) : [],
        ];

        /// <inheritdoc/>
        public override Sequence<Chart> Charts(Sequence<SweptRow> rows, SweptRow? real) =>
            OfGuidance(
                [.. rows, .. Others.Where(row => row.Guidance is not null)],
                real, "s (classifier-free guidance: w = s - 1)", scale => scale);
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

        /// <summary>Plans that are given whole: files, or the model's own by name or number of network calls.</summary>
        public Sequence<string> Plans { get; init; } = [];

        /// <inheritdoc/>
        public override Sequence<Variation> Variations(TrainedModel model, SamplingRequest common) =>
        [
            .. Plans.Select(place => PlanPlace.Find(place, model).Plan).Select(plan =>
                new Variation(plan.Name, null, model, common with { Plan = new PlanChoice.Given(plan) })),
            // The few steps of all samplers first: a sweep that is stopped has compared something.
            .. from steps in Steps
               from entry in Entries
               select new Variation(entry.Name, null, model, common with { Sampler = entry.Sampler, Steps = steps }),
        ];

        /// <inheritdoc/>
        public override Sequence<Chart> Charts(Sequence<SweptRow> rows, SweptRow? real)
        {
            var distance = rows[0].Values[0].Name;
            var lines = Lines(rows, row => row.NetworkCalls ?? 0, distance);
            var scale = ValueScale.Spread(lines.SelectMany(line => line.Points).Select(point => point.Y).ToSequence());
            return
            [
                new(distance, new("NFE", new ValueScale.Logarithmic()), scale, lines)
                {
                    Remark = "lower is better",
                    Levels = Levels(real, distance),
                },
            ];
        }
    }
}
