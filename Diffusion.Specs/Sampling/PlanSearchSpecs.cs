using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Search;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>Searches of plans in worlds whose denoiser is known.</summary>
public sealed class PlanSearchSpecs
{
    private static readonly MixtureWorld Mixture = MixtureWorld.Of(
        new Blob(1, [-0.8, 0.1], 0.05), new Blob(2, [0.5, 0.6], 0.15), new Blob(1, [0.3, -0.7], 0.1));

    private static readonly string[] Deterministic = ["ddim", "euler", "dpm++2m", "dpm++3m", "lms", "unipc", "unipc3"];

    private static IEnumerable<NoiseSchedule> Schedules =>
        [new NoiseSchedule.Cosine(), new NoiseSchedule.Linear(), new NoiseSchedule.Edm(), new NoiseSchedule.RectifiedFlow()];

    [Fact]
    public void The_shortest_path_is_that_of_all_paths()
    {
        for (var seed = 0UL; seed < 40; seed++)
        {
            var places = 2 + (int)(seed % 7);
            double Cost(int from, int to) => new Seed(seed).For(from).Uniform(to);
            for (var steps = 1; steps < places; steps++)
            {
                var found = ShortestPath.Through(places, steps, Cost);
                double Length(IReadOnlyList<int> way) => way.Zip(way.Skip(1), Cost).Sum();
                Assert.Equal((steps + 1, 0, places - 1), (found.Count, found[0], found[^1]));
                Assert.Equal(Ways(places, steps).Min(Length), Length(found), 1e-12);
            }
        }
    }

    [Fact]
    public void Descent_finds_the_lowest_place_of_a_valley_and_is_never_worse_than_its_start()
    {
        var descent = new CoordinateDescent(41, 500);
        var (places, cost) = descent.From([0, 5, 6, 40], grid => Abs(grid[1] - 17) + Abs(grid[2] - 31));
        Assert.Equal(([0, 17, 31, 40], 0), (places, cost));
        for (var seed = 0UL; seed < 20; seed++)
        {
            var (asked, most) = (0, 1 + (int)seed);
            Sequence<int> start = [0, 9, 20, 33, 40];
            double Rough(Sequence<int> grid)
            {
                asked++;
                return grid.Aggregate(new Seed(seed), (stream, place) => stream.For(place)).Uniform(0);
            }
            var worst = Rough(start);
            asked = 0;
            Assert.True((descent with { Trials = most }).From(start, Rough).Cost <= worst);
            Assert.InRange(asked, 1, most);
        }
    }

