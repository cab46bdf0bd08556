using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>A training that was carried out to its end and measured.</summary>
/// <param name="Recipe">The built-in recipe at its quick size, by name.</param>
/// <param name="Changes">What was changed of it: the network, the batch or the rate. Its length follows from the images.</param>
/// <param name="Images">Images seen, counted with repetition; at least 1.</param>
/// <param name="Metric">What was measured, such as <c>fd_cifarnet</c>.</param>
/// <param name="Distance">The Fréchet distance of its samples; above 0.</param>
public sealed record MeasuredTraining(string Recipe, Sequence<RecipeChange> Changes, long Images, string Metric, double Distance);

/// <summary>
/// The measured trainings that come with this library: of some quick recipes, with networks of several widths, over several lengths.
/// </summary>
/// <remarks>Made by <c>bench quality --images N</c>; docs/results/trainings.csv says on which data, with how many samples.</remarks>
public static class MeasuredTrainings
{
    private const string Resource = "trainings.csv";

    /// <summary>All of them.</summary>
    public static Sequence<MeasuredTraining> All { get; } = Read();

    /// <summary>
    /// What is known of a recipe: the settings it was measured with, each as the changes that make it of the recipe. Empty for a recipe
    /// that is no quick one, or differs from it in more than its seed, its arithmetic, its length and when and of how many samples it is
    /// measured: another sampler or another guidance has other distances.
    /// </summary>
    /// <param name="recipe">The recipe that is to be trained.</param>
    public static Sequence<TrainingVariant> VariantsOf(Recipe recipe) =>
        BuiltInRecipes.Find(recipe.Name)?.Quick is { } quick && AsQuick(recipe, quick) == quick
            ? Fitted(All).Where(family => family.Recipe == recipe.Name).Select(family => family.Variant).ToSequence()
            : [];

    /// <summary>The law of each recipe and its settings that were measured often enough.</summary>
    /// <remarks>A few trainings tell little of their own deviation: it is estimated from the residuals of all laws together.</remarks>
    /// <param name="trainings">What was measured.</param>
    internal static Sequence<(string Recipe, TrainingVariant Variant)> Fitted(Sequence<MeasuredTraining> trainings)
    {
        var families = trainings.GroupBy(training => (training.Recipe, training.Changes))
            .Where(family => family.Count() >= DistanceFit.Fewest && family.Select(training => training.Images).Distinct().Count() > 1)
            .Select(family => (family.Key, family.First().Metric, Fit: DistanceFit.Of(family.ToSequence()))).ToArray();
        var deviation = Sqrt(families.Sum(family => family.Fit.Deviation * family.Fit.Deviation * family.Fit.Freedom)
            / Max(1, families.Sum(family => family.Fit.Freedom)));
        return families.Select(family => (family.Key.Recipe,
            new TrainingVariant(family.Key.Changes, family.Metric, family.Fit with { Deviation = deviation }))).ToSequence();
    }

    // A shorter rate belongs to a shorter run.
    private static Recipe AsQuick(Recipe recipe, Recipe quick) =>
        LearningRateAdvice.OfLength(recipe, quick.Length.Steps, []) with
        {
            Seed = quick.Seed,
            Precision = quick.Precision,
            Layout = quick.Layout,
            Length = quick.Length with { Batch = recipe.Length.Batch },
            Evaluation = quick.Evaluation with
            {
                Sampler = recipe.Evaluation.Sampler,
                Spacing = recipe.Evaluation.Spacing,
                Guidance = recipe.Evaluation.Guidance,
            },
        };

    private static Sequence<MeasuredTraining> Read()
    {
        using var stream = typeof(MeasuredTrainings).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream);
        var table = ReportTable.Parse(reader.ReadToEnd());
        string Cell(Sequence<string> row, string column) => row[table.Columns.Index().First(at => at.Item == column).Index];
        return table.Rows.Select(row => new MeasuredTraining(
            Cell(row, "recipe"),
            Cell(row, "changes").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Change).ToSequence(),
            long.Parse(Cell(row, "images"), CultureInfo.InvariantCulture),
            Cell(row, "metric"),
            double.Parse(Cell(row, "distance"), CultureInfo.InvariantCulture))).ToSequence();
    }

    private static RecipeChange Change(string text) =>
        text.Split('=', 2) is [var path, var value] ? new(path, value) : throw new FormatException($"'{text}' is no change of a recipe.");
}

/// <summary>Settings that a recipe was measured with, and what comes of them.</summary>
/// <param name="Changes">What makes them of the recipe; empty for the recipe itself.</param>
/// <param name="Metric">What was measured.</param>
/// <param name="Fit">The distance by the number of images.</param>
public sealed record TrainingVariant(Sequence<RecipeChange> Changes, string Metric, DistanceFit Fit)
{
    /// <summary>Whether none of its settings contradicts one that was asked for.</summary>
    /// <param name="asked">Settings that were asked for.</param>
    public bool Suits(Sequence<RecipeChange> asked) => !Changes.Any(change => asked.Any(other =>
        change.Path == other.Path || change.Path.StartsWith(other.Path + ".", StringComparison.Ordinal)
            || other.Path.StartsWith(change.Path + ".", StringComparison.Ordinal)));
}
