using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>The DDIM loop of denoising-diffusion-pytorch: the estimate is clipped, and the noise direction derived from it again.</summary>
public static class Lucidrains
{
    public static PeerRun Of(ReferenceObject item)
    {
        Assert.Equal("GaussianDiffusion.ddim_sample", item.Text("class"));
        var config = item.Object("config");
        var schedule = ScheduleOf(config.Text("beta_schedule"), config.Integer("T"));
        Clipping limit = config["clip"].GetBoolean() ? new Clipping.Clip() : new Clipping.None();
        Prediction prediction = config.Text("objective") switch
        {
            "pred_noise" => new Prediction.Noise(),
            "pred_x0" => new Prediction.Clean(),
            "pred_v" => new Prediction.Velocity(),
            var other => throw new NotSupportedException($"{config.Path}: objective '{other}'"),
        };
        var grid = GridOf(item.Numbers("timesteps"), schedule);
        var plan = new Sampler.Ddim(config.Number("eta"), limit, NoiseDirection.Rederived).Plan(schedule, grid);
        config.Complete();
        return new(plan, prediction, Rows.Result, config.Text("beta_schedule") == "cosine" ? PeerRun.CoarseFloat32 : PeerRun.Float32);
    }

    // The case lists where every step starts, and the end. The peer cuts off floating-point numbers: one that should be whole may be less.
    private static TimestepSpacing.Explicit GridOf(double[] listed, NoiseSchedule.Discrete schedule)
    {
        var count = listed.Length - 1;
        var exact = new TimestepSpacing.TrailingFloor(count).Over(schedule).Select(step => step.From.Time).ToArray();
        for (var index = 0; index < count; index++)
        {
            var whole = (long)(count - index) * schedule.Steps % count == 0;
            Assert.True(
                listed[index] == exact[index] || whole && listed[index] == exact[index] - 1,
                FormattableString.Invariant($"time {index} is {listed[index]}, not {exact[index]}"));
        }
        return new([.. listed[..count]]);
    }

    private static NoiseSchedule.Discrete ScheduleOf(string family, int count) => family switch
    {
        "linear" => NoiseSchedule.Linear.OfThousand(count),
        "cosine" => new NoiseSchedule.Cosine(count),
        "sigmoid" => new NoiseSchedule.SigmoidSignal(count, -3, 3, 1),
        _ => throw new NotSupportedException($"beta_schedule '{family}'"),
    };
}
