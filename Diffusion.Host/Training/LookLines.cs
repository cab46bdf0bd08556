using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Model.Datasets;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Training;

/// <summary>Tells how far looking at all images is: a line soon, and one every few seconds.</summary>
/// <param name="session">Receives the events.</param>
/// <param name="what">What is done, at the beginning of the line.</param>
internal sealed class LookLines(Session session, string what = "checking all images before the first step") : IProgress<ImagesLooked>
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _turn = new();
    private readonly long _begin = TimeProvider.System.GetTimestamp();
    private TimeSpan _next = First;

    /// <inheritdoc/>
    public void Report(ImagesLooked value)
    {
        lock (_turn)
        {
            var elapsed = TimeProvider.System.GetElapsedTime(_begin);
            if (elapsed < _next)
                return;
            _next = elapsed + Interval;
            var rest = new Work(
                "looking", "images", 0, value.Total).Remaining(value.Done, elapsed) is { } left ? $", {Duration.Text(left)} left" : "";
            session.Say(string.Create(
                CultureInfo.InvariantCulture, $"{what}: {value.Done} of {value.Total}{rest}"));
        }
    }
}
