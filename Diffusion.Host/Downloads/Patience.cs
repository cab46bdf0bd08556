namespace Diffusion.Host.Downloads;

/// <summary>How long to wait for a network.</summary>
/// <param name="Contact">From the first attempt until any mirror answers at all; after that there is no network.</param>
/// <param name="Stall">For the next bytes of a mirror that has answered.</param>
/// <param name="Retries">How often to ask the same mirror again when nothing came.</param>
/// <param name="FirstDelay">Before the first retry; every later one waits twice as long.</param>
public sealed record Patience(TimeSpan Contact, TimeSpan Stall, int Retries, TimeSpan FirstDelay)
{
    /// <summary>Bytes a second below which a mirror is left for the next; 0 for none.</summary>
    public long LeastRate { get; init; } = 1000;

    /// <summary>Over how long the rate is taken.</summary>
    public TimeSpan RateWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Eight seconds to find a network; a minute at most on a mirror that has gone silent.</summary>
    public static Patience Default { get; } = new(TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(10), 4, TimeSpan.FromSeconds(0.5));
}