    [Fact]
    public void Least_squares_finds_the_weights_of_a_sum_and_keeps_those_that_the_vectors_do_not_tell()
    {
        var space = new NumberSpace(4);
        Sequence<double[]> vectors = [[1, 0, 2, 0], [0, 1, 1, -1], [3, 1, 0, 0]];
        var target = space.Combine([new(0.5, vectors[0]), new(-2, vectors[1]), new(1.25, vectors[2])]);
        var weights = LeastSquares.Weights(space, vectors, [0, 0, 0], target);
        Assert.All(weights.Zip([0.5, -2, 1.25]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
        var unknown = LeastSquares.Weights(space, [vectors[0], vectors[0], [0, 0, 0, 0]], [0.75, 0.25, 9], vectors[0]);
        Assert.All(unknown.Zip([0.75, 0.25, 9]), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
    }

    [Fact]
    public void A_search_is_never_worse_than_the_usual_levels_and_gives_a_plan_of_as_many_calls_that_fits_the_schedule()
    {
        foreach (var schedule in Schedules)
            foreach (var name in Deterministic)
                foreach (var freedom in Enum.GetValues<SearchFreedom>())
                {
                    var search = SearchOf(name, schedule, 4) with { Freedom = freedom, Candidates = 24, Trials = 25 };
                    var found = search.Run(Samples(Mixture, 0, 8), Samples(Mixture, 1, 8));
                    Assert.True(found.Matched.After <= found.Matched.Before, $"{name} {schedule}: {found}");
                    Assert.Equal(4, found.Plan.NetworkCalls);
                    Assert.Null(PlanFit.MismatchOf(found.Plan, schedule));
                    Assert.Equal(found.Plan, PlanDocument.Parse(PlanDocument.Of(found.Plan).ToJson().ToJsonString()).Plan);
                }
    }

    [Theory]
    [InlineData("unipc", SearchFreedom.Levels, 0.7)]
    [InlineData("unipc", SearchFreedom.LevelsAndWeights, 0.3)]
    [InlineData("ddim", SearchFreedom.LevelsAndWeights, 0.5)]
    public void What_is_found_is_better_for_samples_that_were_not_seen(string name, SearchFreedom freedom, double most)
    {
        var search = SearchOf(name, new NoiseSchedule.Cosine(), 5) with { Freedom = freedom };
        var found = search.Run(Samples(Mixture, 0, 200), Samples(Mixture, 1, 200));
        Assert.True(found.Unseen.After < most * found.Unseen.Before, $"{found.Matched} {found.Unseen}");
    }

    // Two steps have one level to choose.
    [Fact]
    public void The_best_level_of_two_steps_is_the_best_of_all_candidates()
    {
        var world = MixtureWorld.Single(0.3, 0.5);
        foreach (var name in (string[])["ddim", "unipc"])
        {
            var search = SearchOf(name, new NoiseSchedule.Cosine(), 2) with { Freedom = SearchFreedom.Levels, Trials = 200 };
            var samples = Samples(world, 0, 20);
            var end = samples.Interpreter.Run(search.Teacher);
            double Error(SamplerPlan plan) =>
                samples.Interpreter.Run(plan).Zip(end, (left, right) => Abs(left - right)).Sum() / end.Sum(Abs);
            var best = search.Times.Skip(1).Min(time =>
                Error(search.Sampler.Plan(search.Schedule, new TimestepSpacing.Explicit([search.Times[0], time]))));
            var found = search.Run(samples, Samples(world, 1, 20));
            best = Min(best, Error(search.Start));
            Assert.Equal(best, found.Matched.After, 1e-9);
            Assert.Equal(best, Error(found.Plan), 1e-9);
        }
    }

    // The exact denoiser of a centred Gaussian is a multiple of the state, and so is every sample of the noise.
    [Fact]
    public void Of_a_centred_Gaussian_one_call_with_fitted_weights_is_as_good_as_the_teacher()
    {
        var world = MixtureWorld.Single(0, 0.4);
        foreach (var name in Deterministic)
        {
            var found = SearchOf(name, new NoiseSchedule.Linear(), 1).Run(Samples(world, 0, 50), Samples(world, 1, 50));
            Assert.InRange(found.Unseen.After, 0, 1e-6);
            Assert.True(found.Unseen.Before > 0.1);
        }
    }

    [Fact]
    public void The_same_search_finds_the_same_plan()
    {
        var search = SearchOf("unipc", new NoiseSchedule.Cosine(), 4) with { Trials = 20 };
        FoundPlan Found() => search.Run(Samples(Mixture, 0, 10), Samples(Mixture, 1, 10));
        Assert.Equal(Found(), Found());
    }

    [Theory]
    [InlineData("ddpm", "ancestral adds noise")]
    [InlineData("euler-ancestral", "adds noise")]
    [InlineData("heun", "does not ask the network once in each of 4 steps")]
    public void A_sampler_without_trajectories_of_one_call_a_step_is_refused(string name, string reason)
    {
        var refusal = Assert.Throws<ArgumentException>(() => SearchOf(name, new NoiseSchedule.Cosine(), 4).Start);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_that_are_fitted_to_a_plan_s_own_trajectory_lead_to_its_own_sample()
    {
        foreach (var schedule in Schedules)
            foreach (var name in (string[])["ddim", "dpm++2m", "dpm++3m"])
            {
                var plan = SearchOf(name, schedule, 6).Start;
                var samples = Samples(Mixture, 0, 30);
                var own = Trajectory<double[]>.Of(plan, samples.Interpreter);
                // On the plan's own scale, as it is its own teacher.
                var fitted = new WeightFit<double[]>(samples.Space, own.States, own.Estimates).Of(plan);
                Assert.All(samples.Interpreter.Run(plan).Zip(samples.Interpreter.Run(fitted)), pair =>
                    Assert.Equal(pair.First, pair.Second, 1e-4));
            }
    }

    private static PlanSearch SearchOf(string sampler, NoiseSchedule schedule, int calls) =>
        new(SamplerCatalogue.Find(sampler)!.Sampler with { Clipping = new Clipping.None() }, schedule, calls);

    private static SearchSamples<double[]> Samples(MixtureWorld world, int number, int count) =>
        new(world.Space, new(world.Space, world, new NumberNoise(new Seed(7).For(number), count * world.Dimensions)));

    private static IEnumerable<IReadOnlyList<int>> Ways(int places, int steps) => steps == 1 ? [[0, places - 1]]
        : Enumerable.Range(1, places - 2).SelectMany(last => last < steps - 1 ? []
            : Ways(last + 1, steps - 1).Select(way => (IReadOnlyList<int>)[.. way, places - 1]));
}
