using System.Text.Json.Nodes;
using Diffusion.Math.Numerics;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Files;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>What diffusers' <c>scheduler_config.json</c> says, and back.</summary>
/// <remarks>
/// The samplers are those that its pipelines of pixels use. Of every other class schedule and prediction are taken, and DDIM draws.
/// </remarks>
/// <param name="Schedule">The schedule.</param>
/// <param name="Prediction">What the network predicts.</param>
/// <param name="Sampler">The sampler.</param>
/// <param name="Grid">The times that it visits when it is given no number of steps.</param>
public sealed record DiffusersScheduler(NoiseSchedule.Discrete Schedule, Prediction Prediction, Sampler Sampler, TimestepSpacing Grid)
{
    // A schedule is a table in memory.
    private const int MostSteps = 1_000_000;

    /// <summary>The variance that the network must have learned; null for none.</summary>
    public Variance.Learned? Learned { get; init; }

    internal static DiffusersScheduler Read(DiffusersConfig config)
    {
        var name = config.Text("_class_name") ?? "DDPMScheduler";
        if (!DiffusersSampling.Classes.Contains(name))
            throw config.Refusal("_class_name", DiffusersSampling.Wanted);
        var (isAncestral, isOther) = (DiffusersSampling.Ancestral.Contains(name), DiffusersSampling.Others.Contains(name));
        var schedule = ScheduleOf(config, name);
        var prediction = config.Choice<Prediction>("prediction_type", ("epsilon", new Prediction.Noise()),
            ("sample", new Prediction.Clean()), ("v_prediction", new Prediction.Velocity()));
        // As the setting was called in 2022.
        if (config.Has("predict_epsilon") && !config.Truth("predict_epsilon", true))
            prediction = new Prediction.Clean();
        var limit = LimitOf(config, !isOther);
        var variance = VarianceOf(config, isOther);
        var grid = DiffusersSampling.Read(config, schedule.Steps, isAncestral ? schedule.Steps : DiffusersSampling.UsualSteps, !isOther);
        if (!config.Truth("set_alpha_to_one", true))
        {
            if (isAncestral)
                config.Note("set_alpha_to_one = false is ignored: this class always ends at clean data");
            else
                grid = new TimestepSpacing.ToFirstLevel(grid);
        }
        // Relics of 2022.
        config.Ignore("tensor_format", "timestep_values", "predict_epsilon");
        if (isOther)
        {
            DiffusersSampling.CheckOthers(config);
            config.Note($"schedule and prediction of {name} are imported, its sampler is not: the run samples with ddim in " +
                $"{Min(DiffusersSampling.UsualSteps, schedule.Steps)} steps by default");
        }
        config.Complete();
        return new(
            schedule, prediction, isAncestral ? new Sampler.Ancestral(variance ?? new Variance.Small(), limit)
                : new Sampler.Ddim(0, limit, NoiseDirection.Predicted), grid)
        {
            Learned = variance as Variance.Learned,
        };
    }

    // from_config of diffusers hands a DDPMScheduler's fixed variance on to classes that have no use for it.
    private static Variance? VarianceOf(DiffusersConfig config, bool isOther) => isOther && config.IsNull("variance_type")
        ? null
        : config.Choice<Variance>(
            "variance_type",
            ("fixed_small", new Variance.Small()), ("fixed_small_log", new Variance.Small()), ("fixed_large", new Variance.Large()),
            ("learned_range", new Variance.LearnedRange()));

    /// <summary>The configuration of a <c>DDIMScheduler</c> where the sampler is that one, else of a <c>DDPMScheduler</c>.</summary>
    /// <param name="learned">The variance that the network learned; null for none.</param>
    /// <exception cref="InputException">Schedule, prediction or variance cannot be expressed.</exception>
    public JsonObject ToJson(Variance? learned = null)
    {
        var rescaled = Schedule as NoiseSchedule.ZeroTerminalSnr;
        var limit = Sampler switch
        {
            Sampler.Ancestral ancestral => ancestral.Clipping,
            Sampler.Ddim ddim => ddim.Clipping,
            _ => new Clipping.Clip(),
        };
        var isDdim = ClassName(learned) == DiffusersSampling.Ddim[0];
        var config = new JsonObject
        {
            ["_class_name"] = ClassName(learned),
            ["_diffusers_version"] = DiffusersFolder.Version,
            ["clip_sample"] = limit is Clipping.Clip,
            ["clip_sample_range"] = limit is Clipping.Clip clip ? clip.Bound : 1.0,
            ["num_train_timesteps"] = Schedule.Steps,
            ["prediction_type"] = Prediction switch
            {
                Prediction.Noise => "epsilon",
                Prediction.Clean => "sample",
                Prediction.Velocity => "v_prediction",
                _ => throw new InputException(
                    "prediction", Prediction.ToString(), "noise, clean or velocity, which diffusers' schedulers know"),
            },
            ["rescale_betas_zero_snr"] = rescaled is not null,
            ["thresholding"] = limit is Clipping.Dynamic,
        };
        if (isDdim)
            config["set_alpha_to_one"] = !DiffusersSampling.EndsNoisy(Grid);
        else
            config["variance_type"] = VarianceName(learned);
        DiffusersSampling.Write(Grid, config);
        if (limit is Clipping.Dynamic dynamic)
            (config["dynamic_thresholding_ratio"], config["sample_max_value"]) = (dynamic.Quantile.Fraction, dynamic.Quantile.Ceiling);
        WriteBetas(rescaled?.Base ?? Schedule, config);
        return config;
    }

