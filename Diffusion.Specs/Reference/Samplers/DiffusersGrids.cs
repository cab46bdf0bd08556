using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>Which levels the schedulers of diffusers visit, by their configuration.</summary>
public static class DiffusersGrids
{
    /// <summary>The whole times of DDPM and DDIM, and of "leading" and "trailing" anywhere.</summary>
    public static TimeGrid Spacing(this DiffusersSettings settings)
    {
        var offset = Offset(settings);
        return settings.Text("timestep_spacing") switch
        {
            "leading" => new TimeGrid.Leading(settings.Count, offset),
            "trailing" => new TimeGrid.Trailing(settings.Count),
            "linspace" => new TimeGrid.Linspace(settings.Count),
            var other => throw new NotSupportedException($"timestep_spacing '{other}'"),
        };
    }

    /// <summary>DDPM and DDIM: every step goes ⌊T/n⌋ down.</summary>
    public static TimeGrid StridedGrid(this DiffusersSettings settings)
    {
        var grid = new TimeGrid.FixedStride(settings.Spacing());
        return settings.Denies("set_alpha_to_one") ? new TimeGrid.ToFirstLevel(grid) : grid;
    }

    /// <summary>Schedulers that work with sigma: fractional times, and a start that depends on the spacing.</summary>
    public static Descent SigmaDescent(this DiffusersSettings settings)
    {
        var (whole, spacing) = (settings.Spacing(), settings.Text("timestep_spacing"));
        Assert.Equal("linear", settings.Text("interpolation_type", "linear"));
        Assert.Equal("discrete", settings.Text("timestep_type", "discrete"));
        var spaced = spacing == "linspace" ? new TimeGrid.Uniform(settings.Count, Interpolation.Sigma) : whole;
        var grid = settings.Truth("use_karras_sigmas") ? Curved(spaced, settings) : spaced;
        var start = spacing == "leading" ? Start.Total : Start.NoiseAlone;
        return settings.Descend(Ended(grid, settings)).Exploding() with { Start = start };
    }

    // Karras levels reach from the noisiest to the least noisy level that the spacing visits, where no other range is asked for.
    private static TimeGrid Curved(TimeGrid spaced, DiffusersSettings settings)
    {
        double[] sigmas = [.. settings.Descend(spaced).Steps.Select(step => step.From.Marginal.NoiseToSignal)];
        return new TimeGrid.KarrasWithin(
            settings.Count, settings.Number("sigma_min", sigmas[^1]), settings.Number("sigma_max", sigmas[0]));
    }

    /// <summary>Multistep solvers: one time more than steps, the last left out, and whole times.</summary>
    public static Descent SolverDescent(this DiffusersSettings settings)
    {
        var (count, offset, schedule) = (settings.Count, Offset(settings), settings.Schedule);
        var (least, most) = (schedule.At(schedule.FirstTime).NoiseToSignal, settings.Noisiest.NoiseToSignal);
        var (karras, lu) = (settings.Truth("use_karras_sigmas"), settings.Truth("use_lu_lambdas"));
        var clipped = settings.Number("lambda_min_clipped", double.NegativeInfinity);
        TimeGrid grid = (karras, lu, settings.Text("timestep_spacing", "linspace")) switch
        {
            (true, _, _) => new TimeGrid.WholeTimes(new TimeGrid.KarrasWithin(count, least, most)),
            (_, true, _) => new TimeGrid.WholeTimes(new TimeGrid.LogSnr(count)),
            (_, _, "linspace") => Clipped(new TimeGrid.WithoutLast(new TimeGrid.Linspace(count + 1)), schedule, clipped),
            (_, _, "leading") => Clipped(new TimeGrid.WithoutLast(new TimeGrid.Leading(count + 1, offset)), schedule, clipped),
            (_, _, "trailing") when double.IsNegativeInfinity(clipped) => new TimeGrid.Trailing(count),
            var (_, _, other) => throw new NotSupportedException($"timestep_spacing '{other}', lambda_min_clipped {clipped}"),
        };
        return settings.Descend(Ended(grid, settings));
    }

    // The grid over the levels whose log(alpha/sigma) is not below the least.
    private static TimeGrid Clipped(TimeGrid grid, NoiseSchedule.Discrete schedule, double least)
    {
        var kept = Enumerable.Range(0, schedule.Steps).Count(time => schedule.At(time).LogSnr / 2 >= least);
        var levels = new NoiseSchedule.ExplicitAlphaBars(schedule.AlphaBars.Take(kept).ToSequence());
        return new TimeGrid.Explicit(grid.Over(levels).Select(step => step.From.Time).ToSequence());
    }

    private static TimeGrid Ended(TimeGrid grid, DiffusersSettings settings) => settings.Text("final_sigmas_type", "zero") switch
    {
        "zero" => grid,
        "sigma_min" => new TimeGrid.ToFirstLevel(grid),
        var other => throw new NotSupportedException($"final_sigmas_type '{other}'"),
    };

    // Only "leading" uses it, but every class that has it is asked.
    private static int Offset(DiffusersSettings settings) => (int)settings.Number("steps_offset", 0);
}
