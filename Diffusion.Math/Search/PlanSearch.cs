using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Math.Search;

/// <summary>What a search may choose.</summary>
public enum SearchFreedom
{
    /// <summary>The levels that are visited; the weights are the sampler's.</summary>
    Levels,

    /// <summary>The levels and the weights of every step.</summary>
    LevelsAndWeights,
}

/// <summary>
/// A plan of few network calls for one model, found by comparing with a plan of many: where to ask, and optionally with which weights.
/// </summary>
/// <remarks>
/// The teacher samples some noise in many steps. The levels that a few steps visit are first those of the cheapest way through the errors
/// of single Euler steps along the teacher's trajectories (Chen et al. 2024, GITS), or the sampler's usual ones where these are better;
/// then each level is moved while that brings the samples closer to the teacher's (after Sabour et al. 2024, "Align your steps", with the
/// error itself as objective). Everything is determined by the model, the noise and these settings.
/// </remarks>
/// <param name="Sampler">A deterministic sampler that asks the network once a step.</param>
/// <param name="Schedule">What the model was trained on.</param>
/// <param name="Calls">Network calls of the plan; at least 1.</param>
public sealed record PlanSearch(Sampler Sampler, NoiseSchedule Schedule, int Calls)
{
    // Log-SNR: of the noisiest candidate but the first, and between two candidates.
    private const double Noisiest = -12;
    private const double Closest = 0.002;

    /// <summary>Network calls of the plan; at least 1.</summary>
    public int Calls { get; init => field = Require.AtLeast(value, 1, nameof(Calls)); } = Require.AtLeast(Calls, 1);

    /// <summary>What may be chosen.</summary>
    public SearchFreedom Freedom { get; init; } = SearchFreedom.LevelsAndWeights;

    /// <summary>Levels to choose from, about: half of them evenly in time, half in log-SNR; the teacher visits all. At least 2.</summary>
    public int Candidates { get; init => field = Require.AtLeast(value, 2, nameof(Candidates)); } = 100;

    /// <summary>Plans that are tried at most; at least 1.</summary>
    public int Trials { get; init => field = Require.AtLeast(value, 1, nameof(Trials)); } = 80;

    /// <summary>The times to choose from, the noisiest first.</summary>
    public Sequence<double> Times => TimesOf();

