using Diffusion.Math.Noise;

namespace Diffusion.Specs.Reference;

public sealed class SchedulesSpecs
{
    private static readonly ReferenceObject File = ReferenceFile.Open("schedules.json");

    [Fact]
    public void Every_timestep_spacing_of_diffusers_is_met()
    {
        var spacings = File.Object("timestep_spacings");
        foreach (var item in spacings.Objects("cases"))
        {
            var (count, schedule) = (item.Integer("num_inference_steps"), new NoiseSchedule.Linear(item.Integer("T")));
            var spacing = item.Text("spacing");
            Assert.Equal(item.Numbers("timesteps"), Times(Spacing(spacing, count, 0), schedule));
            Assert.Equal(item.Numbers("timesteps_offset1"), Times(Spacing(spacing, count, 1), schedule));
            item.Complete();
        }
        spacings.Ignore("source");
        spacings.Complete();
    }

    [Fact]
    public void Every_respacing_of_guided_diffusion_is_met()
    {
        var respacings = File.Object("space_timesteps");
        foreach (var item in respacings.Objects("cases"))
        {
            var times = Times(TimeGrid.Parse(item.Text("section_counts")), new NoiseSchedule.Linear(item.Integer("T")));
            Assert.Equal(item.Numbers("timesteps_sorted"), times.Reverse());
            item.Complete();
        }
        respacings.Ignore("source");
        respacings.Complete();
    }

    private static TimeGrid Spacing(string name, int count, int offset) => name switch
    {
        "leading" => new TimeGrid.Leading(count, offset),
        "trailing" => new TimeGrid.Trailing(count),
        "linspace" => new TimeGrid.Linspace(count),
        _ => throw new NotSupportedException($"spacing '{name}'"),
    };

    private static double[] Times(TimeGrid grid, NoiseSchedule schedule) => [.. grid.Over(schedule).Select(step => step.From.Time)];
}
