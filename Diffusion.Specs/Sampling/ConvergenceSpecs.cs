using System.Reflection;
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

    // One or two settings of every kind: of full order to the end and without noise, so that the order can be measured.
    private static readonly Dictionary<Type, object[]> Settings = new()
    {
        [typeof(Clipping)] = [Unlimited],
        [typeof(Ending)] = [Ending.Full],
        [typeof(Churn)] = [Churn.None],
        [typeof(Correction)] = [new Correction.None(), new Correction.At(1), new Correction.At(0.5)],
        [typeof(FinalNoise)] = [FinalNoise.None],
        [typeof(NoiseDirection)] = [NoiseDirection.Predicted],
        [typeof(UniPcBasis)] = [UniPcBasis.Exponential],
        [typeof(double)] = [0.0],
        [typeof(int)] = [1, 2, 3],
    };

    /// <summary>Every sampler of the union that draws no noise, in all its settings.</summary>
    public static TheoryData<Sampler> Deterministic =>
        new(ValuesOf(typeof(Sampler)).Cast<Sampler>().Where(sampler => !Draws(sampler.Plan(Levels(6)))));

    [Theory]
    [MemberData(nameof(Deterministic))]
    public void The_error_falls_with_the_order_that_a_sampler_states(Sampler sampler)
    {
        var order = sampler.ConvergenceOrder;
        int[] counts = [192, 384, 768];
        var slope = -Slope([.. counts.Select(count => Log(count))], [.. counts.Select(count => Log(ErrorOf(sampler, count)))]);
        Assert.True(slope > order - 0.3 && slope < order + 0.6, $"{sampler} states {order}: measured {slope:F2}");
    }

    [Fact]
    public void The_flow_of_a_Gaussian_is_known_in_closed_form()
    {
        var (mean, sigma) = (0.3, 0.5);
        var solved = ProbabilityFlow.Solve(MixtureWorld.Single(mean, sigma), [4.0], Loudest, Quietest);
        var exact = mean + (4.0 - mean) * Sqrt((sigma * sigma + Quietest * Quietest) / (sigma * sigma + Loudest * Loudest));
        Assert.Equal(exact, solved[0], 1e-12);
    }

    private static IEnumerable<object> ValuesOf(Type type) => type switch
    {
        _ when Settings.TryGetValue(type, out var values) => values,
        { IsEnum: true } => Enum.GetValues(type).Cast<object>(),
        { IsAbstract: true } => Cases.Of(type).SelectMany(ValuesOf),
        _ => Made(type.GetConstructors().MaxBy(constructor => constructor.GetParameters().Length)!),
    };

    private static IEnumerable<object> Made(ConstructorInfo constructor) =>
        constructor.GetParameters()
            .Aggregate(
                (IEnumerable<object[]>)[[]],
                (lists, parameter) => lists.SelectMany(_ => Usual(parameter), (list, value) => (object[])[.. list, value]))
            .Select(arguments => Cases.Made(constructor, arguments)).OfType<object>();

    private static IEnumerable<object> Usual(ParameterInfo parameter) =>
        parameter.HasDefaultValue && parameter.ParameterType == typeof(double)
            ? [parameter.DefaultValue!]
            : ValuesOf(parameter.ParameterType);

    private static bool Draws(SamplerPlan plan) =>
        plan.Steps.Any(step => step.Instructions.Any(instruction => instruction is Instruction.Draw));

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
