using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
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

    /// <summary>The schedule of schedulers that need some signal at the last level: they put ᾱ = 2⁻²⁴ there.</summary>
    public NoiseSchedule.Discrete Signal => Truth("rescale_betas_zero_snr")
        ? new NoiseSchedule.ExplicitAlphaBars([.. new NoiseSchedule.ZeroTerminalSnr(Betas).AlphaBars.SkipLast(1), Pow(2, -24)])
        : Betas;

    private NoiseSchedule.Discrete Betas
    {
        get
        {
            var (count, first, last) = (Integer("num_train_timesteps"), Number("beta_start"), Number("beta_end"));
            if (_config.Has("trained_betas") && _config["trained_betas"].ValueKind != System.Text.Json.JsonValueKind.Null)
                return new NoiseSchedule.ExplicitBetas(_config.Numbers("trained_betas").ToSequence());
            return Text("beta_schedule") switch
            {
                "linear" => new NoiseSchedule.Linear(count, first, last),
                "scaled_linear" => new NoiseSchedule.Quadratic(count, first, last),
                "squaredcos_cap_v2" => new NoiseSchedule.Cosine(count),
                "sigmoid" => new NoiseSchedule.SigmoidBeta(count, first, last),
                var other => throw new NotSupportedException($"beta_schedule '{other}'"),
            };
        }
    }

    /// <summary>The whole times that DDPM, DDIM and "leading" or "trailing" schedulers visit.</summary>
    public TimeGrid Spacing() => (Text("timestep_spacing"), Offset) switch
    {
        ("leading", var offset) => new TimeGrid.Leading(Count, offset),
        ("trailing", _) => new TimeGrid.Trailing(Count),
        ("linspace", _) => new TimeGrid.Linspace(Count),
        var (other, _) => throw new NotSupportedException($"timestep_spacing '{other}'"),
    };

    /// <summary>DDPM and DDIM: every step goes ⌊T/n⌋ down.</summary>
    public TimeGrid StridedGrid()
    {
        var grid = new TimeGrid.FixedStride(Spacing());
        return _config.Has("set_alpha_to_one") && !Truth("set_alpha_to_one") ? new TimeGrid.ToFirstLevel(grid) : grid;
    }

    /// <summary>Schedulers that work with sigma: fractional times, and a start that depends on the spacing.</summary>
    public Descent SigmaDescent()
    {
        var whole = Spacing();
        TimeGrid grid = (Truth("use_karras_sigmas"), Text("timestep_spacing")) switch
        {
            (true, _) => new TimeGrid.Karras(Count),
            (_, "linspace") => new TimeGrid.Uniform(Count, Interpolation.Sigma),
            _ => whole,
        };
        var start = Text("timestep_spacing") == "leading" ? Start.Total : Start.NoiseAlone;
        RequireDefault("interpolation_type", "linear");
        RequireDefault("timestep_type", "discrete");
        return Descent.Of(Signal, Ending(grid)).Exploding() with { Start = start };
    }

    /// <summary>Multistep solvers: one time more than steps, the last left out, and whole times.</summary>
    public TimeGrid SolverGrid()
    {
        var (spacing, offset) = (_config.Has("timestep_spacing") ? Text("timestep_spacing") : "linspace", Offset);
        TimeGrid grid = (Truth("use_karras_sigmas"), Truth("use_lu_lambdas"), spacing) switch
        {
            (true, _, _) => new TimeGrid.WholeTimes(new TimeGrid.Karras(Count)),
            (_, true, _) => new TimeGrid.WholeTimes(new TimeGrid.LogSnr(Count)),
            (_, _, "linspace") => new TimeGrid.WithoutLast(new TimeGrid.Linspace(Count + 1)),
            (_, _, "leading") => new TimeGrid.WithoutLast(new TimeGrid.Leading(Count + 1, offset)),
            (_, _, "trailing") => new TimeGrid.Trailing(Count),
            _ => throw new NotSupportedException($"timestep_spacing '{spacing}'"),
        };
        if (_config.Has("lambda_min_clipped"))
            Assert.Equal(double.NegativeInfinity, Number("lambda_min_clipped"));
        return Ending(grid);
    }

    /// <summary>What happens to x̂_0: dynamic thresholding goes before clipping.</summary>
    public Limit Limit()
    {
        var (thresholds, clips) = (Truth("thresholding"), Truth("clip_sample"));
        var quantile = _config.Has("thresholding") ? new Quantile(Number("dynamic_thresholding_ratio"), Number("sample_max_value")) : default;
        var range = _config.Has("clip_sample_range") ? Number("clip_sample_range") : 1;
        return thresholds ? new Limit.Dynamic(quantile) : clips ? new Limit.Clip(range) : new Limit.None();
    }

    public string Text(string field) => _config.Text(field);

    public int Integer(string field) => _config.Integer(field);

    public Sequence<int> Integers(string field) => _config.Numbers(field).Select(number => (int)number).ToSequence();

    public double Number(string field) => _config.Number(field);

    /// <summary>False where the class has no such option.</summary>
    public bool Truth(string field) => _config.Has(field) && _config[field].GetBoolean();

    public double StepNumber(string field, double otherwise) => _step.Has(field) ? _step.Number(field) : otherwise;

    public int StepInteger(string field, int otherwise) => _step.Has(field) ? _step.Integer(field) : otherwise;

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

    // Only "leading" uses it, but every class that has it is asked.
    private int Offset => _config.Has("steps_offset") ? Integer("steps_offset") : 0;

    private TimeGrid Ending(TimeGrid grid) => !_config.Has("final_sigmas_type") ? grid : Text("final_sigmas_type") switch
    {
        "zero" => grid,
        "sigma_min" => new TimeGrid.ToFirstLevel(grid),
        var other => throw new NotSupportedException($"final_sigmas_type '{other}'"),
    };

    private void RequireDefault(string field, string value)
    {
        if (_config.Has(field))
            Assert.Equal(value, Text(field));
    }
}
