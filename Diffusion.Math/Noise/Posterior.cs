namespace Diffusion.Math.Noise;

/// <summary>q(x_s | x_t, x_0) for s before t: a Gaussian with mean OfState·x_t + OfClean·x_0 and standard deviation Sigma.</summary>
/// <remarks>Ho et al. 2020, Eq. 6 and 7, generalised to any pair of times and any (alpha, sigma).</remarks>
/// <param name="OfState">Weight of the noisier state x_t in the mean.</param>
/// <param name="OfClean">Weight of the clean data x_0 in the mean.</param>
/// <param name="Sigma">Standard deviation; √β̃_t of the paper for neighbouring times.</param>
public readonly record struct Posterior(double OfState, double OfClean, double Sigma)
{
    /// <summary>The posterior of <paramref name="earlier"/> given a state at <paramref name="later"/> and the clean data.</summary>
    /// <exception cref="ArgumentException"><paramref name="later"/> is less noisy than <paramref name="earlier"/>, or has no
    /// noise.</exception>
    public static Posterior Of(Marginal earlier, Marginal later)
    {
        return Of(earlier, Transition.Of(earlier, later), later);
    }

    /// <summary>The same, given also the step that leads from <paramref name="earlier"/> to <paramref name="later"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="later"/> has no noise.</exception>
    public static Posterior Of(Marginal earlier, Transition step, Marginal later)
    {
        if (later.Sigma == 0)
            throw new ArgumentException($"{later} has no noise: nothing is left to infer.", nameof(later));
        var kept = earlier.Sigma * earlier.Sigma / (later.Sigma * later.Sigma);
        var added = step.Sigma * step.Sigma / (later.Sigma * later.Sigma);
        return new(step.Scale * kept, earlier.Alpha * added, Sqrt(added) * earlier.Sigma);
    }
}
