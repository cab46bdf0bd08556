using System.Text.Json.Nodes;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Files;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>How diffusers' pipelines of pixels draw: the times of a scheduler as a grid, and back.</summary>
internal static class DiffusersSampling
{
    /// <summary>The number of steps that every pipeline but <c>DDPMPipeline</c> takes when it is given none.</summary>
    public const int UsualSteps = 50;

    /// <summary>The classes that draw by the ancestral sampler.</summary>
    public static readonly string[] Ancestral = ["DDPMScheduler", "DDPMParallelScheduler"];

    /// <summary>The classes that draw by DDIM.</summary>
    public static readonly string[] Ddim = ["DDIMScheduler", "DDIMParallelScheduler"];

    /// <summary>The classes whose schedule and prediction say all of the training, but which draw by other samplers.</summary>
    public static readonly string[] Others =
    [
        "DPMSolverMultistepScheduler", "DPMSolverSinglestepScheduler", "DPMSolverSDEScheduler", "UniPCMultistepScheduler",
        "DEISMultistepScheduler", "EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler",
        "LMSDiscreteScheduler", "KDPM2DiscreteScheduler", "KDPM2AncestralDiscreteScheduler", "PNDMScheduler", "SASolverScheduler",
    ];

    // What those of the other samplers are given for their own way. Each is read by no one here: the sampler is another.
    private static readonly string[] OthersOwn =
    [
        "algorithm_type", "corrector_order", "disable_corrector", "euler_at_final", "final_sigmas_type", "interpolation_type",
        "lambda_min_clipped", "lower_order_final", "noise_sampler_seed", "predict_x0", "predictor_order", "sigma_max", "sigma_min",
        "skip_prk_steps", "solver_order", "solver_p", "solver_type", "tau_func", "timestep_type", "use_beta_sigmas",
        "use_exponential_sigmas", "use_karras_sigmas", "use_lu_lambdas",
    ];

    /// <summary>The classes that can be taken in, in words.</summary>
    public const string Wanted = "DDPMScheduler, DDIMScheduler or another class with betas, such as DPMSolverMultistepScheduler, "
        + "or EDMEulerScheduler";

    /// <summary>Every class that can be taken in.</summary>
    public static string[] Classes => [.. Ancestral, .. Ddim, .. Others];

    /// <summary>
    /// Refuses settings of the other classes that make the schedule another one, and passes over those of their samplers.
    /// </summary>
    /// <exception cref="InputException">The noise is not that of the betas.</exception>
    public static void CheckOthers(DiffusersConfig config)
    {
        foreach (var flow in new[] { "use_flow_sigmas", "use_dynamic_shifting" })
            if (config.Truth(flow, false))
                throw config.Refusal(flow, "false: the noise of a flow is not that of the betas");
        config.MustBeNull("shift_terminal");
        config.Ignore("flow_shift", "time_shift_type");
        config.Ignore(OthersOwn);
    }

    /// <summary>The times that a scheduler visits in so many steps.</summary>
    /// <param name="config">Its configuration.</param>
    /// <param name="levels">The levels of its schedule.</param>
    /// <param name="count">The number of steps; all levels where there are fewer.</param>
    /// <param name="isOwn">Whether its sampler is taken as well: then its steps go equally far down, as they do there.</param>
    /// <exception cref="InputException">The first time would be beyond the last level.</exception>
    public static TimestepSpacing Read(DiffusersConfig config, int levels, int count, bool isOwn)
    {
        var spacing = config.Choice(
            "timestep_spacing", ("leading", Spacing.Leading), ("trailing", Spacing.Trailing), ("linspace", Spacing.Linspace));
        var offset = config.Whole("steps_offset", 0);
        if (offset < 0)
            throw config.Refusal("steps_offset", "0 or more");
        var steps = Min(count, levels);
        var last = (steps - 1) * (levels / steps) + offset;
        if (spacing == Spacing.Leading && steps < levels && last >= levels)
            throw config.Refusal(
                "steps_offset", $"at most {offset - (last - levels + 1)}, so that {steps} steps begin within the {levels} levels");
        if (offset > 0 && (spacing != Spacing.Leading || steps == levels))
            config.Note($"steps_offset = {offset} is ignored: " +
                $"{(steps == levels ? "all levels are visited" : $"the spacing {config.Text("timestep_spacing")} has none")}");
        return spacing switch
        {
            Spacing.Leading => steps == levels ? new TimestepSpacing.All() : new TimestepSpacing.Leading(steps, offset),
            Spacing.Trailing => levels % steps == 0 || !isOwn
                ? new TimestepSpacing.Trailing(steps)
                : new TimestepSpacing.FixedStride(new TimestepSpacing.Trailing(steps)),
            _ => steps == levels || !isOwn
                ? new TimestepSpacing.Linspace(steps)
                : new TimestepSpacing.FixedStride(new TimestepSpacing.Linspace(steps)),
        };
    }

