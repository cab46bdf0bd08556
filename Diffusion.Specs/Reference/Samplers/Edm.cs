using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>The two samplers of NVlabs/edm, with the defaults of their code for settings that a case does not name.</summary>
public sealed class Edm
{
    // The peer works out ᾱ of "iddpm" in single precision, a thousand roundings in a row.
    private const double SinglePrecision = 2e-6;

    private readonly ReferenceObject _item;
    private readonly ReferenceObject _config;
    private readonly double _earliest;
    private readonly (double Least, double Most) _range;

    private Edm(ReferenceObject item)
    {
        (_item, _config) = (item, item.Object("config"));
        Assert.Contains(item.Text("class"), new[] { "edm_sampler", "ablation_sampler" });
        _earliest = Number("epsilon_s", 1e-3);
        var (least, most) = Defaults(Discretization);
        _range = (Number("sigma_min", least), Number("sigma_max", most));
    }

    private string Discretization => Word("discretization", "edm");

    private SigmaCurve.Preserving Fitted => SigmaCurve.Preserving.Fitted(_range.Least, _range.Most, _earliest);

    private int Steps => _config.Integer("num_steps");

    public static PeerRun Of(ReferenceObject item)
    {
        var edm = new Edm(item);
        var plan = edm.Sampler().Plan(edm.Schedule(), edm.Grid());
        edm._config.Complete();
        return new(plan, new Prediction.Clean(), Rows.Result, PeerRun.Float32);
    }

    private Sampler.Edm Sampler()
    {
        SigmaCurve curve = Word("schedule", "linear") switch
        {
            "linear" => new SigmaCurve.Linear(),
            "ve" => new SigmaCurve.SquareRoot(),
            "vp" => Fitted,
            var other => throw Unknown(other),
        };
        StateScale scale = Word("scaling", "none") switch
        {
            "none" => new StateScale.One(),
            "vp" => new StateScale.Preserving(),
            var other => throw Unknown(other),
        };
        Correction correction = (Word("solver", "heun"), Number("alpha", 1)) switch
        {
            ("euler", _) => new Correction.None(),
            ("heun", var fraction) => new Correction.At(fraction),
            var (other, _) => throw Unknown(other),
        };
        return new(curve, scale, correction, Churn, new Clipping.None());
    }

    private Churn Churn =>
        new(Number("S_churn", 0), Number("S_min", 0), Min(Number("S_max", double.MaxValue), double.MaxValue), Number("S_noise", 1));

    private NoiseSchedule Schedule() => Discretization switch
    {
        "edm" or "iddpm" => new NoiseSchedule.Edm(_range.Least, _range.Most),
        "ve" => new NoiseSchedule.VarianceExploding(_range.Least, _range.Most),
        "vp" => new NoiseSchedule.VariancePreserving(Fitted.Least, Fitted.Least + Fitted.Range, _earliest),
        var other => throw Unknown(other),
    };

    private TimestepSpacing Grid() => (Discretization, Number("rho", 7)) switch
    {
        ("edm", var rho) => new TimestepSpacing.Karras(Steps, rho),
        ("iddpm", _) => new TimestepSpacing.Explicit(CosineLevels()),
        _ => new TimestepSpacing.Uniform(Steps),
    };

    // Our levels must be the peer's up to single precision; the trajectory is then compared over the peer's.
    private Sequence<double> CosineLevels()
    {
        var schedule = new NoiseSchedule.Cosine((int)Number("M", 1000), Number("C_2", 0.008), 1 - Number("C_1", 0.001));
        var ours = new TimestepSpacing.LinspaceWithin(Steps, _range.Least, _range.Most).Over(schedule)
            .Select(step => step.From.Marginal.NoiseToSignal).ToArray();
        var calls = _item.Numbers("model_call_sigmas");
        var stride = calls.Length == Steps ? 1 : 2;
        var peers = ours.Select((sigma, index) => calls[stride * index] / (1 + Churn.GrowthAt(sigma, Steps))).ToSequence();
        foreach (var (sigma, peer) in ours.Zip(peers))
            Assert.Equal(1, (1 + sigma * sigma) / (1 + peer * peer), SinglePrecision);
        return peers;
    }

    // The sigmas that the peer fills in where a case names none.
    private (double Least, double Most) Defaults(string discretization) => discretization switch
    {
        "vp" => (new SigmaCurve.Preserving().At(_earliest), new SigmaCurve.Preserving().At(1)),
        "ve" => (0.02, 100),
        "iddpm" => (0.002, 81),
        "edm" => (0.002, 80),
        _ => throw Unknown(discretization),
    };

    private double Number(string field, double otherwise) => _config.Has(field) ? _config.Number(field) : otherwise;

    private string Word(string field, string otherwise) => _config.Has(field) ? _config.Text(field) : otherwise;

    private NotSupportedException Unknown(string setting) => new($"{_config.Path}: '{setting}'");
}
