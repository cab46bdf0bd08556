using Diffusion.Host.Studio.Web;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Host.Studio.Pages;

/// <summary>How far a sampler ends from the exact solution of the probability flow.</summary>
/// <param name="Sampler">The sampler.</param>
/// <param name="Order">The order of convergence that it states.</param>
/// <param name="Points">The measurements, the fewest steps first.</param>
public sealed record ErrorCurve(string Sampler, int Order, IReadOnlyList<ErrorPoint> Points);

/// <summary>A measurement.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="NetworkCalls">How often the denoiser is asked (NFE).</param>
/// <param name="Error">The median distance between a sample and the exact end of its way; null where the samples diverge.</param>
public sealed record ErrorPoint(int Steps, int NetworkCalls, double? Error);

/// <summary>Measures samplers against the exact solution from the same noise.</summary>
/// <param name="question">What is asked.</param>
internal sealed class WorldErrors(WorldErrorsQuestion question)
{
    private const int Samples = 48;
    private const int ReferenceSteps = 600;

    // Where the exact solution ends: what is left to clean data is far below what is shown.
    private const double Least = 1e-5;

    private readonly GuidedWorld _world = question.World.Guided();
    private readonly NumberNoise _noise = WorldPage.NoiseOf(question.Seed, Samples);
    private readonly NumberSpace _space = new(2);
    private readonly Dictionary<(double Sigma, double Scale), double[]> _known = [];

    /// <summary>The numbers of steps that are measured.</summary>
    public static Sequence<int> Counts { get; } = [4, 8, 16, 32, 64, 128];

    /// <summary>The curve of every sampler.</summary>
    /// <exception cref="RefusedException">A sampler draws noise, and has no exact end to be compared with.</exception>
    /// <exception cref="OperationCanceledException">The client is gone.</exception>
    public List<ErrorCurve> Measure(CancellationToken gone) =>
    [
        .. question.Samplers.Select(name => new ErrorCurve(name, SamplerCatalogue.Find(name)?.Sampler.ConvergenceOrder ?? 0,
        [
            .. Counts.Select(steps =>
            {
                gone.ThrowIfCancellationRequested();
                var plan = new WorldSampler { Name = name, Schedule = question.Schedule, Spacing = question.Spacing, Steps = steps }.Plan();
                RefusedException.Unless(
                    !WorldSampler.IsRandom(plan), $"samplers: {name} draws noise on its way; only those without have an exact end");
                return new ErrorPoint(steps, plan.NetworkCalls, ErrorOf(plan));
            }),
        ])),
    ];

    private double? ErrorOf(SamplerPlan plan)
    {
        var found = new Interpreter<double[]>(_space, _world, _noise).Run(plan);
        // A method that cannot reach clean data ends on the scale of its last level.
        var ended = _space.Combine([new(1 / plan.Steps[^1].To.Marginal.Alpha, found), new(-1, Exact(plan))]);
        var distances = _space.Inner(ended, ended).Select(Sqrt).Order().ToArray();
        // What is no number comes first in order.
        return double.IsFinite(distances[0]) && double.IsFinite(distances[Samples / 2]) ? distances[Samples / 2] : null;
    }

    // Of x = x_0 + sigma·ε.
    private double[] Exact(SamplerPlan plan)
    {
        var first = plan.Steps[0].From.Marginal;
        var (sigma, scale) = (first.NoiseToSignal, plan.InitialScale / first.Alpha);
        RefusedException.Unless(
            double.IsFinite(sigma), $"schedule: {question.Schedule} begins without signal, and has no exact solution here");
        if (!_known.TryGetValue((sigma, scale), out var exact))
            _known[(sigma, scale)] = exact =
                ProbabilityFlow.Solve(_world, _space.Combine([new(scale, _noise.Draw(0))]), sigma, Least, ReferenceSteps);
        return exact;
    }
}
