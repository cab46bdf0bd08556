using System.Globalization;
using Diffusion.Math.Values;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Diffusion.Host.Plots;

/// <summary>How values become heights. A closed union.</summary>
internal abstract record ValueScale
{
    // Below this ratio of largest to smallest a logarithmic axis has too few round numbers to be read.
    private const double LeastRatio = 3;

    private ValueScale()
    {
    }

    /// <summary>Where a value stands on the axis.</summary>
    public abstract double Place(double value);

    /// <summary>Fits the vertical axis of a plot to the values it shows.</summary>
    public abstract void Fit(Plot plot, Sequence<double> values);

    /// <summary>Logarithmic where the values are positive and span enough for it, else linear.</summary>
    public static ValueScale Spread(Sequence<double> values) =>
        values.Count > 0 && values.Min() > 0 && values.Max() >= LeastRatio * values.Min() ? new Logarithmic() : new FromZero();

    /// <summary>Proportional heights; zero is on the axis.</summary>
    public sealed record FromZero : ValueScale
    {
        /// <inheritdoc/>
        public override double Place(double value) => value;

        /// <inheritdoc/>
        public override void Fit(Plot plot, Sequence<double> values)
        {
            var (low, high) = (Min(0, values.Min()), Max(0, values.Max()));
            plot.Axes.SetLimitsY(low * 1.08, high > low ? high * 1.08 : low + 1);
            plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = value => value.ToString("0.########", CultureInfo.InvariantCulture) };
        }
    }

    /// <summary>Equal ratios are equal heights.</summary>
    public sealed record Logarithmic : ValueScale
    {
        private static readonly int[][] Digits = [[1], [1, 2, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]];

        /// <inheritdoc/>
        public override double Place(double value) => Log10(value);

        /// <inheritdoc/>
        public override void Fit(Plot plot, Sequence<double> values)
        {
            var (low, high) = (Log10(values.Min()), Log10(values.Max()));
            var margin = 0.08 * (high - low);
            (low, high) = (low - margin, high + margin);
            plot.Axes.SetLimitsY(low, high);
            var ticks = Digits.Select(digits => Round(digits, low, high)).FirstOrDefault(ticks => ticks.Count >= 3) ?? Round(Digits[1], low, high);
            plot.Axes.Left.SetTicks([.. ticks.Select(tick => Log10(tick))], [.. ticks.Select(tick => tick.ToString("0.######", CultureInfo.InvariantCulture))]);
        }

        private static List<double> Round(int[] digits, double low, double high) =>
        [
            .. Enumerable.Range((int)Floor(low), (int)Ceiling(high) - (int)Floor(low) + 1)
                .SelectMany(power => digits.Select(digit => digit * Pow(10, power)))
                .Where(tick => Log10(tick) >= low && Log10(tick) <= high),
        ];
    }
}
