using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

/// <summary>The recipe by which a run goes on: that of its checkpoint, with the length and the settings that were asked for.</summary>
/// <param name="Recipe">The recipe.</param>
/// <param name="Changes">What is different from the checkpoint's, in lines for a person.</param>
public sealed record ResumedRecipe(Recipe Recipe, Sequence<string> Changes)
{
    /// <summary>
    /// Whether something else than the length changes, which a recipe.json that was written before cannot tell from an edit.
    /// </summary>
    public required bool IsAnother { get; init; }

    private const int MostNamed = 3;
    private const string FoundHere = "length.microBatch";

    // Neither the form of the weights nor the order of the images nor what the averages hold follows from these.
    private static readonly Sequence<string> Free =
    [
        "name", "optimiser", "evaluation", "precision", "layout", "weight", "noiseLevels", "labels.dropout", "data.augmentation",
        "length.steps", FoundHere,
    ];

    /// <summary>
    /// Compares what is written in the run folder with what the checkpoint was trained by, and applies what was asked for.
    /// </summary>
    /// <param name="place">The file <c>recipe.json</c>, for messages.</param>
    /// <param name="written">What is in it; null where it is gone.</param>
    /// <param name="saved">What the checkpoint says; null where the run begins anew.</param>
    /// <param name="changes">The settings that were asked for.</param>
    /// <param name="steps">Updates in the whole run that were asked for; null for as many as it had.</param>
    /// <exception cref="InputException">The file was edited, or a setting that was asked for cannot be changed any more.</exception>
    /// <exception cref="RecipeException">A setting that was asked for does not exist or does not fit.</exception>
    public static ResumedRecipe Of(string place, Recipe? written, CheckpointHeader? saved, Sequence<RecipeChange> changes, long? steps)
    {
        var trained = saved?.Recipe ?? written ?? throw new InputException(place, "no file", "the recipe of the run");
        var renewed = saved is null || written is null ? null : Renewed(saved, written);
        var basis = renewed ?? trained;
        var asked = RecipeChanges.Apply(basis, changes);
        if (saved is not null)
            RefuseBound(basis, asked);
        var asWritten = written is null
            ? basis : LearningRateAdvice.OfLength(basis, written.Length.Steps, []);
        var length = steps is { } whole ? whole
            : asked.Length.Steps != basis.Length.Steps ? asked.Length.Steps : asWritten.Length.Steps;
        var target = LearningRateAdvice.Following(basis, asked with { Length = asked.Length with { Steps = length } }, changes);
        if (saved is not null && written is not null)
            RefuseEdited(place, saved, asWritten, written, target);
        var longer = LearningRateAdvice.OfLength(trained, target.Length.Steps, []);
        var said = Said(basis, target).Prepend(renewed is null ? null : string.Create(CultureInfo.InvariantCulture,
            $"renewed after this checkpoint: {LengthRecipe.StepText(basis.Length.Steps)} instead of {trained.Length.Steps:N0}"));
        return new(target, said.OfType<string>().ToSequence()) { IsAnother = longer != target };
    }

    // A run that kept its time may have been killed before its next checkpoint: the one that it has is of the renewed run too.
    private static Recipe? Renewed(CheckpointHeader saved, Recipe written)
    {
        var file = written with { Length = written.Length with { MicroBatch = saved.Recipe.Length.MicroBatch } };
        return file != saved.Recipe && Renewal.Is(file, saved.Recipe, saved.Updates) ? file : null;
    }

    private static void RefuseBound(Recipe basis, Recipe asked)
    {
        if (RecipeDifference.Between(basis, asked).FirstOrDefault(difference => !IsFree(difference)) is not { } bound)
            return;
        var what = bound.Path.StartsWith("length", StringComparison.Ordinal) || bound.Path == "seed"
            ? "data order and report depend on it" : "the weights depend on it";
        throw new InputException(
            $"--set {bound.Path}", Value(bound.After), $"{Value(bound.Before)} as in the run: {what}; start a new run to change it");
    }

    private static void RefuseEdited(string place, CheckpointHeader saved, Recipe asWritten, Recipe written, Recipe target)
    {
        var wanted = RecipeDifference.Between(written, target).Select(difference => difference.Path).ToHashSet();
        // A rate that ended with the run once stayed behind when it was lengthened; no edit.
        var isRateOfOld = written.Optimiser.Rate == saved.Recipe.Optimiser.Rate;
        var edits = RecipeDifference.Between(asWritten, written)
            .Where(edit => wanted.Contains(edit.Path)
                && edit.Path != FoundHere && !(isRateOfOld && edit.Path.StartsWith("optimiser.rate", StringComparison.Ordinal)))
            .ToSequence();
        if (edits.Count == 0)
            return;
        var found = Named(edits.Select(edit => $"{edit.Path} = {Value(edit.After)}, which is {Value(edit.Before)}"), "; ");
        var way = edits.All(IsFree)
            ? $"that of the checkpoint of step {saved.Updates}; to change it, add {Named(edits.Select(edit => edit.Option), " ")}"
            : $"that of the checkpoint of step {saved.Updates}, to which the run is bound";
        throw new InputException(place, $"{found} in the run", way);
    }

    private static IEnumerable<string> Said(Recipe basis, Recipe target)
    {
        foreach (var change in RecipeDifference.Between(basis, target))
            yield return $"{change.Path}: {Value(change.Before)} up to here, {Value(change.After)} from now on";
        if (basis.Optimiser.Rate.Over(basis.Length.Steps, target.Length.Steps) != basis.Optimiser.Rate)
            yield return string.Create(CultureInfo.InvariantCulture,
                $"the learning-rate schedule ends with the run, so the steps so far differ from those of a run of " +
                    $"{LengthRecipe.StepText(target.Length.Steps)}");
    }

    private static bool IsFree(RecipeDifference difference) =>
        Free.Any(path => difference.Path == path || difference.Path.StartsWith($"{path}.", StringComparison.Ordinal));

    private static string Named(IEnumerable<string> all, string between)
    {
        var list = all.ToList();
        var rest = list.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $"{between}and {list.Count - MostNamed} more") : "";
        return string.Join(between, list.Take(MostNamed)) + rest;
    }

    private static string Value(string? json) => json switch
    {
        null => "nothing",
        { Length: > 60 } => $"{json[..60]}...",
        _ => json.Trim('"'),
    };
}
