namespace Diffusion.Math.Spacings;

/// <summary>The spacings that a number of steps is enough for: which noise levels a sampler visits.</summary>
public enum Spacing
{
    /// <summary><see cref="TimestepSpacing.Leading"/>.</summary>
    Leading,

    /// <summary><see cref="TimestepSpacing.Trailing"/>.</summary>
    Trailing,

    /// <summary><see cref="TimestepSpacing.Linspace"/>.</summary>
    Linspace,

    /// <summary><see cref="TimestepSpacing.Uniform"/>.</summary>
    Uniform,

    /// <summary><see cref="TimestepSpacing.Quadratic"/>.</summary>
    Quadratic,

    /// <summary><see cref="TimestepSpacing.Karras"/>.</summary>
    Karras,

    /// <summary><see cref="TimestepSpacing.LogSnr"/>.</summary>
    LogSnr,
}

/// <summary>Spacings with a number of steps.</summary>
public static class SpacingGrids
{
    /// <summary>The levels of so many steps.</summary>
    public static TimestepSpacing Grid(this Spacing spacing, int steps) => spacing switch
    {
        Spacing.Leading => new TimestepSpacing.Leading(steps),
        Spacing.Trailing => new TimestepSpacing.Trailing(steps),
        Spacing.Linspace => new TimestepSpacing.Linspace(steps),
        Spacing.Uniform => new TimestepSpacing.Uniform(steps),
        Spacing.Quadratic => new TimestepSpacing.Quadratic(steps),
        Spacing.Karras => new TimestepSpacing.Karras(steps),
        Spacing.LogSnr => new TimestepSpacing.LogSnr(steps),
        _ => throw new ArgumentOutOfRangeException(nameof(spacing), spacing, $"{spacing} is no spacing."),
    };

    /// <summary>The same spacing with another number of steps.</summary>
    /// <param name="grid">The levels.</param>
    /// <param name="steps">How many steps; at least 1.</param>
    /// <param name="usual">The levels of so many steps where <paramref name="grid"/> names its levels singly, or is every level.</param>
    public static TimestepSpacing OfSteps(this TimestepSpacing grid, int steps, Func<int, TimestepSpacing> usual) => grid switch
    {
        TimestepSpacing.Leading own => own with { Count = steps },
        TimestepSpacing.Trailing own => own with { Count = steps },
        TimestepSpacing.TrailingFloor own => own with { Count = steps },
        TimestepSpacing.Linspace own => own with { Count = steps },
        TimestepSpacing.LinspaceWithin own => own with { Count = steps },
        TimestepSpacing.Uniform own => own with { Count = steps },
        TimestepSpacing.Quadratic own => own with { Count = steps },
        TimestepSpacing.WholeStride own => own with { Count = steps },
        TimestepSpacing.Karras own => own with { Count = steps },
        TimestepSpacing.KarrasWithin own => own with { Count = steps },
        TimestepSpacing.LogSnr own => own with { Count = steps },
        TimestepSpacing.Last own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimestepSpacing.ToFirstLevel own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimestepSpacing.FixedStride own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimestepSpacing.WholeTimes own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        // Its last one is not taken.
        TimestepSpacing.WithoutLast own => own with { Grid = own.Grid.OfSteps(steps + 1, usual) },
        _ => usual(steps),
    };
}
