using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;

namespace Diffusion.Model.Sampling;

/// <summary>A plan that a request gives whole, in place of a sampler and its levels. A closed union.</summary>
public abstract record PlanChoice
{
    private PlanChoice()
    {
    }

    /// <summary>The plan, checked against what the model was trained on.</summary>
    /// <exception cref="InputException">There is none, or it is for another schedule.</exception>
    internal abstract SamplerPlan For(TrainedModel model);

    /// <summary>One that a person names; a model makes the plan of it.</summary>
    /// <param name="Place">A file, or one of the model's own plans by its name or number of network calls.</param>
    public sealed record Named(string Place) : PlanChoice
    {
        internal override SamplerPlan For(TrainedModel model)
        {
            var (path, plan) = PlanPlace.Find(Place, model);
            return Fitting(plan, model, path);
        }
    }

    /// <summary>The plan itself.</summary>
    /// <param name="Plan">It keeps to <see cref="PlanLimits"/>.</param>
    public sealed record Given(SamplerPlan Plan) : PlanChoice
    {
        /// <summary>It keeps to <see cref="PlanLimits"/>.</summary>
        public SamplerPlan Plan { get; init => field = PlanLimits.Require(value); } = PlanLimits.Require(Plan);

        internal override SamplerPlan For(TrainedModel model) => Fitting(Plan, model, "plan");
    }

    private static SamplerPlan Fitting(SamplerPlan plan, TrainedModel model, string place)
    {
        if (PlanFit.MismatchOf(plan, model.Recipe.Schedule) is { } mismatch)
            throw new InputException(place, $"a plan of another schedule: {mismatch}", "a plan of the model's schedule");
        if (!model.Network.Shape.PredictsVariance
            && plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.DenoiseWithVariance)))
            throw new InputException(
                place, "a plan that takes its variance from the network", "one of a fixed variance: the model has learned none");
        return plan;
    }
}