    /// <summary>Writes the times of a grid, as far as the library has words for them.</summary>
    public static void Write(TimestepSpacing grid, JsonObject config)
    {
        var (spacing, offset, _) = Described(grid) ?? (Spacing.Leading, 0, null);
        config["steps_offset"] = offset;
        config["timestep_spacing"] = spacing.ToString().ToLowerInvariant();
    }

    /// <summary>Whether the grid ends at the least noisy level.</summary>
    public static bool EndsNoisy(TimestepSpacing grid) =>
        grid is TimestepSpacing.ToFirstLevel || (grid is TimestepSpacing.FixedStride { Grid: var inner } && EndsNoisy(inner));

    /// <summary>What the library will do otherwise than a run, in sentences.</summary>
    public static IEnumerable<string> Losses(NoiseSchedule.Discrete schedule, Sampler sampler, TimestepSpacing grid)
    {
        var implicitly = sampler is Sampler.Ddim;
        var described = Described(grid);
        if (described is not { } words)
            yield return $"the run visits the times of {grid}, for which diffusers has no spacing: its scheduler will space " +
                "them as \"leading\"";
        else if ((words.Steps ?? schedule.Steps) is var steps && steps != Min(implicitly ? UsualSteps : 1000, schedule.Steps))
            yield return $"the run draws in {steps} steps: call the pipeline with num_inference_steps={steps}";
        if (!implicitly && EndsNoisy(grid))
            yield return "the run ends at the least noisy level, which diffusers' DDPMScheduler does not: it goes to clean data";
        if (sampler is not Sampler.Ddim ddim)
            yield break;
        if (ddim.Eta != 0)
            yield return FormattableString.Invariant($"the run draws with eta = {ddim.Eta}: call the pipeline with eta={ddim.Eta}");
        if (ddim.Direction == NoiseDirection.Rederived && ddim.Clipping is not Clipping.None)
            yield return "the run derives the noise from the limited estimate: call the pipeline with use_clipped_model_output=True";
        if (grid is TimestepSpacing.Trailing or TimestepSpacing.Linspace && grid.Over(schedule).Count is var count && count < schedule.Steps
            && (grid is TimestepSpacing.Linspace || schedule.Steps % count != 0))
            yield return $"every step of diffusers' DDIMScheduler goes {schedule.Steps / count} levels down, whatever the " +
                "distance of the times that it visits";
    }

    private static (Spacing Spacing, int Offset, int? Steps)? Described(TimestepSpacing grid) => grid switch
    {
        TimestepSpacing.All => (Spacing.Leading, 0, null),
        TimestepSpacing.Leading leading => (Spacing.Leading, leading.Offset, leading.Count),
        TimestepSpacing.Trailing trailing => (Spacing.Trailing, 0, trailing.Count),
        TimestepSpacing.Linspace linspace => (Spacing.Linspace, 0, linspace.Count),
        TimestepSpacing.FixedStride strided => Described(strided.Grid),
        TimestepSpacing.ToFirstLevel ended => Described(ended.Grid),
        _ => null,
    };

    private enum Spacing
    {
        Leading,
        Trailing,
        Linspace,
    }
}
