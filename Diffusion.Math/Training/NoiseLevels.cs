using Diffusion.Math.Noise;

namespace Diffusion.Math.Training;

/// <summary>How the noise levels of a training batch are drawn. A closed union; a pure function of uniform numbers.</summary>
public abstract record NoiseLevels
{
    private NoiseLevels()
    {
    }

    /// <summary>One level per uniform number in [0, 1).</summary>
    public abstract NoiseLevel[] Draw(ReadOnlySpan<double> uniforms, NoiseSchedule schedule);

    /// <summary>t uniform on 0, …, T − 1. Ho et al. 2020, Algorithm 1.</summary>
    public sealed record UniformTime : NoiseLevels
    {
        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The schedule has no discrete levels.</exception>
        public override NoiseLevel[] Draw(ReadOnlySpan<double> uniforms, NoiseSchedule schedule)
        {
            if (schedule is not NoiseSchedule.Discrete discrete)
                throw new ArgumentException($"Uniform discrete times need a schedule with discrete levels, not {schedule}.", nameof(schedule));
            var levels = new NoiseLevel[uniforms.Length];
            for (var index = 0; index < levels.Length; index++)
                levels[index] = schedule.LevelAt(Floor(uniforms[index] * discrete.Steps));
            return levels;
        }
    }
}
