using Diffusion.Math.Plans;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;

namespace Diffusion.Model.Sampling;

/// <summary>The plan that a request comes to for a model: the sampler of its recipe, as far as the request does not change it.</summary>
internal static class RequestedPlan
{
    /// <summary>The plan, what it is called without any edit, and what a person calls that.</summary>
    /// <exception cref="InputException">Settings do not fit the sampler, the model or the edit.</exception>
    public static (string Own, string Shown, SamplerPlan Plan) Of(TrainedModel model, SamplingRequest request)
    {
        if (request.Plan is PlanChoice.Given { Plan: var given })
            return request.Change == new SamplerChange() ? (given.Name, given.Name, EditedPlan(given, request.Edit))
                : throw new InputException("plan", "a plan and settings of a sampler", "either; a plan has its settings within");
        var (schedule, evaluation) = (model.Recipe.Schedule, model.Recipe.Evaluation);
        if (request.Change.Faults(evaluation.Sampler).FirstOrDefault() is { } fault)
        {
            var remedy = fault.Having.Length > 0 ? $"a sampler that has it: {fault.Having}" : "a value that the sampler takes";
            throw new InputException(fault.Setting, fault.Reason, remedy);
        }
        try
        {
            var choice = request.Change.Of(new(evaluation.Sampler, evaluation.Spacing), schedule);
            if (model.Recipe.MismatchOf(choice.Sampler) is not null)
                throw new InputException(
                    "sampler", "one that takes its variance from the network",
                    "one whose variance is fixed, such as ddpm: the model has learned none of that kind");
            if (request.Edit is { Share: < 1 } part)
                choice = choice with { Grid = new TimestepSpacing.Last(choice.Grid, part.Share) };
            var plan = choice.Plan(schedule);
            return (plan.Name, SamplerCatalogue.TextOf(choice.Sampler), request.Edit?.Rewritten(plan) ?? plan);
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(
                "sampler", $"a mismatch: {Sentence(mismatch)}", "a sampler and steps that fit the model's schedule", mismatch);
        }
    }

    /// <summary>The plan with a classifier's guidance; itself where there is none.</summary>
    /// <exception cref="InputException">The form of guidance does not fit the sampler.</exception>
    public static SamplerPlan Guided(SamplerPlan plan, SteeringChoice? steering)
    {
        try
        {
            return steering is null ? plan : steering.Steer(plan);
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException("classifier form", Sentence(mismatch), "the other form, or another sampler", mismatch);
        }
    }

    /// <summary>The step that an edit begins with: of a share of the steps, the last ones are taken, at least one.</summary>
    public static int FirstStepOf(SamplerPlan plan, ImageEdit edit) =>
        plan.Steps.Count - Max(1, (int)Ceiling(edit.Share * plan.Steps.Count - 1e-9));

    private static SamplerPlan EditedPlan(SamplerPlan plan, ImageEdit? edit)
    {
        try
        {
            return edit is null ? plan : edit.Rewritten(plan.StartingAt(FirstStepOf(plan, edit)));
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(
                "plan", $"one that cannot begin in the middle: {Sentence(mismatch)}",
                "a plan without memory, or an edit that begins with noise", mismatch);
        }
    }

    // Without the parameter's name, which .NET appends.
    private static string Sentence(ArgumentException mismatch) => mismatch.Message.Split(" (Parameter")[0].TrimEnd('.');
}
