using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>The time that a run may take, its evaluations included, and the length that fills it.</summary>
/// <remarks>Nothing is measured here: the same costs and the same budget give the same plan.</remarks>
/// <param name="Whole">The time; above zero.</param>
public sealed record TimeBudget(TimeSpan Whole)
{
    /// <summary>The fewest steps that a run is planned with.</summary>
    public const int LeastSteps = 20;

    // Of the time of the training steps, evaluations take no more, unless a single one does.
    private const double EvaluationShare = 0.5;
    private const int UsualEvaluations = 8;
    private const int MostEvaluations = 100;
    // Seconds of training between two of them.
    private const double LongestInterval = 900;
    private const double ReservedShare = 0.01;
    private const double MostFixedShare = 0.1;
    private static readonly TimeSpan Fixed = TimeSpan.FromSeconds(1);

    /// <summary>What of it has passed already, such as by trying.</summary>
    public TimeSpan Gone { get; init; }

    /// <summary>Times that as many samples as in the last evaluation are drawn after the run, within the same time; at least 0.</summary>
    public int Samplings { get; init => field = Require.AtLeast(value, 0, nameof(Samplings)); }

    /// <summary>What is kept free for all that is not planned: a second, or less of a very short time, and 1 % of the whole.</summary>
    public TimeSpan Reserve => Whole * ReservedShare + (Whole * MostFixedShare < Fixed ? Whole * MostFixedShare : Fixed);

    /// <summary>The steps that a time suffices for, were there nothing else to do; at least 1.</summary>
    /// <param name="time">The time.</param>
    /// <param name="perStep">How long a step takes, in seconds.</param>
    public static long StepsIn(TimeSpan time, double perStep) => (long)Clamp(Round(time.TotalSeconds / perStep), 1, int.MaxValue);

    /// <summary>The longest run that ends within the time; null where not even <see cref="LeastSteps"/> and one evaluation do.</summary>
    /// <remarks>
    /// Its length has three digits that count. A rate that ended with the run still does. It is evaluated as often as takes no more than
    /// half the time of its steps, and once at least; as often as the recipe says where that was asked for.
    /// </remarks>
    /// <param name="recipe">What is trained; all else stays as it is.</param>
    /// <param name="images">Images that a pass over the data has; at least 1.</param>
    /// <param name="costs">What its parts take.</param>
    /// <param name="asked">Settings that were asked for, which stay.</param>
    public PlannedRun? Plan(Recipe recipe, long images, RunCosts costs, Sequence<RecipeChange> asked)
    {
        var left = (Whole - Gone - Reserve).TotalSeconds;
        if (left <= 0)
            return null;
        for (var steps = Rounded(StepsIn(TimeSpan.FromSeconds(left), costs.PerStep)); steps >= LeastSteps; steps = Rounded(steps - 1))
            if (Of(steps, recipe, images, costs, asked) is var run && run.Total.TotalSeconds <= left)
                return run;
        return null;
    }

    /// <summary>A recipe whose training steps end within a time: as it is where they do, else with fewer steps.</summary>
    /// <remarks>
    /// Their number has three digits that count. A rate that ended with the run still does. It draws as many samples as before.
    /// </remarks>
    /// <param name="recipe">What is trained.</param>
    /// <param name="time">The time of all steps together, without evaluations; above zero.</param>
    /// <param name="perStep">How long a step takes, in seconds.</param>
    /// <param name="asked">Settings that were asked for, which stay.</param>
    public static Recipe Within(Recipe recipe, TimeSpan time, double perStep, Sequence<RecipeChange> asked)
    {
        var steps = Max(Rounded(StepsIn(time, perStep)), LeastSteps);
        if (recipe.Length.Steps <= steps)
            return recipe;
        var shorter = LearningRateAdvice.OfLength(recipe, steps, asked);
        return recipe.Evaluation.FullSamplesFrom is { } full && full > steps && recipe.Length.Steps >= full
            ? shorter with { Evaluation = shorter.Evaluation with { FullSamplesFrom = steps } }
            : shorter;
    }

