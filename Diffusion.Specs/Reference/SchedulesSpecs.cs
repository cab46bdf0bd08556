using System.Text.Json;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;

namespace Diffusion.Specs.Reference;

public sealed class SchedulesSpecs
{
    private static readonly ReferenceObject File = ReferenceFile.Open("schedules.json");

    private const double Double = 1e-12;
    private const double Single = 5e-5;
    // Rescaling takes the last root from every other in float32, which cancels near the end.
    private const double SingleRescaled = 6e-5;
    private const double RoundingOfDouble = 1.0 / (1L << 52);
    private const double RoundingOfSingle = 1.0 / (1 << 23);

    public static TheoryData<int> Cases => [.. Enumerable.Range(0, File.Objects("cases").Count)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Every_table_of_every_schedule_is_met(int number) => CheckTables(File.Objects("cases")[number]);

    internal static void CheckTables(ReferenceObject item)
    {
        var (peer, schedule) = PeerSchedule.Of(item);
        var single = schedule is NoiseSchedule.ZeroTerminalSnr ? SingleRescaled : Single;
        int[] times = item.Has("indices") && item["indices"].ValueKind == JsonValueKind.Array
            ? [.. item.Numbers("indices").Select(index => (int)index)]
            : [.. Enumerable.Range(0, schedule.Steps)];
        foreach (var (field, table) in Tables(peer, schedule).Where(table => item.Has(table.Field)))
        {
            var (expected, actual, what) = (item.Numbers(field), times.Select(table), $"{item.Text("name")}.{field}");
            if (field == "posterior_log_variance_clipped")
                Near.Each(expected, actual, (index, _) => Cancelled(schedule, times[index]), what);
            else if (field is "posterior_variance"
                or "variance_fixed_small" or "posterior_mean_coef1" or "posterior_mean_coef2" or "sqrt_recipm1_alphas_cumprod")
                Near.Each(expected, actual, (index, value) => Cancelled(schedule, times[index]) * Abs(value), what);
            else if (field == "native_float32_betas")
                Near.RelativeOfDifference(expected, actual, single, 2 * RoundingOfSingle, what);
            else if (field == "native_betas" && schedule is NoiseSchedule.SigmoidSignal)
                Near.Relative(expected, actual, Single, what);
            else if (field is "betas" or "native_betas" && peer == "lucidrains")
                Near.RelativeOfDifference(expected, actual, Double, 2 * RoundingOfDouble, what);
            else
                Near.Relative(expected, actual, field.StartsWith("native_float32", StringComparison.Ordinal) ? single : Double, what);
        }
        if (item.Has("timestep_map"))
            Assert.Equal(item.Numbers("timestep_map"), times.Select(time => schedule.LevelAt(time).Time));
        if (item.Has("native_max_rel_err_alphas_cumprod"))
        {
            // A bound that the peer states itself, over all of its float32 table.
            var bound = item.Number("native_max_rel_err_alphas_cumprod");
            Near.Relative(
                item.Numbers("native_float32_alphas_cumprod"), times.Select(time => schedule.AlphaBars[time]), bound * 1.001, item.Path);
        }
        item.Ignore("source", "note", "indices", "T");
        item.Complete();
    }

    [Fact]
    public void Nothing_else_stands_in_the_file()
    {
        File.Ignore("source", "split", "cases", "timestep_spacings", "space_timesteps");
        File.Complete();
    }

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
            var times = Times(TimestepSpacing.Parse(item.Text("section_counts")), new NoiseSchedule.Linear(item.Integer("T")));
            Assert.Equal(item.Numbers("timesteps_sorted"), times.Reverse());
            item.Complete();
        }
        respacings.Ignore("source");
        respacings.Complete();
    }

    private static IEnumerable<(string Field, Func<int, double> Table)> Tables(string peer, NoiseSchedule.Discrete schedule)
    {
        // diffusers takes β from ᾱ again, and guided-diffusion's respacing ᾱ from β again, each with another rounding.
        var fromSignal = new NoiseSchedule.ExplicitAlphaBars(schedule.AlphaBars);
        var signal = schedule is NoiseSchedule.Respaced ? new NoiseSchedule.ExplicitBetas(schedule.Betas).AlphaBars : schedule.AlphaBars;
        var native = PeerSchedule.NativeBetas(schedule);
        return
        [
            ("betas", time => schedule.Betas[time]),
            ("alphas_cumprod", time => signal[time]),
            ("posterior_variance", time => Variance(schedule, time)),
            ("posterior_log_variance_clipped", time =>
                peer == "lucidrains" ? Log(Max(Variance(schedule, time), 1e-20)) : Log(Variance(schedule, Max(time, 1)))),
            ("posterior_mean_coef1", time => schedule.PosteriorAt(time).OfClean),
            ("posterior_mean_coef2", time => schedule.PosteriorAt(time).OfState),
            ("sqrt_recip_alphas_cumprod", time => 1 / schedule.At(time).Alpha),
            ("sqrt_recipm1_alphas_cumprod", time => schedule.At(time).NoiseToSignal),
            ("variance_fixed_small", time => Max(Variance(fromSignal, time), 1e-20)),
            ("variance_fixed_large", time => fromSignal.Betas[time]),
            ("native_betas", time => native[time]),
            ("native_float32_betas", time => schedule.Betas[time]),
            ("native_float32_alphas_cumprod", time => schedule.AlphaBars[time]),
        ];
    }

    // 1 − ᾱ, and 1/ᾱ − 1 with it, keeps of the last digits of ᾱ what is left when ᾱ is near 1.
    private static double Cancelled(NoiseSchedule.Discrete schedule, int time) =>
        Max(Double, 4 * RoundingOfDouble / Pow(schedule.At(Max(time - 1, 0)).Sigma, 2));

    private static double Variance(NoiseSchedule.Discrete schedule, int time) => Pow(schedule.PosteriorAt(time).Sigma, 2);

    private static TimestepSpacing Spacing(string name, int count, int offset) => name switch
    {
        "leading" => new TimestepSpacing.Leading(count, offset),
        "trailing" => new TimestepSpacing.Trailing(count),
        "linspace" => new TimestepSpacing.Linspace(count),
        _ => throw new NotSupportedException($"spacing '{name}'"),
    };

    private static double[] Times(TimestepSpacing grid, NoiseSchedule schedule) => [.. grid.Over(schedule).Select(step => step.From.Time)];
}
