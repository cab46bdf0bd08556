using Diffusion.Host.Studio.Web;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A sampler over a noise schedule, as the world's API asks for it.</summary>
public sealed record WorldSampler
{
    private const int MostSteps = 250;

    /// <summary>The sampler, by the name that <c>GET /api/world</c> lists.</summary>
    public string Name { get; init; } = "ddim";

    /// <summary>The noise schedule, by the name that <c>GET /api/world</c> lists.</summary>
    public string Schedule { get; init; } = "edm";

    /// <summary>The number of steps, from 1 to 250.</summary>
    public int Steps { get; init; } = 20;

    /// <summary>Which levels are visited, by the name that <c>GET /api/world</c> lists; null for what is usual with the sampler.</summary>
    public string? Spacing { get; init; }

    /// <summary>η, from 0 to 1, of samplers that have it.</summary>
    public double? Eta { get; init; }

    /// <summary>The order of methods that come in several.</summary>
    public int? Order { get; init; }

    /// <summary>Every step. Estimates are used as they are: the plane has no bounds.</summary>
    /// <exception cref="RefusedException">A name or number is out of range, or the sampler needs a network.</exception>
    /// <exception cref="ArgumentException">The sampler has no such setting, or does not fit the schedule.</exception>
    internal SamplerPlan Plan()
    {
        RefusedException.Unless(Steps is >= 1 and <= MostSteps, $"steps: from 1 to {MostSteps}");
        RefusedException.Unless(Eta is null or (>= 0 and <= 1), "eta: from 0 to 1");
        var schedule = ScheduleOf(Schedule);
        var plan = new SamplerChange
        {
            Sampler = SamplerOf(Name), Steps = Steps, Spacing = SpacingOf(Spacing), Eta = Eta, Order = Order,
            Clipping = new Clipping.None(),
        }.Of(SamplerChoice.Of(SamplerOf(Name), schedule), schedule).Plan(schedule);
        RefusedException.Unless(
            !plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.DenoiseWithVariance)),
            $"sampler: {Name} takes its variance from a network, and here is none");
        return plan;
    }

    /// <summary>Whether a plan draws noise on the way.</summary>
    internal static bool IsRandom(SamplerPlan plan) =>
        plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.Draw));

    private static Sampler SamplerOf(string name) => SamplerCatalogue.Find(name)?.Sampler
        ?? throw new RefusedException(400, "sampler: a name that /api/world lists");

    private static NoiseSchedule ScheduleOf(string word) =>
        NoiseChoice.Schedules.FirstOrDefault(schedule => schedule.Word == word).Schedule
        ?? throw new RefusedException(400, "schedule: a name that /api/world lists");

    private static Spacing? SpacingOf(string? word)
    {
        var found = NoiseChoice.Spacings.Where(spacing => spacing.Word == word)
            .Select(spacing => (Spacing?)spacing.Spacing).FirstOrDefault();
        RefusedException.Unless(word is null || found is not null, "spacing: a name that /api/world lists");
        return found;
    }
}

/// <summary>Samples of a density, as the API asks for them.</summary>
public sealed record WorldSamplesQuestion
{
    private const int MostSamples = 1000;
    private const int MostPoints = 40_000;

    /// <summary>The density.</summary>
    public WorldShape World { get; init; } = new();

    /// <summary>How it is sampled.</summary>
    public WorldSampler Sampler { get; init; } = new();

    /// <summary>What the noise follows from.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many samples, from 1 to 1000; samples times steps are at most 40,000.</summary>
    public int Count { get; init; } = 300;

    /// <summary>Refuses more than is shown.</summary>
    /// <exception cref="RefusedException">There are too many samples, or too many points on their way.</exception>
    internal void Check()
    {
        RefusedException.Unless(Count is >= 1 and <= MostSamples, $"count: from 1 to {MostSamples}");
        RefusedException.Unless(
            (long)Count * Sampler.Steps <= MostPoints,
            FormattableString.Invariant($"count: samples times steps are at most {MostPoints:N0}"));
    }
}

/// <summary>Errors of samplers, as the API asks for them.</summary>
public sealed record WorldErrorsQuestion
{
    /// <summary>How many samplers can be asked for at once.</summary>
    public const int MostSamplers = 8;

    /// <summary>The density.</summary>
    public WorldShape World { get; init; } = new();

    /// <summary>The samplers, by the names that <c>GET /api/world</c> lists; none that draws noise on the way.</summary>
    public IReadOnlyList<string> Samplers { get; init; } = ["ddim", "euler", "heun", "dpm++2m", "unipc"];

    /// <summary>The noise schedule.</summary>
    public string Schedule { get; init; } = "edm";

    /// <summary>Which levels are visited; null for what is usual with each sampler.</summary>
    public string? Spacing { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Refuses more than is measured.</summary>
    /// <exception cref="RefusedException">There are too many samplers, or one comes twice.</exception>
    internal void Check() => RefusedException.Unless(
        Samplers.Count is >= 1 and <= MostSamplers && Samplers.Distinct().Count() == Samplers.Count,
        $"samplers: from 1 to {MostSamplers}, each once");
}

/// <summary>A density seen through noise, as the API asks for it.</summary>
public sealed record WorldFieldQuestion
{
    private const double MostNoise = 1e4;

    /// <summary>The density.</summary>
    public WorldShape World { get; init; } = new();

    /// <summary>σ/α of the noise level, from 0 to 10,000.</summary>
    public double Sigma { get; init; }

    /// <summary>Refuses noise that no schedule has.</summary>
    /// <exception cref="RefusedException">There is too much of it, or less than none.</exception>
    internal void Check() => RefusedException.Unless(
        Sigma is >= 0 and <= MostNoise, FormattableString.Invariant($"sigma: from 0 to {MostNoise:N0}"));
}
