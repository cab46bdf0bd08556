using System.Globalization;
using System.Text.Json;
using Diffusion.Math.Likelihood;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Likelihood;
using Diffusion.Model.Networks;

namespace Diffusion.Host.Measuring;

/// <summary>
/// How the bound of a trained model is measured, settled before any work: the recipe's own chain, and what a person asked for.
/// </summary>
/// <param name="Model">The model; not owned.</param>
/// <param name="Measurement">The bound.</param>
/// <param name="TellsLabels">Whether the network is conditioned on the images' labels: the bound is then on log p(x_0 | label).</param>
/// <param name="Seed">What the noise follows from.</param>
internal sealed record LikelihoodSetup(TrainedModel Model, BoundMeasurement Measurement, bool TellsLabels, ulong Seed)
{
    /// <summary>Settles it.</summary>
    /// <param name="path">What a person called the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="InputException">The model has no such bound, or the images are not such as it makes.</exception>
    public static LikelihoodSetup Of(string path, TrainedModel model, EvaluationInput.OfOneSize images, LikelihoodOptions options)
    {
        RefuseUnlessOfShape(model, images);
        return new(model, MeasurementOf(path, model, options), Tells(model, images), options.Seed ?? model.Recipe.Seed);
    }

    /// <summary>The bound of any image that is such as the model makes.</summary>
    /// <param name="path">What a person called the model.</param>
    /// <param name="model">The model.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="InputException">The model has no such bound.</exception>
    public static BoundMeasurement MeasurementOf(string path, TrainedModel model, LikelihoodOptions options)
    {
        var recipe = model.Recipe;
        var schedule = recipe.Schedule as NoiseSchedule.Discrete
            ?? throw new InputException(
                path, "a continuous noise schedule", "a chain of T steps, which is what the variational bound is a sum over");
        var sampler = recipe.Evaluation.Sampler as Sampler.Ancestral;
        if (sampler?.Clipping is Clipping.Dynamic)
            throw new InputException(path, "a sampler with dynamic thresholding", "limits that hold for single numbers: clipping or none");
        var variance = options.Variance ?? recipe.Variance ?? sampler?.Variance ?? new Variance.Small();
        return new(recipe, new(schedule, variance, new PixelLikelihood.Exact()), sampler?.Clipping ?? new Clipping.Clip(),
            Times(schedule, options), new Seed(options.Seed ?? recipe.Seed).For("likelihood"));
    }

    /// <summary>Everything that the numbers depend on beside the images, by name.</summary>
    public IEnumerable<(string Name, string Text)> Facts
    {
        get
        {
            var (recipe, times) = (Model.Recipe, Measurement.Times);
            yield return ("recipe", recipe.Name);
            yield return ("step", Whole(Model.Updates));
            yield return ("ema", EmaText.Of(recipe.Ema[0]));
            yield return ("levels", times.Evaluated == times.Steps ? $"all {Whole(times.Steps)}"
                : string.Create(CultureInfo.InvariantCulture, $"{times.Evaluated} of {times.Steps}; the chain's sum is an unbiased " +
                    $"estimate, {times.Steps - 1}/{times.Evaluated - 1} times that of {times.Evaluated - 1} terms"));
            yield return ("schedule", RecipeOutline.TextOf(recipe.Schedule));
            yield return ("variance", JsonNamingPolicy.CamelCase.ConvertName(Measurement.Bound.Variance.GetType().Name));
            yield return ("limit", Measurement.Clipping is Clipping.Clip clip
                ? string.Create(CultureInfo.InvariantCulture, $"clipped to ±{clip.Bound}") : "none");
            yield return ("labels", TellsLabels ? "given" : Model.Classes is null ? "none" : "not given");
            yield return ("precision", recipe.Precision.ToString().ToLowerInvariant());
            yield return ("seed", Seed.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static VlbTimes Times(NoiseSchedule.Discrete schedule, LikelihoodOptions options)
    {
        if (options.Levels is not { } levels)
            return VlbTimes.All(schedule.Steps);
        if (levels > schedule.Steps)
            throw new InputException("--levels", Whole(levels), $"no more than the {Whole(schedule.Steps)} of the model");
        return new(schedule.Steps, levels);
    }

    private static void RefuseUnlessOfShape(TrainedModel model, EvaluationInput.OfOneSize images)
    {
        var (found, network) = (images.Source.Provenance.Shape, model.Recipe.Network);
        if (found.Channels != network.InputChannels || (model.Shape is { } shape && found != shape))
            throw new InputException(images.Name, $"images of {found}",
                model.Shape is { } made ? $"{made} as the model makes" : $"{network.InputChannels} channels as the model makes");
    }

    private static bool Tells(TrainedModel model, EvaluationInput.OfOneSize images)
    {
        if (model.Classes is not { } classes)
            return false;
        var known = images.Source.Provenance.Description.ClassNames.Count;
        return known == classes || (model.Recipe.Network.Labels!.Null == NullLabel.Learned
            ? false
            : throw new InputException(
                images.Name, $"images of {Whole(known)} classes", $"the {Whole(classes)} classes of the model, which requires a label"));
    }

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);
}
