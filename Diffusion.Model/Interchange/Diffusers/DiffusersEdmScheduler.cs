using System.Text.Json.Nodes;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>
/// The configuration of diffusers' schedulers for networks under the preconditioning of EDM, <c>EDMEulerScheduler</c> and
/// <c>EDMDPMSolverMultistepScheduler</c>, and back. The facts are those of versions 0.30.3 and 0.40.
/// </summary>
/// <remarks>
/// Both scale the state by c_in, give the network ¼·ln σ as its time and read x̂_0 = c_skip·x + c_out·F (Karras et al. 2022, Table 1), as
/// <see cref="Prediction.Preconditioned"/> does. So what is made of a noisy image is the same there and here, whatever draws.
/// </remarks>
/// <param name="Schedule">The noise that is visited.</param>
/// <param name="DataSigma">σ_data, the standard deviation of the data.</param>
/// <param name="Sampler">The sampler.</param>
/// <param name="Grid">The noise that it visits when it is given no number of steps.</param>
public sealed record DiffusersEdmScheduler(NoiseSchedule.Edm Schedule, double DataSigma, Sampler Sampler, TimestepSpacing Grid)
{
    private const string Euler = "EDMEulerScheduler";
    private const string Multistep = "EDMDPMSolverMultistepScheduler";
    private const double UsualRho = 7;

    /// <summary>The classes.</summary>
    public static readonly string[] Classes = [Euler, Multistep];

    /// <summary>Whether the last convolution of the network has the other sign there: <c>v_prediction</c> reads −F.</summary>
    public bool IsNegated { get; init; }

    /// <summary>How many steps the run takes; those of the library where it is given no number are not a setting there.</summary>
    public int Steps { get; init; } = DiffusersSampling.UsualSteps;

    /// <summary>The scheduler of a run, whose samples its network can be asked for there; null for another prediction.</summary>
    /// <exception cref="InputException">The run has what these schedulers have no words for; the message names it.</exception>
    public static DiffusersEdmScheduler? Of(Recipe recipe)
    {
        if (recipe.Prediction is not Prediction.Preconditioned prediction)
            return null;
        if (recipe.Variance is Variance.Learned)
            throw new InputException("variance", "a learned one", "a fixed one: diffusers' schedulers of EDM read none");
        var grid = recipe.Evaluation.Spacing;
        var (least, most) = grid is TimestepSpacing.KarrasWithin within ? (within.Low, within.High) : (
            recipe.Schedule.At(recipe.Schedule.FirstTime).NoiseToSignal, recipe.Schedule.At(recipe.Schedule.LastTime).NoiseToSignal);
        return least > 0 && most > least && double.IsFinite(most)
            ? new(new(least, most), prediction.DataSigma, recipe.Evaluation.Sampler, grid) { Steps = grid.Over(recipe.Schedule).Count }
            : throw new InputException("schedule", RecipeOutline.TextOf(recipe.Schedule), "one whose noise begins above 0 and has an end");
    }

    internal static DiffusersEdmScheduler Read(DiffusersConfig config)
    {
        var isEuler = config.Choice("_class_name", (Euler, true), (Multistep, false));
        var (least, most) = (config.Number("sigma_min", 0.002), config.Number("sigma_max", 80));
        var (data, rho) = (config.Number("sigma_data", 0.5), config.Number("rho", UsualRho));
        var isNegated = config.Choice("prediction_type", ("epsilon", false), ("v_prediction", true));
        var spreads = config.Choice<Func<TimestepSpacing>>("sigma_schedule",
            ("karras", () => new TimestepSpacing.Karras(DiffusersSampling.UsualSteps, rho)),
            ("exponential", () => new TimestepSpacing.LogSnr(DiffusersSampling.UsualSteps)));
        var ends = config.Choice<Func<TimestepSpacing, TimestepSpacing>>("final_sigmas_type",
            ("zero", grid => grid), ("sigma_min", grid => new TimestepSpacing.ToFirstLevel(grid)));
        // How many levels there are until a number of steps is asked for.
        config.Ignore("num_train_timesteps");
        var sampler = isEuler ? new Sampler.Euler(new Clipping.None()) : SolverOf(config);
        config.Complete();
        return config.Built("a range of noise", () =>
            new DiffusersEdmScheduler(new(least, most), new Prediction.Preconditioned(data).DataSigma, sampler, ends(spreads()))
            {
                IsNegated = isNegated,
            });
    }

    /// <summary>What a scheduler says of a network, as its recipe.</summary>
    public Recipe Complete(Recipe recipe) => recipe with
    {
        Schedule = Schedule,
        Prediction = new Prediction.Preconditioned(DataSigma),
        NoiseLevels = new NoiseLevelDistribution.LogNormalSigma(),
        Weight = new LossWeight.Edm(DataSigma),
        Evaluation = recipe.Evaluation with { Sampler = Sampler, Spacing = Grid },
    };

    /// <summary>The class that draws as the sampler does, or nearly.</summary>
    public string ClassName => Written is Sampler.Euler ? Euler : Multistep;

