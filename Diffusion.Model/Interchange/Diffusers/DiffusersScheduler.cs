using System.Text.Json.Nodes;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Files;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>What diffusers' <c>scheduler_config.json</c> says, of the two samplers that its pipelines of pixels use, and back.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Prediction">What the network predicts.</param>
/// <param name="Sampler">The sampler.</param>
/// <param name="Grid">The times that it visits when it is told no number of steps.</param>
public sealed record DiffusersScheduler(NoiseSchedule.Discrete Schedule, Prediction Prediction, Sampler Sampler, TimestepSpacing Grid)
{
    private const int DdimSteps = 50;

    // A schedule is a table in memory.
    private const int MostSteps = 1_000_000;

    internal static DiffusersScheduler Read(DiffusersConfig config)
    {
        var isDdim = config.Choice("_class_name", ("DDPMScheduler", false), ("DDIMScheduler", true));
        var schedule = ScheduleOf(config);
        var prediction = config.Choice<Prediction>("prediction_type", ("epsilon", new Prediction.Noise()), ("sample", new Prediction.Clean()), ("v_prediction", new Prediction.Velocity()));
        // As the setting was called in 2022.
        if (config.Has("predict_epsilon") && !config.Truth("predict_epsilon", true))
            prediction = new Prediction.Clean();
        var limit = LimitOf(config);
        var variance = config.Choice<Variance>("variance_type", ("fixed_small", new Variance.Small()), ("fixed_small_log", new Variance.Small()), ("fixed_large", new Variance.Large()), ("learned_range", new Variance.LearnedRange()));
        // How times are spaced when fewer steps are asked for, which is asked for here by --grid; and relics of 2022.
        config.Ignore("timestep_spacing", "steps_offset", "set_alpha_to_one", "tensor_format", "timestep_values", "predict_epsilon");
        config.Complete();
        return new(
            schedule, prediction,
            isDdim ? new Sampler.Ddim(0, limit, NoiseDirection.Predicted) : new Sampler.Ancestral(variance, limit),
            isDdim && schedule.Steps >= DdimSteps ? new TimestepSpacing.Leading(DdimSteps) : new TimestepSpacing.All());
    }

    /// <summary>The configuration of a <c>DDPMScheduler</c>.</summary>
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
        var config = new JsonObject
        {
            ["_class_name"] = "DDPMScheduler",
            ["_diffusers_version"] = DiffusersFolder.Version,
            ["clip_sample"] = limit is Clipping.Clip,
            ["clip_sample_range"] = limit is Clipping.Clip clip ? clip.Bound : 1.0,
            ["num_train_timesteps"] = Schedule.Steps,
            ["prediction_type"] = Prediction switch
            {
                Prediction.Noise => "epsilon",
                Prediction.Clean => "sample",
                Prediction.Velocity => "v_prediction",
                _ => throw new InputException("prediction", Prediction.ToString(), "noise, clean or velocity, which diffusers' schedulers know"),
            },
            ["rescale_betas_zero_snr"] = rescaled is not null,
            ["steps_offset"] = 0,
            ["thresholding"] = limit is Clipping.Dynamic,
            ["timestep_spacing"] = "leading",
            ["variance_type"] = VarianceName(learned),
        };
        if (limit is Clipping.Dynamic dynamic)
            (config["dynamic_thresholding_ratio"], config["sample_max_value"]) = (dynamic.Quantile.Fraction, dynamic.Quantile.Ceiling);
        WriteBetas(rescaled?.Base ?? Schedule, config);
        return config;
    }

    private static NoiseSchedule.Discrete ScheduleOf(DiffusersConfig config)
    {
        var (count, first, last) = (config.Whole("num_train_timesteps", 1000), config.Number("beta_start", 1e-4), config.Number("beta_end", 0.02));
        if (count > MostSteps)
            throw config.Refusal("num_train_timesteps", $"at most {MostSteps} steps");
        var named = config.Choice<Func<NoiseSchedule.Discrete>>("beta_schedule",
            ("linear", () => new NoiseSchedule.Linear(count, first, last)),
            ("scaled_linear", () => new NoiseSchedule.Quadratic(count, first, last)),
            ("squaredcos_cap_v2", () => new NoiseSchedule.Cosine(count)),
            ("sigmoid", () => new NoiseSchedule.SigmoidBeta(count, first, last)));
        return Built(config, "betas of a schedule", () =>
        {
            var betas = config.List("trained_betas") is { } given
                ? new NoiseSchedule.ExplicitBetas([.. given.Select(beta => beta.GetDouble())])
                : named();
            return config.Truth("rescale_betas_zero_snr", false) ? new NoiseSchedule.ZeroTerminalSnr(betas) : betas;
        });
    }

    private static Clipping LimitOf(DiffusersConfig config)
    {
        var (thresholds, clips) = (config.Truth("thresholding", false), config.Truth("clip_sample", true));
        var (fraction, ceiling) = (config.Number("dynamic_thresholding_ratio", 0.995), config.Number("sample_max_value", 1));
        var range = config.Number("clip_sample_range", 1);
        return Built<Clipping>(config, "a limit of samples", () =>
            thresholds ? new Clipping.Dynamic(new Quantile(fraction, ceiling)) : clips ? new Clipping.Clip(range) : new Clipping.None());
    }

    // What the mathematics refuses is the file's mistake, not the program's.
    private static T Built<T>(DiffusersConfig config, string expected, Func<T> build)
    {
        try
        {
            return build();
        }
        catch (Exception misfit) when (misfit is ArgumentException or InvalidOperationException)
        {
            throw new InputException(config.Place, misfit.Message.Split(" (Parameter")[0].TrimEnd('.'), expected, misfit);
        }
    }

    // A network with a learned variance cannot be sampled by diffusers with another.
    private string VarianceName(Variance? learned) => (learned ?? (Sampler as Sampler.Ancestral)?.Variance ?? new Variance.Large()) switch
    {
        Variance.Small => "fixed_small",
        Variance.Large => "fixed_large",
        Variance.LearnedRange => "learned_range",
        var other => throw new InputException("variance", other.ToString(), "one between that of the posterior and that of the forward step"),
    };

    private static void WriteBetas(NoiseSchedule.Discrete schedule, JsonObject config)
    {
        var (name, first, last) = schedule switch
        {
            NoiseSchedule.Linear linear => ("linear", linear.First, linear.Last),
            NoiseSchedule.Quadratic quadratic => ("scaled_linear", quadratic.First, quadratic.Last),
            NoiseSchedule.SigmoidBeta sigmoid => ("sigmoid", sigmoid.First, sigmoid.Last),
            NoiseSchedule.Cosine cosine when cosine == new NoiseSchedule.Cosine(cosine.Count) => ("squaredcos_cap_v2", 1e-4, 0.02),
            NoiseSchedule.Respaced => throw new InputException("schedule", schedule.ToString(), "one whose times are those of its own levels"),
            _ => ("", 1e-4, 0.02),
        };
        (config["beta_schedule"], config["beta_start"], config["beta_end"]) = (name.Length > 0 ? name : "linear", first, last);
        config["trained_betas"] = name.Length > 0 ? null : new JsonArray([.. schedule.Betas.Select(beta => (JsonNode)beta)]);
    }
}
