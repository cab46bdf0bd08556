using Diffusion.Math.Values;

namespace Diffusion.Model.Runs;

/// <summary>
/// The distance that a training is expected to end with, by the number of images: a power law fitted to measured trainings.
/// </summary>
/// <remarks>
/// ln d = Level − Slope·(ln n − Centre), by least squares. A new training lies around it as the measured ones do: with the deviation
/// s·√(1 + 1/N + (ln n − Centre)²/Spread) of a new observation, s² being the residuals' sum of squares over N − 2.
/// </remarks>
/// <param name="Level">ln d at the centre.</param>
/// <param name="Slope">How fast the distance falls: b of d ∝ n^−b.</param>
/// <param name="Centre">The mean of ln n over the measured trainings.</param>
/// <param name="Spread">The sum of (ln n − Centre)² over them; above 0.</param>
/// <param name="Deviation">s; at least 0.</param>
/// <param name="Count">N, the number of measured trainings; at least 3.</param>
/// <param name="Least">The shortest of them, in images.</param>
/// <param name="Most">The longest of them, in images.</param>
public sealed record DistanceFit(
    double Level, double Slope, double Centre, double Spread, double Deviation, int Count, long Least, long Most)
{
    /// <summary>The fewest trainings that it is fitted to.</summary>
    public const int Fewest = 3;

    // Beyond this many times the longest measured training, and below the shortest by as much, nothing is claimed.
    private const double Reach = 2;
    private const double Deviations = 2;

    /// <summary>N − 2: on how many numbers the deviation rests.</summary>
    public int Freedom => Count - 2;

    /// <summary>The law of measured trainings.</summary>
    /// <param name="trainings">At least <see cref="Fewest"/>, of two lengths or more.</param>
    /// <exception cref="ArgumentException">They are fewer, or all of one length.</exception>
    public static DistanceFit Of(Sequence<MeasuredTraining> trainings)
    {
        if (trainings.Count < Fewest)
            throw new ArgumentException($"{trainings.Count} trainings are fewer than {Fewest}.", nameof(trainings));
        var points = trainings.Select(training => (X: Log(training.Images), Y: Log(training.Distance))).ToArray();
        var (centre, level) = (points.Average(point => point.X), points.Average(point => point.Y));
        var spread = points.Sum(point => (point.X - centre) * (point.X - centre));
        if (spread <= 0)
            throw new ArgumentException("All trainings are of one length.", nameof(trainings));
        var slope = -points.Sum(point => (point.X - centre) * (point.Y - level)) / spread;
        var squares = points.Sum(point => Square(point.Y - level + slope * (point.X - centre)));
        return new(level, slope, centre, spread, Sqrt(squares / (points.Length - 2)), points.Length,
            trainings.Min(training => training.Images), trainings.Max(training => training.Images));
    }

    /// <summary>What is expected of a training; null where no measured one is of a comparable length.</summary>
    /// <param name="images">Images seen, counted with repetition; at least 1.</param>
    public ExpectedDistance? At(long images)
    {
        if (images > Most * Reach || images < Least / Reach)
            return null;
        var off = Log(images) - Centre;
        var expected = Level - Slope * off;
        var error = Deviations * Deviation * Sqrt(1 + 1.0 / Count + off * off / Spread);
        return new(Exp(expected), Exp(expected - error), Exp(expected + error));
    }

    private static double Square(double number) => number * number;
}

/// <summary>
/// A distance that is expected of a training, with an interval of two standard deviations of a new observation, in its logarithm.
/// </summary>
/// <param name="Value">The distance.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">The interval's upper end.</param>
public sealed record ExpectedDistance(double Value, double Low, double High)
{
    /// <summary>For a person, such as <c>5.9 (4.8 to 7.2)</c>.</summary>
    public string Text => FormattableString.Invariant($"{Value:0.0#} ({Low:0.0#} to {High:0.0#})");
}