    /// <summary>Every argument of the class.</summary>
    public JsonObject ToJson()
    {
        var config = new JsonObject
        {
            ["_class_name"] = ClassName,
            ["_diffusers_version"] = DiffusersFolder.Version,
            ["final_sigmas_type"] = DiffusersSampling.EndsNoisy(Grid) ? "sigma_min" : "zero",
            ["num_train_timesteps"] = 1000,
            ["prediction_type"] = IsNegated ? "v_prediction" : "epsilon",
            ["rho"] = Spread is TimestepSpacing.Karras karras ? karras.Rho : UsualRho,
            ["sigma_data"] = DataSigma,
            ["sigma_max"] = Schedule.SigmaMax,
            ["sigma_min"] = Schedule.SigmaMin,
            ["sigma_schedule"] = Spread is TimestepSpacing.LogSnr ? "exponential" : "karras",
        };
        if (Written is not Sampler.DpmMultistep solver)
            return config;
        var threshold = solver.Clipping as Clipping.Dynamic;
        config["algorithm_type"] = solver.Form is SolverVariable.StochasticData ? "sde-dpmsolver++" : "dpmsolver++";
        config["dynamic_thresholding_ratio"] = threshold?.Quantile.Fraction ?? 0.995;
        config["euler_at_final"] = solver.Ending == Ending.LastOfOrderOne;
        config["lower_order_final"] = solver.Ending == Ending.LowerOrderFinal;
        config["sample_max_value"] = threshold?.Quantile.Ceiling ?? 1;
        config["solver_order"] = solver.Order;
        config["solver_type"] = solver.Rule == SolverType.Midpoint ? "midpoint" : "heun";
        config["thresholding"] = threshold is not null;
        return config;
    }

    /// <summary>What diffusers will do otherwise than a run, in sentences.</summary>
    public IEnumerable<string> Losses()
    {
        yield return "no pipeline of diffusers draws with such a network: load unet and scheduler by their folders, as docs/import.md "
            + "shows";
        var (own, written) = (SamplerCatalogue.TextOf(Sampler), SamplerCatalogue.TextOf(Written));
        if (own != written)
            yield return $"the run samples with {own}; the exported {ClassName} draws as {written} does";
        else if (Written.Clipping != Sampler.Clipping)
            yield return $"the run limits its estimates of the clean image, which the exported {ClassName} does not";
        else if (Written != Sampler)
            yield return $"the exported {ClassName} weighs differences as published, which the run does not";
        if (Spread is null)
            yield return $"the run visits the times of {Grid}, for which {ClassName} has no words: it will space them as Karras et al. do";
        yield return $"the run draws in {Steps} steps: call the scheduler with set_timesteps({Steps})";
    }

    // What the configuration says of the sampler.
    private Sampler Written => Sampler switch
    {
        Sampler.Euler euler => euler with { Clipping = new Clipping.None() },
        Sampler.DpmMultistep { Form: SolverVariable.Data or SolverVariable.StochasticData } solver => solver with
        {
            Rule = solver.Rule == SolverType.Interpolating ? SolverType.Heun : solver.Rule,
            Clipping = solver.Clipping is Clipping.Dynamic limit ? limit : new Clipping.None(),
        },
        _ => SamplerCatalogue.Find("dpm++2m")!.Sampler,
    };

    // The grid in the library's words; null where it has none.
    private TimestepSpacing? Spread => (Grid is TimestepSpacing.ToFirstLevel ended ? ended.Grid : Grid) switch
    {
        TimestepSpacing.KarrasWithin within => new TimestepSpacing.Karras(within.Count, within.Rho),
        TimestepSpacing.Karras or TimestepSpacing.LogSnr => Grid is TimestepSpacing.ToFirstLevel inner ? inner.Grid : Grid,
        _ => null,
    };

    private static Sampler SolverOf(DiffusersConfig config)
    {
        var (order, form) = (config.Whole("solver_order", 2), config.Choice<SolverVariable>("algorithm_type",
            ("dpmsolver++", new SolverVariable.Data()), ("sde-dpmsolver++", new SolverVariable.StochasticData())));
        var rule = config.Choice("solver_type", ("midpoint", SolverType.Midpoint), ("heun", SolverType.Heun));
        // With 15 steps and more only the last one, which goes to clean data, is of a lower order there.
        var (lowers, isLast) = (config.Truth("lower_order_final", true), config.Truth("euler_at_final", false));
        var ending = isLast ? Ending.LastOfOrderOne : lowers && order < 3 ? Ending.LowerOrderFinal : Ending.Full;
        var (fraction, ceiling) = (config.Number("dynamic_thresholding_ratio", 0.995), config.Number("sample_max_value", 1));
        var limits = config.Truth("thresholding", false);
        return config.Built("a solver", () => new Sampler.DpmMultistep(
            order, form, rule, ending, limits ? new Clipping.Dynamic(new Quantile(fraction, ceiling)) : new Clipping.None()));
    }
}
