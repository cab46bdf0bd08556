using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>What decides how a recipe trains and samples, in a few lines: named as <c>--set</c> does.</summary>
public static class RecipeOutline
{
    private const string Kind = "kind";

    /// <summary>
    /// The lines: where the first weights come from, if not from the seed; what is distilled, if anything is; schedule with prediction
    /// and loss, optimiser, EMA, and the sampler of evaluations where there is one.
    /// </summary>
    public static Sequence<(string Name, string Text)> Of(Recipe recipe)
    {
        var generates = recipe.Goal is Goal.Denoise;
        var loss = generates
            ? $"; prediction {Value(recipe.Prediction)}; noise levels {Value(recipe.NoiseLevels)}; weight {Value(recipe.Weight)}" +
                (recipe.Objective is Objective.Simple ? "" : $"; objective {Value(recipe.Objective)}")
            : $"; noise levels {Value(recipe.NoiseLevels)}";
        var optimiser = recipe.Optimiser;
        var matrices = optimiser.Matrices is MatrixUpdate.Adam ? "Adam" : $"{Value(optimiser.Matrices)} for hidden matrices, else Adam";
        var decay = optimiser.WeightDecay > 0 ? $", weight decay {NumberText.Short(optimiser.WeightDecay, "0.######")}" : "";
        return
        [
            .. recipe.From is { } lineage ? [("from", lineage.Text)] : Array.Empty<(string, string)>(),
            .. recipe.Distillation is { } student
                ? [("distillation", student.TextOver(recipe.Schedule))] : Array.Empty<(string, string)>(),
            ("schedule", TextOf(recipe.Schedule) + loss),
            ("optimiser", $"{matrices}, rate {Value(optimiser.Rate)}{decay}"),
            ("EMA", string.Join("; ", recipe.Ema.Select(EmaText.Of))),
            .. generates ? [("sampler", Sampler(recipe))] : Array.Empty<(string, string)>(),
        ];
    }

    /// <summary>A noise schedule, such as <c>linear (first 0.0001, last 0.02), 1000 timesteps</c>.</summary>
    public static string TextOf(NoiseSchedule schedule) =>
        schedule is NoiseSchedule.Discrete discrete ? $"{Value(schedule)}, {discrete.Steps} timesteps" : Value(schedule);

    /// <summary>The kind of a setting alone, as <c>--set</c> names it.</summary>
    public static string KindOf<T>(T setting)
        where T : notnull => $"{Node(setting)[Kind]}";

    /// <summary>Any other setting of several kinds, such as <c>logNormalSigma (mean -1.2, deviation 1.2)</c>.</summary>
    public static string TextOf<T>(T setting)
        where T : notnull => Value(setting);

    private static string Sampler(Recipe recipe)
    {
        var (evaluation, spacing) = (recipe.Evaluation, Node(recipe.Evaluation.Spacing)[Kind]);
        return $"{SamplerCatalogue.TextOf(evaluation.Sampler)}, {Counted.Of(evaluation.Spacing.Over(recipe.Schedule).Count, "step")}, " +
            $"spacing {spacing}; guidance {evaluation.Guidance}";
    }

    private static string Value<T>(T value)
        where T : notnull => Text(Node(value));

    private static JsonObject Node<T>(T value)
        where T : notnull => JsonNode.Parse(UnionJson.Write(value))!.AsObject();

    private static string Text(JsonNode? node) => node switch
    {
        JsonObject fields => Text(fields),
        JsonArray list => $"{list.Count} values",
        null => "none",
        _ => node.ToString(),
    };

    // The number of timesteps is said of every schedule alike.
    private static string Text(JsonObject fields)
    {
        var parts = fields.Where(field => field.Key is not Kind and not "count").Select(field => $"{field.Key} {Text(field.Value)}");
        return string.Join(", ", parts) is { Length: > 0 } all ? $"{fields[Kind]} ({all})" : $"{fields[Kind]}";
    }
}
