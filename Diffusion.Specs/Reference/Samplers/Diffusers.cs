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
        ["EulerDiscreteScheduler"] = settings => new Sampler.Euler(new Clipping.None()).Plan(settings.SigmaDescent()),
        ["EulerAncestralDiscreteScheduler"] = settings => new Sampler.EulerAncestral(1, new Clipping.None()).Plan(settings.SigmaDescent()),
        ["HeunDiscreteScheduler"] = settings => new Sampler.Heun(settings.Clipping()).Plan(settings.SigmaDescent()),
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
        settings.Clipping(),
        FinalNoise.AboveFirstLevel);

    private static Sampler.Ddim Ddim(DiffusersSettings settings)
    {
        var direction = settings.StepTruth("use_clipped_model_output") ? NoiseDirection.Rederived : NoiseDirection.Predicted;
        return new(settings.StepNumber("eta", 0), settings.Clipping(), direction);
    }

    private static Sampler.Lms Lms(DiffusersSettings settings) => new((int)settings.StepNumber("order", 4), new Clipping.None());

    private static Sampler.DpmMultistep Multistep(DiffusersSettings settings)
    {
        var (lower, euler) = (settings.Truth("lower_order_final") && settings.Count < 15, settings.Truth("euler_at_final"));
        var ending = lower ? Ending.LowerOrderFinal : euler ? Ending.LastOfOrderOne : Ending.Full;
        return new(settings.Integer("solver_order"), Form(settings), Rule(settings), ending, settings.Clipping());
    }

    private static Sampler.DpmSinglestep Singlestep(DiffusersSettings settings)
    {
        var order = settings.Integer("solver_order");
        var falls = settings.Truth("lower_order_final") || settings.Count % order != 0 || settings.Text("final_sigmas_type") == "zero";
        return new(order, Form(settings), Rule(settings), falls ? Ending.LowerOrderFinal : Ending.Full, settings.Clipping());
    }

    private static SamplerPlan UniPc(DiffusersSettings settings)
    {
        SolverVariable form = settings.Truth("predict_x0") ? new SolverVariable.Data() : new SolverVariable.Noise();
        var basis = settings.Text("solver_type") switch
        {
            "bh1" => UniPcBasis.Linear,
            "bh2" => UniPcBasis.Exponential,
            var other => throw new NotSupportedException($"solver_type '{other}'"),
        };
        var ending = settings.Truth("lower_order_final") ? Ending.LowerOrderFinal : Ending.Full;
        // What predicts the noise is not limited, whatever the settings say.
        var limit = settings.Clipping() is var wanted && form is SolverVariable.Data ? wanted : new Clipping.None();
        return new Sampler.UniPc(settings.Integer("solver_order"), form, basis, ending, limit)
            .Plan(settings.SolverDescent(), settings.Integers("disable_corrector"));
    }

    private static SolverVariable Form(DiffusersSettings settings) => settings.Text("algorithm_type") switch
    {
        "dpmsolver++" => new SolverVariable.Data(),
        "dpmsolver" => new SolverVariable.Noise(),
        "sde-dpmsolver++" => new SolverVariable.StochasticData(),
        "sde-dpmsolver" => new SolverVariable.StochasticNoise(),
        var other => throw new NotSupportedException($"algorithm_type '{other}'"),
    };

    private static SolverType Rule(DiffusersSettings settings) => settings.Text("solver_type") switch
    {
        "midpoint" => SolverType.Midpoint,
        "heun" => SolverType.Heun,
        var other => throw new NotSupportedException($"solver_type '{other}'"),
    };
}
