using System.Globalization;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>When a run is evaluated, and how many epochs it has made: passes over the data.</summary>
/// <remarks>
/// Evaluation k of an interval of n epochs comes with update ceil(k·n·N / batch), the first one that completes pass k·n over N images;
/// the last update of the run always has one.
/// </remarks>
/// <param name="Length">How long the run is, and how often it is evaluated.</param>
/// <param name="Images">N, the images it is trained on; at least 1.</param>
public sealed record EvaluationSchedule(LengthRecipe Length, long Images)
{
    /// <summary>N, the images it is trained on; at least 1.</summary>
    public long Images { get; } = Require.AtLeast(Images, 1);

    /// <summary>Evaluations in the whole run.</summary>
    public long Count => IndexAt(Length.Steps);

    /// <summary>Evaluations up to an update, that update's included.</summary>
    /// <param name="updates">Updates made; at least 0.</param>
    public long IndexAt(long updates) =>
        RegularAt(updates) + (updates >= Length.Steps && StepOf(RegularAt(updates)) < Length.Steps ? 1 : 0);

    /// <summary>Whether an evaluation comes with an update.</summary>
    /// <param name="updates">Updates made; at least 0. Nothing is evaluated before the first one.</param>
    public bool IsAt(long updates) =>
        updates > 0 && (updates >= Length.Steps || (RegularAt(updates) is > 0 and var index && StepOf(index) == updates));

    /// <summary>How many there are, for a line: <c>9 evaluations</c>.</summary>
    public string CountText => TextOf(Count);

    /// <summary>So many evaluations, for a line.</summary>
    /// <param name="count">How many.</param>
    public static string TextOf(long count) =>
        Counted.Grouped(count, "evaluation");

    /// <summary>The updates after which evaluations came, except for the one at the end.</summary>
    /// <param name="updates">Updates made; fewer than the whole run has.</param>
    public Sequence<long> Until(long updates) =>
        Enumerable.Range(1, (int)RegularAt(updates)).Select(index => StepOf(index)).ToSequence();

    /// <summary>The update after which the next evaluation comes.</summary>
    /// <param name="updates">Updates made; fewer than the whole run has.</param>
    public long After(long updates) => StepOf(RegularAt(updates) + 1);

    /// <summary>
    /// Passes over the data after an update: a whole number with the first update that completes a pass, else to two decimals, and
    /// to four in the first pass.
    /// </summary>
    /// <param name="updates">Updates made; at least 0.</param>
    public double EpochAt(long updates)
    {
        var (passes, before) = (PassesAt(updates), PassesAt(updates - 1));
        var precision = passes > 0 ? 100.0 : 10_000.0;
        return passes > before ? passes : Floor(precision * updates * Length.Batch / Images) / precision;
    }

    /// <summary>The same as a text: <c>2</c> or <c>8.53</c>.</summary>
    /// <param name="updates">Updates made; at least 0.</param>
    public string EpochText(long updates) => EpochAt(updates).ToString("0.####", CultureInfo.InvariantCulture);

    /// <summary>The same with its noun: <c>1 epoch</c> or <c>8.53 epochs</c>.</summary>
    /// <param name="updates">Updates made; at least 0.</param>
    public string EpochsText(long updates) =>
        $"{EpochText(updates)} {Counted.Noun(EpochText(updates) == "1" ? 1 : 2, "epoch")}";

    /// <summary>Updates that so many passes over the data take.</summary>
    /// <param name="epochs">Passes; at least 1.</param>
    /// <param name="batch">Images per update; at least 1.</param>
    /// <param name="images">Images in a pass; at least 1.</param>
    public static long StepsIn(long epochs, int batch, long images) => (long)Quotient((Int128)epochs * images, batch);

    private long PassesAt(long updates) => updates <= 0 ? 0 : (long)((Int128)updates * Length.Batch / Images);

    private long RegularAt(long updates) => Length.EvaluateEvery.CountAt(Min(updates, Length.Steps), Length, Images);

    private long StepOf(long index) =>
        (long)Int128.Min(Length.Steps, Length.EvaluateEvery.StepOf(index, Length, Images) ?? Length.Steps);

    // Rounded up.
    private static Int128 Quotient(Int128 dividend, Int128 divisor) => (dividend + divisor - 1) / divisor;
}
