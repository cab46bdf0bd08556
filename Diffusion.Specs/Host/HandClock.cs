namespace Diffusion.Specs.Host;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class HandClock : TimeProvider
{
    /// <summary>How far it was moved.</summary>
    public TimeSpan Passed { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public void Pass(double seconds) => Passed += TimeSpan.FromSeconds(seconds);

    public override long GetTimestamp() => Passed.Ticks;

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2030, 1, 31, 12, 0, 0, TimeSpan.Zero) + Passed;
}
