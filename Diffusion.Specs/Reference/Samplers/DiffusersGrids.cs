using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>Which levels the schedulers of diffusers visit, by their configuration.</summary>
public static class DiffusersGrids
{
    /// <summary>The whole times of DDPM and DDIM, and of "leading" and "trailing" anywhere.</summary>
    public static TimestepSpacing Spacing(this DiffusersSettings settings)
    {
        var offset = Offset(settings);
        return settings.Text("timestep_spacing") switch
        {
            "leading" => new TimestepSpacing.Leading(settings.Count, offset),
            "trailing" => new TimestepSpacing.Trailing(settings.Count),
            "linspace" => new TimestepSpacing.Linspace(settings.Count),
            var other => throw new NotSupportedException($"timestep_spacing '{other}'"),
        };
    }

    /// <summary>DDPM and DDIM: every step goes ⌊T/n⌋ down.</summary>
    public static TimestepSpacing StridedGrid(this DiffusersSettings settings)
    {
        var grid = new TimestepSpacing.FixedStride(settings.Spacing());
        return settings.Denies("set_alpha_to_one") ? new TimestepSpacing.ToFirstLevel(grid) : grid;
    }

    /// <summary>Schedulers that work with sigma: fractional times, and a start that depends on the spacing.</summary>
    public static NoisePath SigmaDescent(this DiffusersSettings settings)
    {
        var (whole, spacing) = (settings.Spacing(), settings.Text("timestep_spacing"));
        Assert.Equal("linear", settings.Text("interpolation_type", "linear"));
        Assert.Equal("discrete", settings.Text("timestep_type", "discrete"));
        var spaced = spacing == "linspace" ? new TimestepSpacing.Uniform(settings.Count, Interpolation.Sigma) : whole;
        var grid = settings.Truth("use_karras_sigmas") ? Curved(spaced, settings) : spaced;
        var start = spacing == "leading" ? Start.Total : Start.NoiseAlone;
        return settings.Descend(Ended(grid, settings)).Exploding() with { Start = start };
    }

    // Karras levels reach from the noisiest to the least noisy level that the spacing visits, where no other range is asked for.
    private static TimestepSpacing Curved(TimestepSpacing spaced, DiffusersSettings settings)
    {
        double[] sigmas = [.. settings.Descend(spaced).Steps.Select(step => step.From.Marginal.NoiseToSignal)];
        return new TimestepSpacing.KarrasWithin(
            settings.Count, settings.Number("sigma_min", sigmas[^1]), settings.Number("sigma_max", sigmas[0]));
    }

    /// <summary>Multistep solvers: one time more than steps, the last left out, and whole times.</summary>
    public static NoisePath SolverDescent(this DiffusersSettings settings)
    {
        var (count, offset, schedule) = (settings.Count, Offset(settings), settings.Schedule);
        var (least, most) = (schedule.At(schedule.FirstTime).NoiseToSignal, settings.Noisiest.NoiseToSignal);
        var (karras, lu) = (settings.Truth("use_karras_sigmas"), settings.Truth("use_lu_lambdas"));
        var clipped = settings.Number("lambda_min_clipped", double.NegativeInfinity);
        TimestepSpacing grid = (karras, lu, settings.Text("timestep_spacing", "linspace")) switch
        {
            (true, _, _) => new TimestepSpacing.WholeTimes(new TimestepSpacing.KarrasWithin(count, least, most)),
            (_, true, _) => new TimestepSpacing.WholeTimes(new TimestepSpacing.LogSnr(count)),
            (_, _, "linspace") => Clipped(new TimestepSpacing.WithoutLast(new TimestepSpacing.Linspace(count + 1)), schedule, clipped),
            (_, _, "leading") =>
                Clipped(new TimestepSpacing.WithoutLast(new TimestepSpacing.Leading(count + 1, offset)), schedule, clipped),
            (_, _, "trailing") when double.IsNegativeInfinity(clipped) => new TimestepSpacing.Trailing(count),
            var (_, _, other) => throw new NotSupportedException($"timestep_spacing '{other}', lambda_min_clipped {clipped}"),
        };
        return settings.Descend(Ended(grid, settings));
    }

    // The grid over the levels whose log(alpha/sigma) is not below the least.
    private static TimestepSpacing Clipped(TimestepSpacing grid, NoiseSchedule.Discrete schedule, double least)
    {
        var kept = Enumerable.Range(0, schedule.Steps).Count(time => schedule.At(time).LogSnr / 2 >= least);
        var levels = new NoiseSchedule.ExplicitAlphaBars(schedule.AlphaBars.Take(kept).ToSequence());
        return new TimestepSpacing.Explicit(grid.Over(levels).Select(step => step.From.Time).ToSequence());
    }

    private static TimestepSpacing Ended(TimestepSpacing grid, DiffusersSettings settings) =>
        settings.Text("final_sigmas_type", "zero") switch
        {
            "zero" => grid,
            "sigma_min" => new TimestepSpacing.ToFirstLevel(grid),
            var other => throw new NotSupportedException($"final_sigmas_type '{other}'"),
        };

    // Only "leading" uses it, but every class that has it is asked.
    private static int Offset(DiffusersSettings settings) => (int)settings.Number("steps_offset", 0);
}
