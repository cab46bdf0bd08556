using System.Text.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;

namespace Diffusion.Math.Spacings;

/// <summary>Which noise levels a sampler visits, from the noisiest to the least noisy; after the last one comes clean data.</summary>
/// <remarks>
/// A closed union of the field's spacings; see Lin et al. 2023, "Common diffusion noise schedules and sample steps are flawed", Table 2.
/// </remarks>
public abstract partial record TimestepSpacing
{
    private TimestepSpacing()
    {
    }

    /// <summary>The visited intervals, in sampling order; at least one.</summary>
    /// <exception cref="ArgumentException">The grid does not fit the schedule: more steps than levels, or no levels at all.</exception>
    public abstract Sequence<TimeStep> Over(INoiseLevels schedule);

    private IDiscreteNoiseLevels Levels(INoiseLevels schedule) =>
        schedule as IDiscreteNoiseLevels
        ?? throw new ArgumentException(
            $"{NameOf(this)} needs a schedule of discrete timesteps; {NameOf(schedule)} is continuous.", nameof(schedule));

    // As JSON calls it.
    private static string NameOf(object part) => JsonNamingPolicy.CamelCase.ConvertName(part.GetType().Name);

    private IDiscreteNoiseLevels LevelsFor(int count, INoiseLevels schedule) =>
        Levels(schedule) is var discrete && count <= discrete.Steps
            ? discrete
            : throw new ArgumentException($"{count} steps do not fit a schedule of {discrete.Steps} levels.", nameof(schedule));

    private static Sequence<TimeStep> Chain(INoiseLevels schedule, IEnumerable<int> times) =>
        Chain(times.Select(time => schedule.LevelAt(time)));

    private static Sequence<TimeStep> Chain(IEnumerable<NoiseLevel> levels)
    {
        NoiseLevel[] visited = [.. levels];
        return Sequence.Generate(visited.Length, index =>
            new TimeStep(visited[index], index + 1 < visited.Length ? visited[index + 1] : NoiseLevel.Clean));
    }

    // Numbers from first to last inclusive, equally spaced; the last one exactly.
    private static IEnumerable<double> Spread(double first, double last, int count) =>
        Enumerable.Range(0, count).Select(
            index => index == 0 ? first : index == count - 1 ? last : first + (last - first) * index / (count - 1));
}

/// <summary>One step of a sampler: the level it starts from and the level it goes to.</summary>
/// <param name="From">The noisier level.</param>
/// <param name="To">The less noisy level; <see cref="NoiseLevel.Clean"/> at the end.</param>
public readonly record struct TimeStep(NoiseLevel From, NoiseLevel To);
