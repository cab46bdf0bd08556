namespace Diffusion.Math.Spacings;

/// <summary>The spacings that a number of steps is enough for: which noise levels a sampler visits.</summary>
public enum Spacing
{
    /// <summary><see cref="TimeGrid.Leading"/>.</summary>
    Leading,

    /// <summary><see cref="TimeGrid.Trailing"/>.</summary>
    Trailing,

    /// <summary><see cref="TimeGrid.Linspace"/>.</summary>
    Linspace,

    /// <summary><see cref="TimeGrid.Uniform"/>.</summary>
    Uniform,

    /// <summary><see cref="TimeGrid.Quadratic"/>.</summary>
    Quadratic,

    /// <summary><see cref="TimeGrid.Karras"/>.</summary>
    Karras,

    /// <summary><see cref="TimeGrid.LogSnr"/>.</summary>
    LogSnr,
}

/// <summary>Spacings with a number of steps.</summary>
public static class SpacingGrids
{
    /// <summary>The levels of so many steps.</summary>
    public static TimeGrid Grid(this Spacing spacing, int steps) => spacing switch
    {
        Spacing.Leading => new TimeGrid.Leading(steps),
        Spacing.Trailing => new TimeGrid.Trailing(steps),
        Spacing.Linspace => new TimeGrid.Linspace(steps),
        Spacing.Uniform => new TimeGrid.Uniform(steps),
        Spacing.Quadratic => new TimeGrid.Quadratic(steps),
        Spacing.Karras => new TimeGrid.Karras(steps),
        Spacing.LogSnr => new TimeGrid.LogSnr(steps),
        _ => throw new ArgumentOutOfRangeException(nameof(spacing), spacing, $"{spacing} is no spacing."),
    };

    /// <summary>The same spacing with another number of steps.</summary>
    /// <param name="grid">The levels.</param>
    /// <param name="steps">How many steps; at least 1.</param>
    /// <param name="usual">The levels of so many steps where <paramref name="grid"/> names its levels singly, or is every level.</param>
    public static TimeGrid OfSteps(this TimeGrid grid, int steps, Func<int, TimeGrid> usual) => grid switch
    {
        TimeGrid.Leading own => own with { Count = steps },
        TimeGrid.Trailing own => own with { Count = steps },
        TimeGrid.TrailingFloor own => own with { Count = steps },
        TimeGrid.Linspace own => own with { Count = steps },
        TimeGrid.LinspaceWithin own => own with { Count = steps },
        TimeGrid.Uniform own => own with { Count = steps },
        TimeGrid.Quadratic own => own with { Count = steps },
        TimeGrid.WholeStride own => own with { Count = steps },
        TimeGrid.Karras own => own with { Count = steps },
        TimeGrid.KarrasWithin own => own with { Count = steps },
        TimeGrid.LogSnr own => own with { Count = steps },
        TimeGrid.Latter own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimeGrid.ToFirstLevel own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimeGrid.FixedStride own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        TimeGrid.WholeTimes own => own with { Grid = own.Grid.OfSteps(steps, usual) },
        // Its last one is not taken.
        TimeGrid.WithoutLast own => own with { Grid = own.Grid.OfSteps(steps + 1, usual) },
        _ => usual(steps),
    };
}
