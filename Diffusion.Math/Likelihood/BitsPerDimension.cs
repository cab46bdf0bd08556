namespace Diffusion.Math.Likelihood;

/// <summary>A bound as it is added up: the prior's term and the chain's, in bits per number of the image.</summary>
/// <param name="Prior">L_T.</param>
/// <param name="Chain">The sum of the L_t so far.</param>
public readonly record struct BitsPerDimension(double Prior, double Chain)
{
    /// <summary>The whole bound.</summary>
    public double Total => Prior + Chain;

    /// <summary>Begins with the prior's term.</summary>
    /// <param name="nats">L_T of every number of the image; at least one.</param>
    public static BitsPerDimension From(ReadOnlySpan<double> nats) => new(BitsOf(nats), 0);

    /// <summary>Adds the term of one time.</summary>
    /// <param name="nats">L_t of every number of the image; at least one.</param>
    public BitsPerDimension Add(ReadOnlySpan<double> nats) => this with { Chain = Chain + BitsOf(nats) };

    /// <summary>The mean of nats, in bits.</summary>
    /// <exception cref="ArgumentException">There is nothing to take the mean of.</exception>
    public static double BitsOf(ReadOnlySpan<double> nats)
    {
        if (nats.IsEmpty)
            throw new ArgumentException("The mean of no numbers was asked for.", nameof(nats));
        var sum = 0.0;
        foreach (var term in nats)
            sum += term;
        return sum / nats.Length / Log(2);
    }
}
