using Diffusion.Host.Studio.Web;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A density in the plane that the reader shapes, where everything that models learn is known exactly.</summary>
internal sealed class WorldPage()
    : StudioPage("world", "World", "Shape a density: its exact score, samplers on their way, their errors, and what guidance does.")
{
    private const int Cells = 96;
    private const int Arrows = 21;
    private const int NoiseLevels = 101;

    // Points are shown on the scale of variance-preserving states: noise has deviation 1.
    private const double Extent = 3.2;

    // One thing at a time, so that what runs on the device keeps its pace.
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("GET", "/world", "Densities, samplers, noise schedules, spacings and noise levels to choose from.", () => WorldChoices.All),
        new("POST", "/world/field", "A density at a noise level, with its exact score and prediction of x_0 at points of a grid.",
            (WorldFieldQuestion question, CancellationToken gone) => InTurn(() => FieldOf(question), gone)),
        new("POST", "/world/samples", "Samples of a density on their way, step by step, by the exact denoiser.",
            (WorldSamplesQuestion question, CancellationToken gone) => InTurn(() => SamplesOf(question, gone), gone)),
        new("POST", "/world/errors", "The error of samplers against the exact solution, by their number of steps.",
            (WorldErrorsQuestion question, CancellationToken gone) => InTurn(() => ErrorsOf(question, gone), gone)),
    ];

    /// <summary>The noise of samples in the plane.</summary>
    internal static NumberNoise NoiseOf(ulong seed, int samples) => new(new Seed(seed).For("world"), 2 * samples);

    private async Task<T> InTurn<T>(Func<T> work, CancellationToken gone)
    {
        await _turn.WaitAsync(gone);
        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    private static WorldField FieldOf(WorldFieldQuestion question)
    {
        question.Check();
        var world = question.World.Guided();
        var level = new NoiseLevel(0, Marginal.OfSigma(question.Sigma).VariancePreserving);
        var density = world.LogDensity(GridOf(Cells), level);
        var (highest, points) = (density.Max(), GridOf(Arrows));
        // Shades need no more digits.
        return new(LevelFacts.Of(level), Extent, Cells, [.. density.Select(one => Round(Exp(one - highest), 4))], points)
        {
            Score = world.Score(points, level), Clean = world.Denoise(points, level),
        };
    }

    // The middles of as many squares, row by row from the top left.
    private static double[] GridOf(int cells)
    {
        double Place(int cell) => Extent * ((2 * cell + 1.0) / cells - 1);
        var axis = Enumerable.Range(0, cells).Select(Place).ToArray();
        return [.. axis.Reverse().SelectMany(_ => axis, (y, x) => (x, y)).SelectMany(point => new[] { point.x, point.y })];
    }

    private static SampledWorld SamplesOf(WorldSamplesQuestion question, CancellationToken gone)
    {
        question.Check();
        var (world, plan, space) = (question.World.Guided(), question.Sampler.Plan(), new NumberSpace(2));
        var interpreter = new Interpreter<double[]>(space, world, NoiseOf(question.Seed, question.Count));
        double[] Shown(double[] state, NoiseLevel level) => space.Combine([new(1 / level.Marginal.Scale, state)]);
        var (slots, moments) = (interpreter.Begin(plan), new List<WorldMoment>());
        foreach (var step in plan.Steps)
        {
            gone.ThrowIfCancellationRequested();
            var before = slots[Slot.State];
            (slots, var estimate) = interpreter.Through(slots, step);
            RefusedException.Unless(
                slots[Slot.State].All(double.IsFinite) && estimate?.All(double.IsFinite) != false,
                FormattableString.Invariant($"samples: they diverge in step {moments.Count + 1}; more steps or less guidance may help"));
            moments.Add(new(LevelFacts.Of(step.From), Shown(before, step.From), estimate));
        }
        var last = plan.Steps[^1].To;
        moments.Add(new(LevelFacts.Of(last), Shown(slots[Slot.State], last), null));
        return new(plan.Name, plan.Steps.Count, plan.NetworkCalls, PlanText.Print(plan), moments);
    }

    private static MeasuredErrors ErrorsOf(WorldErrorsQuestion question, CancellationToken gone)
    {
        question.Check();
        return new(
            "the probability flow from the same noise, solved by Runge and Kutta's fourth order", new WorldErrors(question).Measure(gone));
    }

    /// <summary>What can be chosen.</summary>
    private sealed record WorldChoices(IReadOnlyDictionary<string, IReadOnlyList<WorldComponent>> Presets, IReadOnlyList<double> Levels)
    {
        /// <summary>All of it.</summary>
        public static WorldChoices All { get; } = new(
            WorldShape.Presets,
            [
                .. new TimestepSpacing.KarrasWithin(NoiseLevels, 0.01, 80).Over(new NoiseSchedule.Edm())
                    .Select(step => step.From.Marginal.NoiseToSignal).Reverse(),
            ]);

        /// <summary>Samplers that need no network.</summary>
        public IReadOnlyList<WorldSamplerChoice> Samplers { get; } = [.. WorldSamplerChoice.All];

        /// <summary>The names of the noise schedules.</summary>
        public IReadOnlyList<string> Schedules { get; } = [.. NoiseChoice.Schedules.Select(schedule => schedule.Word)];

        /// <summary>The names of the spacings.</summary>
        public IReadOnlyList<string> Spacings { get; } = [.. NoiseChoice.Spacings.Select(spacing => spacing.Word)];

        /// <summary>How many components a density may have.</summary>
        public int MostComponents { get; } = WorldShape.MostComponents;

        /// <summary>Centres lie between this and its negative.</summary>
        public double Reach { get; } = WorldShape.Reach;
    }

    /// <summary>A sampler that can be asked for.</summary>
    /// <param name="Name">What requests call it.</param>
    /// <param name="Description">A few words.</param>
    /// <param name="Source">Authors and year.</param>
    /// <param name="Order">The order of convergence that it states.</param>
    private sealed record WorldSamplerChoice(string Name, string Description, string Source, int Order)
    {
        /// <summary>Whether it has a stochasticity η.</summary>
        public bool HasEta { get; init; }

        /// <summary>The orders that can be chosen; empty for a method without a choice.</summary>
        public IReadOnlyList<int> Orders { get; init; } = [];

        /// <summary>Whether it draws noise on its way.</summary>
        public bool IsRandom { get; init; }

        public static IEnumerable<WorldSamplerChoice> All =>
            from entry in SamplerCatalogue.Entries
            let plan = Planned(entry)
            where plan is not null
            select new WorldSamplerChoice(entry.Name, entry.Description, entry.Source, entry.Sampler.ConvergenceOrder)
            {
                HasEta = Has(entry, new() { Eta = 1 }),
                Orders = [.. Enumerable.Range(1, 4).Where(order => Has(entry, new() { Order = order }))],
                IsRandom = WorldSampler.IsRandom(plan),
            };

        private static bool Has(SamplerEntry entry, SamplerChange change) => change.Faults(entry.Sampler).Count == 0;

        private static SamplerPlan? Planned(SamplerEntry entry)
        {
            try
            {
                return new WorldSampler { Name = entry.Name, Steps = 12 }.Plan();
            }
            catch (RefusedException)
            {
                return null;
            }
        }
    }

    /// <summary>A density at a noise level, on the scale of variance-preserving states.</summary>
    /// <param name="Level">The noise level.</param>
    /// <param name="Extent">The square reaches from minus this to this, in both directions.</param>
    /// <param name="Cells">Cells of a row of it.</param>
    /// <param name="Density">The density in the middle of each cell over the highest of them, row by row from the top left.</param>
    /// <param name="Points">Where the arrows are: x and y of each.</param>
    private sealed record WorldField(
        LevelFacts Level, double Extent, int Cells, IReadOnlyList<double> Density, IReadOnlyList<double> Points)
    {
        /// <summary>∇ log p at each point.</summary>
        public required IReadOnlyList<double> Score { get; init; }

        /// <summary>E[x_0 | x] at each point; the guided estimate under guidance.</summary>
        public required IReadOnlyList<double> Clean { get; init; }
    }

    /// <summary>Samples on their way.</summary>
    /// <param name="Sampler">The plan's name.</param>
    /// <param name="Steps">How many steps.</param>
    /// <param name="NetworkCalls">How often the denoiser is asked (NFE).</param>
    /// <param name="Text">The plan, step by step.</param>
    /// <param name="Moments">Before each step, and at the end.</param>
    private sealed record SampledWorld(string Sampler, int Steps, int NetworkCalls, string Text, IReadOnlyList<WorldMoment> Moments);

    /// <summary>Samples at a level.</summary>
    /// <param name="Level">The level.</param>
    /// <param name="States">x_t/√(α² + σ²): x and y of each sample.</param>
    /// <param name="Estimates">x̂_0 of each; null at the end.</param>
    private sealed record WorldMoment(LevelFacts Level, IReadOnlyList<double> States, IReadOnlyList<double>? Estimates);

    /// <summary>Errors of samplers.</summary>
    /// <param name="Reference">What they are measured against.</param>
    /// <param name="Curves">One of each sampler.</param>
    private sealed record MeasuredErrors(string Reference, IReadOnlyList<ErrorCurve> Curves);
}
