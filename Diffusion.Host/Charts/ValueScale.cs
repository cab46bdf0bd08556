using System.Globalization;
using Diffusion.Math.Values;
using ScottPlot;
using ScottPlot.TickGenerators;

namespace Diffusion.Host.Charts;

/// <summary>How values become places on an axis. A closed union.</summary>
public abstract record ValueScale
{
    // Below this ratio of largest to smallest a logarithmic axis has too few round numbers to be read.
    private const double LeastRatio = 3;

    private ValueScale()
    {
    }

    /// <summary>Logarithmic where the values are positive and span enough for it, else linear.</summary>
    public static ValueScale Spread(Sequence<double> values) =>
        values.Count > 0 && values.Min() > 0 && values.Max() >= LeastRatio * values.Min() ? new Logarithmic() : new FromZero();

    // Where a value stands on the axis.
    internal virtual double Place(double value) => value;

    // Fits an axis to the values it shows.
    internal abstract void Fit(IAxis axis, Sequence<double> values);

    // As 6e-4 where there would be more zeros than digits.
    private static string Plainly(double value) =>
        value.ToString(value != 0 && Abs(value) < 1e-3 ? "0.###e0" : "0.########", CultureInfo.InvariantCulture);

    /// <summary>Equal differences are equal lengths; zero is on the axis.</summary>
    public sealed record FromZero : ValueScale
    {
        internal override void Fit(IAxis axis, Sequence<double> values)
        {
            var (low, high) = (Min(0, values.DefaultIfEmpty(0).Min()), Max(0, values.DefaultIfEmpty(1).Max()));
            axis.Range.Set(low * 1.08, high > low ? high * 1.08 : low + 1);
            axis.TickGenerator = new NumericAutomatic { LabelFormatter = Plainly };
        }
    }

    /// <summary>Equal differences are equal lengths; the axis is as long as the values need.</summary>
    public sealed record Linear : ValueScale
    {
        internal override void Fit(IAxis axis, Sequence<double> values)
        {
            var (low, high) = (values.DefaultIfEmpty(0).Min(), values.DefaultIfEmpty(1).Max());
            var margin = high > low ? 0.04 * (high - low) : Max(0.1 * Abs(low), 0.01);
            axis.Range.Set(low - margin, high + margin);
            axis.TickGenerator = new NumericAutomatic { LabelFormatter = Plainly };
        }
    }

    /// <summary>Whole numbers that are counted, such as steps.</summary>
    public sealed record Whole : ValueScale
    {
        /// <summary>What is on the axis besides, so that charts can be compared; null for nothing.</summary>
        public (double Low, double High)? Range { get; init; }

        internal override void Fit(IAxis axis, Sequence<double> values)
        {
            if (Range is { } range)
                values = [.. values, range.Low, range.High];
            var (low, high) = (values.DefaultIfEmpty(1).Min(), values.DefaultIfEmpty(1).Max());
            var margin = Max(0.5, 0.04 * (high - low));
            axis.Range.Set(low - margin, high + margin);
            axis.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true };
        }
    }

    /// <summary>Equal ratios are equal lengths; values are positive.</summary>
    public sealed record Logarithmic : ValueScale
    {
        // Round numbers of a decade, and how many have to be on an axis to be enough for it.
        private static readonly (int[] Digits, int Enough)[] Rounds =
            [([1], 4), ([1, 2, 5], 3), ([1, 2, 3, 5, 7], 3), ([1, 2, 3, 4, 5, 6, 7, 8, 9], 0)];

        internal override double Place(double value) => Log10(value);

        internal override void Fit(IAxis axis, Sequence<double> values)
        {
            var (low, high) = (Log10(values.DefaultIfEmpty(1).Min()), Log10(values.DefaultIfEmpty(10).Max()));
            var margin = high > low ? 0.08 * (high - low) : 0.5;
            (low, high) = (low - margin, high + margin);
            axis.Range.Set(low, high);
            var ticks = Rounds.Select(round => (Ticks: Round(round.Digits, low, high), round.Enough))
                .First(round => round.Ticks.Count >= round.Enough).Ticks;
            axis.TickGenerator = new NumericManual([.. ticks.Select(tick => Log10(tick))], [.. ticks.Select(Plainly)]);
        }

        private static List<double> Round(int[] digits, double low, double high) =>
        [
            .. Enumerable.Range((int)Floor(low), (int)Ceiling(high) - (int)Floor(low) + 1)
                .SelectMany(power => digits.Select(digit => digit * Pow(10, power)))
                .Where(tick => Log10(tick) >= low && Log10(tick) <= high),
        ];
    }
}
