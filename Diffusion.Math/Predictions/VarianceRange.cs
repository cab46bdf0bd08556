namespace Diffusion.Math.Predictions;

/// <summary>Two variances between whose logarithms a network interpolates, or extrapolates.</summary>
/// <param name="Low">The variance at output −1; at least 0.</param>
/// <param name="High">The variance at output 1; at least 0.</param>
public readonly record struct VarianceRange(double Low, double High)
{
    /// <summary>One variance, whatever the network says.</summary>
    public static VarianceRange Of(double variance) => new(variance, variance);

    /// <summary>
    /// log variance = ½(1 + v)·log High + ½(1 − v)·log Low. Nichol and Dhariwal 2021, Eq. 15, with their fraction as ½(1 + v).
    /// </summary>
    /// <param name="output">v, the network's output; not limited to [−1, 1].</param>
    public double LogAt(double output = -1) =>
        Low == High ? Log(Low) : (1 + output) / 2 * Log(High) + (1 - output) / 2 * Log(Low);
}
