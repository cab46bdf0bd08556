using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>Schedulers of diffusers v0.30.3 as samplers, schedules and grids. Settings that nothing here reads make a case fail.</summary>
public static class Diffusers
{
    private delegate SamplerPlan Planner(DiffusersSettings settings);

    private static readonly Dictionary<string, Planner> Classes = new()
    {
        ["DDPMScheduler"] = settings => Ancestral(settings).Plan(settings.Schedule, settings.StridedGrid()),
        ["DDIMScheduler"] = settings => Ddim(settings).Plan(settings.Schedule, settings.StridedGrid()),
        ["EulerDiscreteScheduler"] = settings => new Sampler.Euler(new Limit.None()).Plan(settings.SigmaDescent()),
        ["EulerAncestralDiscreteScheduler"] = settings => new Sampler.EulerAncestral(1, new Limit.None()).Plan(settings.SigmaDescent()),
        ["HeunDiscreteScheduler"] = settings => new Sampler.Heun(settings.Limit()).Plan(settings.SigmaDescent()),
        ["LMSDiscreteScheduler"] = settings => Lms(settings).Plan(settings.SigmaDescent()),
        ["DPMSolverMultistepScheduler"] = settings => Multistep(settings).Plan(settings.SolverDescent()),
        ["DPMSolverSinglestepScheduler"] = settings => Singlestep(settings).Plan(settings.SolverDescent()),
        ["UniPCMultistepScheduler"] = UniPc,
    };

    public static PeerRun Of(ReferenceObject item)
    {
        var settings = new DiffusersSettings(item);
        var name = item.Text("class");
        if (!Classes.TryGetValue(name, out var planner))
            throw new NotSupportedException($"{item.Path}: class '{name}'");
        var plan = planner(settings);
        var prediction = settings.Prediction;
        settings.Complete();
        return new(plan, prediction, name == "HeunDiscreteScheduler" ? Rows.GuessAndResult : Rows.Result, settings.NativeTolerance);
    }

    /// <summary>The plan of the peer's newer version, which takes the next time of the list as the step's end.</summary>
    public static SamplerPlan Newer(ReferenceObject item)
    {
        var settings = new DiffusersSettings(item);
        return item.Text("class") == "DDPMScheduler"
            ? Ancestral(settings).Plan(settings.Schedule, settings.Spacing())
            : throw new NotSupportedException($"{item.Path}: a newer version of '{item.Text("class")}'");
    }

    private static Sampler.Ancestral Ancestral(DiffusersSettings settings) => new(
        settings.Text("variance_type") switch
        {
            "fixed_small" or "fixed_small_log" => new Variance.Small(),
            "fixed_large" => new Variance.Large(),
            "learned_range" => new Variance.LearnedRange(),
            var other => throw new NotSupportedException($"variance_type '{other}'"),
        },
        settings.Limit(),
        FinalNoise.AboveFirstLevel);

    private static Sampler.Ddim Ddim(DiffusersSettings settings)
    {
        var direction = settings.StepTruth("use_clipped_model_output") ? NoiseDirection.Rederived : NoiseDirection.Predicted;
        return new(settings.StepNumber("eta", 0), settings.Limit(), direction);
    }

    private static Sampler.Lms Lms(DiffusersSettings settings) => new((int)settings.StepNumber("order", 4), new Limit.None());

    private static Sampler.DpmMultistep Multistep(DiffusersSettings settings)
    {
        var (lower, euler) = (settings.Truth("lower_order_final") && settings.Count < 15, settings.Truth("euler_at_final"));
        var ending = lower ? Ending.Falling : euler ? Ending.LastOfOrderOne : Ending.Full;
        return new(settings.Integer("solver_order"), Form(settings), Rule(settings), ending, settings.Limit());
    }

    private static Sampler.DpmSinglestep Singlestep(DiffusersSettings settings)
    {
        var order = settings.Integer("solver_order");
        var falls = settings.Truth("lower_order_final") || settings.Count % order != 0 || settings.Text("final_sigmas_type") == "zero";
        return new(order, Form(settings), Rule(settings), falls ? Ending.Falling : Ending.Full, settings.Limit());
    }

    private static SamplerPlan UniPc(DiffusersSettings settings)
    {
        SolverForm form = settings.Truth("predict_x0") ? new SolverForm.Data() : new SolverForm.Noise();
        var basis = settings.Text("solver_type") switch
        {
            "bh1" => UniPcBasis.Linear,
            "bh2" => UniPcBasis.Exponential,
            var other => throw new NotSupportedException($"solver_type '{other}'"),
        };
        var ending = settings.Truth("lower_order_final") ? Ending.Falling : Ending.Full;
        // What predicts the noise is not limited, whatever the settings say.
        var limit = settings.Limit() is var wanted && form is SolverForm.Data ? wanted : new Limit.None();
        return new Sampler.UniPc(settings.Integer("solver_order"), form, basis, ending, limit)
            .Plan(settings.SolverDescent(), settings.Integers("disable_corrector"));
    }

    private static SolverForm Form(DiffusersSettings settings) => settings.Text("algorithm_type") switch
    {
        "dpmsolver++" => new SolverForm.Data(),
        "dpmsolver" => new SolverForm.Noise(),
        "sde-dpmsolver++" => new SolverForm.StochasticData(),
        "sde-dpmsolver" => new SolverForm.StochasticNoise(),
        var other => throw new NotSupportedException($"algorithm_type '{other}'"),
    };

    private static SolverRule Rule(DiffusersSettings settings) => settings.Text("solver_type") switch
    {
        "midpoint" => SolverRule.Midpoint,
        "heun" => SolverRule.Heun,
        var other => throw new NotSupportedException($"solver_type '{other}'"),
    };
}
