using System.Text.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.Numerics;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>A diffusers configuration as it stands in a case.</summary>
public sealed class DiffusersSettings(ReferenceObject item)
{
    private readonly ReferenceObject _config = item.Object("full_config");
    private readonly ReferenceObject _step = item.Object("step_kwargs");

    public int Count { get; } = item.Integer("num_inference_steps");

    public Prediction Prediction => Text("prediction_type") switch
    {
        "epsilon" => new Prediction.Noise(),
        "sample" => new Prediction.Clean(),
        "v_prediction" => new Prediction.Velocity(),
        var other => throw new NotSupportedException($"prediction_type '{other}'"),
    };

    public double NativeTolerance =>
        Text("beta_schedule") == "squaredcos_cap_v2" || Truth("use_karras_sigmas") ? PeerRun.CoarseFloat32 : PeerRun.Float32;

    /// <summary>The schedule as trained.</summary>
    public NoiseSchedule.Discrete Schedule => Truth("rescale_betas_zero_snr") ? new NoiseSchedule.ZeroTerminalSnr(Betas) : Betas;

    /// <summary>The last level of schedulers that need some signal there: where ᾱ would be 0 they put 2⁻²⁴.</summary>
    public Marginal Noisiest =>
        Truth("rescale_betas_zero_snr") ? Marginal.OfAlphaBar(Pow(2, -24)) : Schedule.At(Schedule.LastTime);

    /// <summary>The levels that a grid visits, with the noisiest one as those schedulers have it.</summary>
    public NoisePath Descend(TimestepSpacing grid)
    {
        var (schedule, noisiest) = (Schedule, Noisiest);
        NoiseLevel Seen(NoiseLevel level) =>
            level.Marginal.Alpha == 0 || Abs(level.Marginal.NoiseToSignal / noisiest.NoiseToSignal - 1) < 1e-12
                ? new(schedule.LastTime, noisiest)
                : level;
        var path = NoisePath.Of(schedule, grid);
        return path with { Steps = path.Steps.Select(step => new TimeStep(Seen(step.From), Seen(step.To))).ToSequence() };
    }

    private NoiseSchedule.Discrete Betas
    {
        get
        {
            var (count, first, last) = (Integer("num_train_timesteps"), Number("beta_start"), Number("beta_end"));
            if (_config.Has("trained_betas") && _config["trained_betas"].ValueKind != JsonValueKind.Null)
                return new NoiseSchedule.ExplicitBetas(_config.Numbers("trained_betas").ToSequence());
            return Text("beta_schedule") switch
            {
                "linear" => new NoiseSchedule.Linear(count, first, last),
                "scaled_linear" => new NoiseSchedule.Quadratic(count, first, last),
                "squaredcos_cap_v2" => new NoiseSchedule.Cosine(count),
                "sigmoid" => new NoiseSchedule.SigmoidBeta(count, first, last),
                // ᾱ = e^(−12·u): each step the same.
                "exp" => new NoiseSchedule.Constant(count, Min(-Special.Expm1(-12.0 / count), 0.999)),
                var other => throw new NotSupportedException($"beta_schedule '{other}'"),
            };
        }
    }

    /// <summary>What happens to x̂_0: dynamic thresholding goes before clipping.</summary>
    public Clipping Clipping()
    {
        var quantile = new Quantile(Number("dynamic_thresholding_ratio", 1), Number("sample_max_value", 1));
        var range = Number("clip_sample_range", 1);
        return Truth("thresholding")
            ? new Clipping.Dynamic(quantile)
            : Truth("clip_sample") ? new Clipping.Clip(range) : new Clipping.None();
    }

    public string Text(string field) => _config.Text(field);

    public string Text(string field, string otherwise) => _config.Has(field) ? _config.Text(field) : otherwise;

    public int Integer(string field) => _config.Integer(field);

    public Sequence<int> Integers(string field) => _config.Numbers(field).Select(number => (int)number).ToSequence();

    public double Number(string field) => _config.Number(field);

    public double Number(string field, double otherwise) => _config.Has(field) ? _config.Number(field) : otherwise;

    /// <summary>False where the class has no such option.</summary>
    public bool Truth(string field) => _config.Has(field) && _config[field].GetBoolean();

    /// <summary>False where the class has no such option, or it is true.</summary>
    public bool Denies(string field) => _config.Has(field) && !_config[field].GetBoolean();

    public double StepNumber(string field, double otherwise) => _step.Has(field) ? _step.Number(field) : otherwise;

    public bool StepTruth(string field) => _step.Has(field) && _step[field].GetBoolean();

    /// <summary>Fails when a setting was not read, or when the shorter lists of settings say something else.</summary>
    public void Complete()
    {
        Assert.Equal(Text("prediction_type"), item.Text("prediction_type"));
        foreach (var difference in item["config"].EnumerateObject())
            Assert.Equal(_config[difference.Name].GetRawText(), difference.Value.GetRawText());
        _config.Complete();
        _step.Complete();
    }
}
