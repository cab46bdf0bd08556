using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class ConvergenceSpecs
{
    private const double Loudest = 80, Quietest = 0.1;

    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly NoiseSchedule Schedule = new NoiseSchedule.VariancePreserving();
    private static readonly MixtureWorld Pair = MixtureWorld.Of(new Blob(0.6, [-0.8], 0.4), new Blob(0.4, [0.9], 0.3));
    private static readonly double[] Noise = [-1.1, -0.3, 0.2, 0.9];
    private static readonly double[] Truth = ProbabilityFlow.Solve(Pair, [.. Noise.Select(z => Loudest * z)], Loudest, Quietest);

    public static TheoryData<string, Sampler, int> Orders
    {
        get
        {
            SolverVariable data = new SolverVariable.Data(), noise = new SolverVariable.Noise();
            var rows = new TheoryData<string, Sampler, int>
            {
                { "ddim", new Sampler.Ddim(0, Unlimited, NoiseDirection.Predicted), 1 },
                { "euler", new Sampler.Euler(Unlimited), 1 },
                { "heun", new Sampler.Heun(Unlimited), 2 },
                { "midpoint", Edm(new SigmaCurve.Linear(), new StateScale.One(), 0.5), 2 },
                { "heun in variance-preserving time", Edm(new SigmaCurve.Preserving(), new StateScale.Preserving(), 1), 2 },
                { "heun in variance-exploding time", Edm(new SigmaCurve.SquareRoot(), new StateScale.One(), 1), 2 },
            };
            for (var order = 1; order <= 3; order++)
            {
                rows.Add($"lms {order}", new Sampler.Lms(order, Unlimited), order);
                foreach (var form in new[] { data, noise })
                {
                    rows.Add($"unipc {order} {form}", UniPc(order, form), order + 1);
                    foreach (var rule in Enum.GetValues<SolverType>())
                    {
                        // The published multistep rules weigh the curvature by half, and so stop at order 2.
                        var reached = rule == SolverType.Interpolating ? order : Min(order, 2);
                        rows.Add($"multistep {order} {form} {rule}", Multistep(order, form, rule), reached);
                        rows.Add($"singlestep {order} {form} {rule}", Singlestep(order, form, rule), order);
                    }
                }
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public void The_error_falls_with_the_order_of_the_method(string name, Sampler sampler, int order)
    {
        int[] counts = [192, 384, 768];
        var slope = -Slope([.. counts.Select(count => Log(count))], [.. counts.Select(count => Log(ErrorOf(sampler, count)))]);
        Assert.True(slope > order - 0.3 && slope < order + 0.6, $"{name}: measured order {slope:F2}");
    }

    [Fact]
    public void The_flow_of_a_Gaussian_is_known_in_closed_form()
    {
        var (mean, sigma) = (0.3, 0.5);
        var solved = ProbabilityFlow.Solve(MixtureWorld.Single(mean, sigma), [4.0], Loudest, Quietest);
        var exact = mean + (4.0 - mean) * Sqrt((sigma * sigma + Quietest * Quietest) / (sigma * sigma + Loudest * Loudest));
        Assert.Equal(exact, solved[0], 1e-12);
    }

    private static Sampler Multistep(int order, SolverVariable form, SolverType rule) =>
        new Sampler.DpmMultistep(order, form, rule, Ending.Full, Unlimited);

    private static Sampler Singlestep(int order, SolverVariable form, SolverType rule) =>
        new Sampler.DpmSinglestep(order, form, rule, Ending.Full, Unlimited);

    private static Sampler UniPc(int order, SolverVariable form) =>
        new Sampler.UniPc(order, form, UniPcBasis.Exponential, Ending.Full, Unlimited);

    private static Sampler Edm(SigmaCurve curve, StateScale scale, double fraction) =>
        new Sampler.Edm(curve, scale, new Correction.At(fraction), Churn.None, Unlimited);

    // Largest error over the start values, for states of x = x_0 + sigma·ε.
    private static double ErrorOf(Sampler sampler, int count)
    {
        var plan = sampler.Plan(Levels(count));
        var scale = plan.Steps[^1].To.Marginal.Alpha;
        var start = plan.Steps[0].From.Marginal.Sigma;
        var noise = new GivenStart([.. Noise.Select(z => z * start / plan.InitialScale)]);
        var result = new Interpreter<double[]>(Pair.Space, Pair, noise).Run(plan);
        return result.Zip(Truth, (x, truth) => Abs(x / scale - truth)).Max();
    }

    // Levels evenly spread in log-SNR, ending at some noise.
    private static NoisePath Levels(int count)
    {
        NoiseLevel At(int index) => Schedule.LevelOf(Loudest * Pow(Quietest / Loudest, (double)index / count));
        return new(Schedule, Sequence.Generate(count, index => new TimeStep(At(index), At(index + 1))));
    }

    private static double Slope(double[] xs, double[] ys)
    {
        var (x, y) = (xs.Average(), ys.Average());
        return xs.Zip(ys, (a, b) => (a - x) * (b - y)).Sum() / xs.Sum(a => (a - x) * (a - x));
    }
}
