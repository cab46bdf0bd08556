using Diffusion.Host.Models;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A model that samples can be drawn from, and what has to be known to ask for them.</summary>
/// <param name="Name">What requests call it.</param>
/// <param name="Origin">Where it comes from: the program, or a run with its state.</param>
/// <param name="Classes">What its labels are called; empty for a model without labels.</param>
/// <param name="Sampler">Its own sampler.</param>
/// <param name="Steps">The number of steps of its own.</param>
/// <param name="MostSteps">Levels of its schedule; null where it has no end of them.</param>
/// <param name="GuidanceW">w of classifier-free guidance of its own; 0 where it has none.</param>
/// <param name="Shape">Channels, height and width of an image; null where the run does not say it yet.</param>
public sealed record ModelChoice(
    string Name, string Origin, IReadOnlyList<string> Classes, string Sampler, int Steps, int? MostSteps, double GuidanceW,
    IReadOnlyList<int>? Shape)
{
    /// <summary>All of them: those that the program carries, then runs that have a checkpoint, the latest first.</summary>
    internal static IReadOnlyList<ModelChoice> In(RunsRoot runs)
    {
        var carried = CarriedModels.Names
            .Select(name => (Name: name, Recipe: RecipeFile.Read(Path.Combine(CarriedModels.FolderOf(name), RunFolder.RecipeName))))
            .Select(model => (model.Name, model.Recipe, Origin: "comes with the program"));
        var trained = runs.All.Where(run => run is { Recipe: not null, Checkpoints.Count: > 0 })
            .Select(run => (Name: runs.NameOf(run), Recipe: run.Recipe!, Origin: $"run, step {run.Checkpoints[^1].Header.Updates}"));
        return [.. carried.Concat(trained).Where(model => model.Recipe.Goal is Goal.Denoise)
            .Select(model => Of(model.Name, model.Origin, model.Recipe))];
    }

    private static ModelChoice Of(string name, string origin, Recipe recipe)
    {
        var classes = recipe.Labels is Conditioning.Labelled && recipe.Network.Labels is { } labels
            ? recipe.Data.ClassNames.Count == labels.Classes
                ? recipe.Data.ClassNames : Sequence.Generate(labels.Classes, label => $"{label}")
            : [];
        var evaluation = recipe.Evaluation;
        return new(
            name, origin, [.. classes], SamplerCatalogue.NameOf(evaluation.Sampler), evaluation.Spacing.Over(recipe.Schedule).Count,
            recipe.Schedule is NoiseSchedule.Discrete discrete ? discrete.Steps : null,
            evaluation.Guidance is Guidance.ClassifierFree guidance ? guidance.W : 0,
            recipe.Data.ShapeOf(recipe.Network.InputChannels) is { } shape ? [shape.Channels, shape.Height, shape.Width] : null);
    }
}

/// <summary>A sampler that can be asked for.</summary>
/// <param name="Name">What requests call it.</param>
/// <param name="Description">A few words.</param>
/// <param name="Source">Authors and year.</param>
/// <param name="HasEta">Whether it has a stochasticity η.</param>
public sealed record SamplerOption(string Name, string Description, string Source, bool HasEta)
{
    /// <summary>All of them.</summary>
    internal static IReadOnlyList<SamplerOption> All { get; } = [.. SamplerCatalogue.Entries.Select(entry => new SamplerOption(
        entry.Name, entry.Description, entry.Source, new SamplerChange { Eta = 1 }.Faults(entry.Sampler).Count == 0))];
}

/// <summary>What samples can be drawn from, and how.</summary>
/// <param name="Models">The models.</param>
/// <param name="Samplers">The samplers.</param>
public sealed record Choices(IReadOnlyList<ModelChoice> Models, IReadOnlyList<SamplerOption> Samplers);