    /// <summary>The shortest run that is planned, and the least time for which it is.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="images">Images that a pass over the data has; at least 1.</param>
    /// <param name="costs">What its parts take.</param>
    /// <param name="asked">Settings that were asked for, which stay.</param>
    public (PlannedRun Run, TimeSpan Time) Least(Recipe recipe, long images, RunCosts costs, Sequence<RecipeChange> asked)
    {
        var shortest = Of(LeastSteps, recipe, images, costs, asked);
        return (shortest, TimeFor(shortest.Total + Gone));
    }

    private static TimeSpan TimeFor(TimeSpan work)
    {
        var time = work / (1 - ReservedShare - MostFixedShare);
        return time * MostFixedShare < Fixed ? time : (work + Fixed) / (1 - ReservedShare);
    }

    // A rate that still rises when half of the run is over is no warm-up: a tenth of the run is.
    private static Recipe Warmed(Recipe recipe, Sequence<RecipeChange> asked)
    {
        var steps = recipe.Length.Steps;
        if (asked.Any(change => change.Path.StartsWith("optimiser.rate", StringComparison.Ordinal))
            || 2 * recipe.Optimiser.Rate.StepsOfWarmup() <= steps)
            return recipe;
        LearningRate rate = recipe.Optimiser.Rate switch
        {
            LearningRate.WarmUpCosine cosine => cosine with { Warmup = (int)(steps / 10) },
            LearningRate.WarmUpLinear linear => linear with { Warmup = (int)(steps / 10) },
            LearningRate.Trapezoid trapezoid => trapezoid with { Warmup = (int)(steps / 10) },
            var other => other,
        };
        return recipe with { Optimiser = recipe.Optimiser with { Rate = rate } };
    }

    private PlannedRun Of(long steps, Recipe recipe, long images, RunCosts costs, Sequence<RecipeChange> asked)
    {
        var resized = Warmed(Resized(LearningRateAdvice.OfLength(recipe, steps, asked), recipe, asked), asked);
        var training = steps * costs.PerStep;
        var final = costs.Evaluation(resized.Evaluation.CountAt(steps, resized.Length));
        var usual = costs.Evaluation(resized.Evaluation.CountAt(1, resized.Length));
        if (asked.Any(change => change.Path.StartsWith("length.evaluateEvery", StringComparison.Ordinal)))
            return Planned(resized);
        // With every evaluation a checkpoint is saved: a long run has more of them than its recipe may say.
        var most = Clamp(Max(new EvaluationSchedule(recipe.Length, images).Count, (long)(training / LongestInterval)),
            UsualEvaluations, MostEvaluations);
        for (var times = Min(most, steps / LeastSteps); ; times--)
        {
            var timed = Every((steps + times - 1) / times);
            if (times == 1 || Evaluating(timed) <= training * EvaluationShare)
                return Planned(timed);
        }

        Recipe Every(long interval) =>
            resized with { Length = resized.Length with { EvaluateEvery = new EvaluationInterval.Steps(interval) } };

        double Evaluating(Recipe timed) => (new EvaluationSchedule(timed.Length, images).Count - 1) * usual + final;

        PlannedRun Planned(Recipe timed) => new(timed, RunForecast.Of(costs.PerStep, training,
            new EvaluationSchedule(timed.Length, images).Count, Evaluating(timed)), RunForecast.Seconds(Samplings * final));
    }

    // As in any run that is shorter than its recipe.
    private static Recipe Resized(Recipe shorter, Recipe recipe, Sequence<RecipeChange> asked) =>
        recipe.Goal is not Goal.Denoise
        || asked.Any(change => change.Path is "evaluation.samples" or "evaluation.finalSamples" or "evaluation.fullSamplesFrom")
            ? shorter
            : shorter with
            {
                Evaluation = shorter.Evaluation with { FullSamplesFrom = shorter.Evaluation.FullSamplesFrom ?? recipe.Length.Steps },
            };