    /// <summary>What diffusers will do otherwise than a run, in sentences.</summary>
    /// <param name="learned">The variance that the network learned; null for none.</param>
    public IEnumerable<string> Losses(Variance? learned = null) =>
        ClassName(learned) == DiffusersSampling.Ddim[0] || Sampler is Sampler.Ancestral
            ? DiffusersSampling.Losses(Schedule, Sampler, Grid)
            : [];

    /// <summary>The class that draws as the sampler does. With a variance that the network has learned only one can.</summary>
    internal string ClassName(Variance? learned) =>
        Sampler is Sampler.Ddim && learned is null ? DiffusersSampling.Ddim[0] : DiffusersSampling.Ancestral[0];

    private static NoiseSchedule.Discrete ScheduleOf(DiffusersConfig config, string name)
    {
        // The defaults of the classes that came with latent models.
        var isLatent = name is "HeunDiscreteScheduler"
            or "KDPM2DiscreteScheduler" or "KDPM2AncestralDiscreteScheduler" or "DPMSolverSDEScheduler";
        var (count, first, last) = (config.Whole("num_train_timesteps", 1000), config.Number("beta_start", isLatent ? 0.00085 : 1e-4),
            config.Number("beta_end", isLatent ? 0.012 : 0.02));
        if (count > MostSteps)
            throw config.Refusal("num_train_timesteps", $"at most {MostSteps} steps");
        var named = config.Choice<Func<NoiseSchedule.Discrete>>("beta_schedule",
            ("linear", () => new NoiseSchedule.Linear(count, first, last)),
            ("scaled_linear", () => new NoiseSchedule.Quadratic(count, first, last)),
            ("squaredcos_cap_v2", () => new NoiseSchedule.Cosine(count)),
            // The cumulative product is e^(-12u): each step the same.
            ("exp", () => new NoiseSchedule.Constant(count, Min(-Special.Expm1(-12.0 / count), 0.999))),
            ("sigmoid", () => new NoiseSchedule.SigmoidBeta(count, first, last)));
        return config.Built("betas of a schedule", () =>
        {
            var betas = config.List("trained_betas") is { } given
                ? new NoiseSchedule.ExplicitBetas([.. given.Select(beta => beta.GetDouble())])
                : named();
            return config.Truth("rescale_betas_zero_snr", false) ? new NoiseSchedule.ZeroTerminalSnr(betas) : betas;
        });
    }

    private static Clipping LimitOf(DiffusersConfig config, bool otherwiseClips)
    {
        var (thresholds, clips) = (config.Truth("thresholding", false), config.Truth("clip_sample", otherwiseClips));
        var (fraction, ceiling) = (config.Number("dynamic_thresholding_ratio", 0.995), config.Number("sample_max_value", 1));
        var range = config.Number("clip_sample_range", 1);
        return config.Built<Clipping>("a limit of samples", () =>
            thresholds ? new Clipping.Dynamic(new Quantile(fraction, ceiling)) : clips ? new Clipping.Clip(range) : new Clipping.None());
    }

    // A network with a learned variance cannot be sampled by diffusers with another.
    private string VarianceName(Variance? learned) => (learned ?? (Sampler as Sampler.Ancestral)?.Variance ?? new Variance.Large()) switch
    {
        Variance.Small => "fixed_small",
        Variance.Large => "fixed_large",
        Variance.LearnedRange => "learned_range",
        var other => throw new InputException(
            "variance", other.ToString(), "one between that of the posterior and that of the forward step"),
    };

    private static void WriteBetas(NoiseSchedule.Discrete schedule, JsonObject config)
    {
        var (name, first, last) = schedule switch
        {
            NoiseSchedule.Linear linear => ("linear", linear.First, linear.Last),
            NoiseSchedule.Quadratic quadratic => ("scaled_linear", quadratic.First, quadratic.Last),
            NoiseSchedule.SigmoidBeta sigmoid => ("sigmoid", sigmoid.First, sigmoid.Last),
            NoiseSchedule.Cosine cosine when cosine == new NoiseSchedule.Cosine(cosine.Count) => ("squaredcos_cap_v2", 1e-4, 0.02),
            NoiseSchedule.Respaced =>
                throw new InputException("schedule", schedule.ToString(), "one whose times are those of its own levels"),
            _ => ("", 1e-4, 0.02),
        };
        (config["beta_schedule"], config["beta_start"], config["beta_end"]) = (name.Length > 0 ? name : "linear", first, last);
        config["trained_betas"] = name.Length > 0 ? null : new JsonArray([.. schedule.Betas.Select(beta => (JsonNode)beta)]);
    }
}
