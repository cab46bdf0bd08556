using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>What a run would be, found by a few of its steps: no folder is made, and nothing is kept.</summary>
/// <param name="recipe">What would be trained.</param>
/// <param name="data">The images.</param>
/// <param name="machine">Where.</param>
internal sealed class DryRun(Recipe recipe, TrainingData data, Machine machine)
{
    private const int MostSteps = 10;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    /// <summary>Tries, and answers.</summary>
    public void Answer(Session session)
    {
        session.Say(data.Line);
        session.Say("a few steps are tried; nothing is written");
        using var run = new TrainingRun(recipe, data.Train, machine.Device, data.Test);
        using var evaluation = RunEvaluation.Of(recipe, data);
        var perStep = RunTrial.Step(run, MostSteps, Enough, session.Stopping);
        var forecast = RunForecast.Of(run.Schedule, 0, evaluation, perStep, evaluation.TryUnit(run));
        var (length, memory) = (run.Recipe.Length, MemoryNeed.Of(run.Recipe, data.Train.Provenance.Shape));
        session.Answer(string.Join('\n', Lines(run, evaluation, forecast, memory).Select(line => $"{line.Name,-12}{line.Text}")), new()
        {
            ["recipe"] = recipe.Name,
            ["data"] = data.Line,
            ["images"] = data.Train.Provenance.Count,
            ["shape"] = data.Train.Provenance.Shape.ToString(),
            ["classes"] = data.Train.Provenance.Description.ClassNames.Count,
            ["parameters"] = run.Arena.ParameterCount,
            ["levels"] = new JsonArray([.. recipe.Network.Levels.Select(level => (JsonNode?)level.Channels)]),
            ["settings"] = new JsonObject(RecipeOutline.Of(recipe).Select(line => KeyValuePair.Create(line.Name, (JsonNode?)line.Text))),
            ["precision"] = Precision,
            ["device"] = machine.ToString(),
            ["steps"] = length.Steps,
            ["batch"] = length.Batch,
            ["micro_batch"] = length.MicroBatch,
            ["epochs"] = run.Schedule.EpochAt(length.Steps),
            ["memory_bytes"] = memory.TotalOn(machine.Device.type),
            ["seconds_per_step"] = perStep.TotalSeconds,
            ["training_seconds"] = forecast.Training.TotalSeconds,
            ["evaluations"] = forecast.Evaluations,
            ["samples"] = recipe.Goal is Goal.Denoise ? recipe.Evaluation.CountAt(length.Steps, length) : null,
            ["evaluating_seconds"] = forecast.Evaluating?.TotalSeconds,
            ["total_seconds"] = forecast.Total.TotalSeconds,
        });
    }

    private string Precision => recipe.Precision == Model.Recipes.Precision.Bfloat16 ? "bfloat16" : "float32";

    private IEnumerable<(string Name, string Text)> Lines(
        TrainingRun run, IRunEvaluation evaluation, RunForecast forecast, MemoryNeed memory)
    {
        var (length, schedule) = (run.Recipe.Length, run.Schedule);
        var classes = data.Train.Provenance.Description.ClassNames.Count;
        yield return ("data", Invariant($"{Counted.Grouped(data.Train.Provenance.Count, "image")} of {data.Train.Provenance.Shape}") +
            (classes > 0 ? $", {Counted.Of(classes, "class", "classes")}" : "") +
            (data.Test is { } test ? Invariant($"; {test.Provenance.Count:N0} held out") : ""));
        yield return ("network", Invariant($"{run.Arena.ParameterCount:N0} parameters; channels ") +
            $"{string.Join(", ", recipe.Network.Levels.Select(level => level.Channels))}");
        foreach (var line in RecipeOutline.Of(recipe))
            yield return line;
        yield return ("length", Invariant($"{LengthRecipe.StepText(length.Steps)} of {Counted.Of(length.Batch, "image")}") +
            (length.MicroBatch > 0 ? Invariant($", {length.MicroBatch} at once") : "") +
            $": {schedule.EpochsText(length.Steps)}");
        yield return ("machine", $"{machine}, {Precision}");
        yield return ("memory", $"about {ByteCount.Text((long)memory.TotalOn(machine.Device.type))} of " +
            ByteCount.Text((long)DeviceMemory.AvailableOn(machine.Device)));
        yield return ("step", Invariant($"{forecast.PerStep.TotalMilliseconds:0} ms, ") +
            Invariant($"{length.Batch / Max(forecast.PerStep.TotalSeconds, 1e-9):0.#} images/s"));
        yield return ("training", $"about {Duration.Text(forecast.Training)}");
        yield return ("evaluations", $"{forecast.Evaluations}, {SamplesText(evaluation, schedule, length)}" +
            (forecast.Evaluating is { } time ? $": about {Duration.Text(time)}" : ""));
        yield return ("total", $"about {Duration.Text(forecast.Total)}");
    }

    private static string SamplesText(IRunEvaluation evaluation, EvaluationSchedule schedule, LengthRecipe length) =>
        (evaluation.WorkAt(schedule.After(0)).Detail, evaluation.WorkAt(length.Steps).Detail) is var (usual, final) && usual == final
            ? $"{final} each" : $"{usual} each and {final} at the end";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
