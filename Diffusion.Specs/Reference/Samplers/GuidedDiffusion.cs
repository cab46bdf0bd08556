using System.Text.Json;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>The sampling loops of guided-diffusion.</summary>
public static class GuidedDiffusion
{
    public static PeerRun Of(ReferenceObject item)
    {
        var config = item.Object("config");
        var schedule = PeerSchedule.GuidedDiffusion(config.Text("base"), config.Integer("T"));
        var plan = SamplerOf(item.Text("class"), config).Plan(schedule, TimestepSpacing.Parse(config.Text("section_counts")));
        Prediction prediction = config.Text("model_mean_type") switch
        {
            "EPSILON" => new Prediction.Noise(),
            "START_X" => new Prediction.Clean(),
            var other => throw new NotSupportedException($"{config.Path}: model_mean_type '{other}'"),
        };
        config.Complete();
        return new(plan, prediction, Rows.Result, config.Text("base") == "cosine" ? PeerRun.CoarseFloat32 : PeerRun.Float32);
    }

    private static Sampler SamplerOf(string name, ReferenceObject config)
    {
        Clipping limit = config["clip_denoised"].GetBoolean() ? new Clipping.Clip() : new Clipping.None();
        var variance = VarianceOf(config.Text("model_var_type"));
        return name switch
        {
            "SpacedDiffusion.p_sample" when config["eta"].ValueKind == JsonValueKind.Null => new Sampler.Ancestral(variance, limit),
            "SpacedDiffusion.ddim_sample" => new Sampler.Ddim(config.Number("eta"), limit, NoiseDirection.Rederived),
            _ => throw new NotSupportedException($"{config.Path}: class '{name}'"),
        };
    }

    private static Variance VarianceOf(string name) => name switch
    {
        "FIXED_SMALL" => new Variance.Small(),
        "FIXED_LARGE" => new Variance.Large(),
        "LEARNED_RANGE" => new Variance.LearnedRange(),
        "LEARNED" => new Variance.LearnedLogarithm(),
        _ => throw new NotSupportedException($"model_var_type '{name}'"),
    };
}
