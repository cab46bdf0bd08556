using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// How fast the mathematics is: a plan of a thousand steps of every sampler, and the tables of schedules of a million levels.
/// </summary>
/// <remarks>Medians, since a plan is made once in a run: what matters is the usual time, not the best one.</remarks>
public sealed record PlanBenchmark() : SpeedBenchmark("plan", "plans of 1000 steps of every sampler, schedules of 1000000 levels")
{
    private const int Steps = 1000;
    private const int Levels = 1_000_000;
    private const int Plans = 51;
    private const int Tables = 9;

    private static readonly Sequence<(string Name, Func<NoiseSchedule.Discrete> Make)> Schedules =
    [
        ("linear", () => new NoiseSchedule.Linear(Levels, 1e-7, 2e-5)),
        ("quadratic", () => new NoiseSchedule.Quadratic(Levels, 1e-7, 2e-5)),
        ("cosine", () => new NoiseSchedule.Cosine(Levels)),
        ("sigmoid beta", () => new NoiseSchedule.SigmoidBeta(Levels, 1e-7, 2e-5)),
        ("sigmoid signal", () => new NoiseSchedule.SigmoidSignal(Levels)),
        ("constant", () => new NoiseSchedule.Constant(Levels, 1e-5)),
        ("harmonic", () => new NoiseSchedule.Harmonic(Levels)),
        ("warm-up", () => new NoiseSchedule.WarmUp(Levels, 0.1, 1e-7, 2e-5)),
        ("zero terminal snr", () => new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear(Levels, 1e-7, 2e-5))),
    ];

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        var schedule = new NoiseSchedule.Linear(Steps);
        foreach (var entry in SamplerCatalogue.Entries)
        {
            session.Stopping.ThrowIfCancellationRequested();
            var seconds = Median(Plans, () => entry.Sampler.Plan(schedule, new TimestepSpacing.All()));
            yield return new($"plan of {Steps} steps, {entry.Name}", 1000 * seconds, "ms");
        }
        foreach (var (name, make) in Schedules)
        {
            session.Stopping.ThrowIfCancellationRequested();
            var seconds = Median(Tables, () => _ = make().AlphaBars[^1]);
            yield return new($"schedule of {Levels} levels, {name}", 1000 * seconds, "ms");
        }
    }
}