    /// <summary>The plan that the search starts from, and must not be worse than: the sampler's usual levels.</summary>
    /// <exception cref="ArgumentException">The sampler adds noise, or asks more than once a step, or does not fit the schedule.</exception>
    public SamplerPlan Start
    {
        get
        {
            var plan = Sampler.Plan(Schedule, Sampler.UsualGrid(Schedule, Calls));
            if (plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.Draw or Instruction.Modulate)))
                throw new ArgumentException($"{plan.Name} adds noise; only a deterministic sampler has trajectories to compare.");
            return plan.Steps.All(step => step.NetworkCalls == 1) && plan.NetworkCalls == Calls ? plan
                : throw new ArgumentException($"{plan.Name} does not ask the network once in each of {Calls} steps.");
        }
    }

    /// <summary>The plan that is to be matched: UniPC of order 2 over all candidates, its estimates limited as the sampler's.</summary>
    public SamplerPlan Teacher => new Sampler.UniPc(2, new SolverVariable.Data(), UniPcBasis.Exponential, Ending.LowerOrderFinal,
        Sampler.Clipping).Plan(Schedule, new TimestepSpacing.Explicit(Times));

    /// <summary>Finds the plan.</summary>
    /// <param name="matched">The samples whose trajectories are compared.</param>
    /// <param name="unseen">Other samples, which only measure the result.</param>
    /// <param name="watch">Called after every trial with its number and the relative distance it found.</param>
    /// <typeparam name="T">The vectors.</typeparam>
    /// <exception cref="ArgumentException">The sampler is none that can be searched for, or there are fewer levels than calls.</exception>
    public FoundPlan Run<T>(SearchSamples<T> matched, SearchSamples<T> unseen, Action<int, double>? watch = null)
    {
        var (start, teacher, times) = (Start, Teacher, Times);
        if (Calls > times.Count)
            throw new ArgumentException($"{Calls} calls are more than the {times.Count} levels to choose from.");
        var trials = 0;
        var work = new Matching<T>(this, times, matched, Trajectory<T>.Of(teacher, matched.Interpreter));
        double Reported(double distance)
        {
            trials++;
            watch?.Invoke(trials, distance);
            return distance;
        }
        var before = Reported(work.DistanceOf(start));
        var errors = work.Way.LocalErrors(matched.Space, matched.Scope);
        Sequence<int>[] starts =
        [
            ShortestPath.Through(times.Count + 1, Calls, (from, to) => errors[from, to]),
            Snapped(times, start.Steps.Select(step => step.From.Time)),
        ];
        var begin = starts.Distinct().Select(grid => (Grid: grid, Cost: Reported(work.DistanceOf(grid)))).MinBy(entry => entry.Cost).Grid;
        var (best, after) = new CoordinateDescent(times.Count + 1, Trials).From(begin, grid => Reported(work.DistanceOf(grid)));
        var plan = after < before ? work.PlanOf(best) with { Name = $"{start.Name} searched" } : start;
        var held = new Matching<T>(this, times, unseen, Trajectory<T>.Of(teacher, unseen.Interpreter));
        return new(plan, new(before, Min(after, before)), new(held.DistanceOf(start), held.DistanceOf(plan))) { Trials = trials };
    }

    // Whole times where the schedule has whole levels, which other programs can ask about too.
    private Sequence<double> TimesOf()
    {
        var (first, last, half) = (Schedule.FirstTime, Schedule.LastTime, Max(2, Candidates / 2));
        var even = Enumerable.Range(0, half).Select(index => last + (first - last) * index / (half - 1));
        var (noisy, clear) = (LogSnrOf(last), LogSnrOf(first));
        var bySnr = Enumerable.Range(0, half).Select(index => Schedule.TimeOf(noisy + (clear - noisy) * index / (half - 1)));
        var times = even.Concat(bySnr).Select(time => Clamp(time, first, last));
        if (Schedule is NoiseSchedule.Discrete)
            times = times.Select(time => Round(time));
        // Steps between levels that are almost the same have weights without bounds.
        var kept = new List<double>();
        foreach (var time in times.OrderDescending())
        {
            if (kept.Count == 0 || Schedule.At(time).LogSnr - Schedule.At(kept[^1]).LogSnr > Closest)
                kept.Add(time);
        }
        return kept.ToSequence();
    }

    // A level without signal lies infinitely far away.
    private double LogSnrOf(double time) => Max(Schedule.At(time).LogSnr, Noisiest);

    // The nearest candidates that rise; clean data is the last place.
    private static Sequence<int> Snapped(Sequence<double> candidates, IEnumerable<double> times)
    {
        var wanted = times.ToArray();
        var places = new int[wanted.Length + 1];
        for (var index = 1; index < wanted.Length; index++)
        {
            var nearest = Enumerable.Range(0, candidates.Count).MinBy(place => Abs(candidates[place] - wanted[index]));
            places[index] = Clamp(nearest, places[index - 1] + 1, candidates.Count - (wanted.Length - index));
        }
        places[^1] = candidates.Count;
        return places.ToSequence();
    }

    /// <summary>Plans of this search against the teacher's trajectories of some samples.</summary>
    private sealed record Matching<T>(
        PlanSearch Search, Sequence<double> Times, SearchSamples<T> Samples, Trajectory<T> Way)
    {
        /// <summary>Σ ‖x_0 − teacher's x_0‖ / Σ ‖teacher's x_0‖, sums over the samples.</summary>
        public double DistanceOf(SamplerPlan plan)
        {
            using var scope = Samples.Scope();
            return ToTeacher(Samples.Interpreter.Run(plan));
        }

        public double DistanceOf(Sequence<int> grid)
        {
            using var scope = Samples.Scope();
            return ToTeacher(Samples.Interpreter.Run(Search.Freedom == SearchFreedom.Levels ? Solver(grid) : Fitted(grid)));
        }

        public SamplerPlan PlanOf(Sequence<int> grid)
        {
            using var scope = Samples.Scope();
            return Search.Freedom == SearchFreedom.Levels ? Solver(grid) : Fitted(grid);
        }

        private SamplerPlan Solver(Sequence<int> grid) => Search.Sampler.Plan(
            Search.Schedule, new TimestepSpacing.Explicit(grid.SkipLast(1).Select(place => Times[place]).ToSequence()));

        private SamplerPlan Fitted(Sequence<int> grid)
        {
            var solver = Solver(grid);
            var passed = Enumerable.Range(0, grid.Count).Select(level => Target(
                grid[level], (level < solver.Steps.Count ? solver.Steps[level].From : solver.Steps[^1].To).Marginal)).ToSequence();
            return new WeightFit<T>(Samples.Space, passed, grid.SkipLast(1).Select(place => Way.Estimates[place]).ToSequence()).Of(solver);
        }

        // The sampler may scale its states otherwise than the teacher.
        private T Target(int place, Marginal marginal)
        {
            if (place == Way.Levels.Count)
                return Way.End;
            var scale = marginal.Sigma / Way.Levels[place].Marginal.Sigma;
            return Samples.Space.Combine([new(scale, Way.States[place])]);
        }

        private double ToTeacher(T end)
        {
            var error = Samples.Space.Combine([new(1, end), new(-1, Way.End)]);
            // Not of squares: a few samples that a small error turns into others would be all that counts.
            return Samples.Space.Inner(error, error).Sum(Sqrt) / Samples.Space.Inner(Way.End, Way.End).Sum(Sqrt);
        }
    }
}
