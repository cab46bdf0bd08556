using Diffusion.Math.Noise;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Schedules;

public abstract partial record NoiseSchedule
{
    /// <summary>
    /// The levels of another schedule that a grid visits, as a shorter schedule: ᾱ is kept there, and so are the network's times.
    /// </summary>
    /// <remarks>
    /// Time i of this schedule is the i-th visited time of the base, the least noisy first. Nichol and Dhariwal 2021, Section 4;
    /// guided-diffusion's SpacedDiffusion. Sampling over it with <see cref="TimestepSpacing.All"/> is sampling over the base with the grid.
    /// </remarks>
    /// <param name="Base">The schedule the network was trained with.</param>
    /// <param name="Grid">Which of its levels are kept; all of them must be levels of the base.</param>
    public sealed record Respaced(Discrete Base, TimestepSpacing Grid) : Discrete
    {
        // Derived at once, so that a grid that does not fit is refused where it is given.
        private readonly Sequence<int> _kept = Kept(Base, Grid);

        /// <summary>The schedule the network was trained with.</summary>
        public Discrete Base
        {
            get;
            init => (field, _kept) = (value, Kept(value, Grid));
        } = Base;

        /// <summary>Which of its levels are kept; all of them must be levels of the base.</summary>
        public TimestepSpacing Grid
        {
            get;
            init => (field, _kept) = (value, Kept(Base, value));
        } = Grid;

        /// <inheritdoc/>
        public override int Steps => _kept.Count;

        /// <inheritdoc/>
        /// <remarks>The network is given the base's time.</remarks>
        public override NoiseLevel LevelAt(double time) =>
            time == Floor(time) && time >= 0 && time < Steps ? Base.LevelAt(_kept[(int)time]) : Base.LevelOf(At(time).NoiseToSignal);

        private protected override Sequence<double> ComputeBetas() => BetasOf(AlphaBars);

        private protected override Sequence<double> ComputeAlphaBars() =>
            _kept.Select(time => Base.AlphaBars[time]).ToSequence();

        private static Sequence<int> Kept(Discrete schedule, TimestepSpacing grid) =>
            grid.Over(schedule).Select(step => Position(step.From, schedule, grid)).Reverse().ToSequence();

        // By its noise, since the time of a level of a respaced base is that of the base's base.
        private static int Position(NoiseLevel level, Discrete schedule, TimestepSpacing grid) =>
            (int)Round(schedule.TimeOf(level.Marginal.LogSnr)) is var time && schedule.LevelAt(time) == level
                ? time
                : throw new ArgumentException($"{grid} visits {level}, which is no level of {schedule}.", nameof(grid));
    }
}