    // Down to three digits.
    private static long Rounded(long steps)
    {
        var unit = 1L;
        while (steps / unit >= 1000)
            unit *= 10;
        return steps / unit * unit;
    }
}

/// <summary>What the parts of a run take on a machine, in seconds.</summary>
/// <param name="PerStep">A step of training; above 0.</param>
/// <param name="PerSample">To draw a sample and measure it; of a classifier, to classify an image. At least 0.</param>
/// <param name="PerEvaluation">What every evaluation takes however few its samples are: charts, sheet, checkpoint. At least 0.</param>
public sealed record RunCosts(double PerStep, double PerSample, double PerEvaluation)
{
    /// <summary>A step of training; above 0.</summary>
    public double PerStep { get; init => field = Require.Positive(value); } = Require.Positive(PerStep);

    /// <summary>To draw a sample and measure it; of a classifier, to classify an image. At least 0.</summary>
    public double PerSample { get; init => field = Require.NonNegative(value); } = Require.NonNegative(PerSample);

    /// <summary>What every evaluation takes however few its samples are. At least 0.</summary>
    public double PerEvaluation { get; init => field = Require.NonNegative(value); } = Require.NonNegative(PerEvaluation);

    /// <summary>An evaluation of so many samples.</summary>
    public double Evaluation(int samples) => PerEvaluation + samples * PerSample;

    /// <summary>The same on a machine that has become faster or slower: everything as much as a step.</summary>
    /// <param name="perStep">What a step takes now; above 0.</param>
    public RunCosts At(double perStep) => OfEvaluations(perStep / PerStep) with { PerStep = perStep };

    /// <summary>The same, where an evaluation turns out to take another time.</summary>
    /// <param name="samples">The samples of the evaluation.</param>
    /// <param name="seconds">What it takes; at least 0.</param>
    public RunCosts Measured(int samples, double seconds) =>
        Evaluation(samples) is > 0 and var known ? OfEvaluations(seconds / known) : this with { PerEvaluation = seconds };

    private RunCosts OfEvaluations(double factor) =>
        this with { PerSample = PerSample * factor, PerEvaluation = PerEvaluation * factor };
}

/// <summary>A run that was planned for a time.</summary>
/// <param name="Recipe">What is carried out; its numbers know nothing of the time.</param>
/// <param name="Forecast">How long training and evaluations take.</param>
/// <param name="After">How long what comes after the run takes.</param>
public sealed record PlannedRun(Recipe Recipe, RunForecast Forecast, TimeSpan After)
{
    /// <summary>All together.</summary>
    public TimeSpan Total => Forecast.Total + After;

    /// <summary>Images seen, counted with repetition.</summary>
    public long Images => Recipe.Length.Steps * Recipe.Length.Batch;

    /// <summary>The samples of its last evaluation, such as <c>64 samples</c>; of a classifier, images.</summary>
    public string LastText => FormattableString.Invariant($"{Recipe.Evaluation.CountAt(Recipe.Length.Steps, Recipe.Length):N0} {Unit}");

    private string Unit => Recipe.Goal is Goal.Classify ? "images" : "samples";

    /// <summary>Such as <c>1,450 steps of 32 images (61 ms each), 4 evaluations of 155 samples and 619 in the last</c>.</summary>
    public string Text
    {
        get
        {
            var length = Recipe.Length;
            var (usual, final) = (Recipe.Evaluation.CountAt(1, length), Recipe.Evaluation.CountAt(length.Steps, length));
            var steps = FormattableString.Invariant(
                $"{LengthRecipe.StepText(length.Steps)} of {length.Batch} images ({Forecast.PerStep.TotalMilliseconds:0.#} ms each)");
            var drawn = Forecast.Evaluations == 1 || usual == final
                ? LastText
                : FormattableString.Invariant($"{usual:N0} {Unit} and {final:N0} in the last");
            return $"{steps}, {EvaluationSchedule.TextOf(Forecast.Evaluations)} of {drawn}";
        }
    }
}
