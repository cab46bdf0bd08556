using Diffusion.Math.Likelihood;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class BoundTermsSpecs
{
    private static readonly NoiseSchedule.Discrete Schedule = new NoiseSchedule.Cosine(10);

    public static Recipe Hybrid { get; } = Small.Recipe with
    {
        Schedule = Schedule,
        Network = Small.Network with { OutputChannels = 2, Residual = new() { Groups = 4 } },
        Objective = new Objective.Hybrid(0.1),
        Variance = new Variance.LearnedRange(),
    };

    public static TheoryData<PixelLikelihood> Decoders => [new PixelLikelihood.Exact(), new PixelLikelihood.TanhApproximation()];

    [Property]
    public void Terms_on_tensors_are_those_on_numbers(
        NoiseSchedule.Discrete schedule, Variance variance, Probability clean, Weight error, Weight output, bool isApproximate)
    {
        using var scope = NewDisposeScope();
        var bound = new VariationalBound(
            schedule, variance, isApproximate ? new PixelLikelihood.TanhApproximation() : new PixelLikelihood.Exact());
        VlbStep[] steps = [.. Enumerable.Range(0, schedule.Steps).Select(bound.StepAt)];
        double[] errors = [0, error.Value, -error.Value, 1e-3 * error.Value];
        double[] pixels = [Round(clean.Value * 255) / 127.5 - 1, -1, 1, 0];
        var v = Clamp(output.Value, -1, 0.99);
        var like = ones(schedule.Steps, 1, 1, 4, dtype: float64);
        var found = BoundTerms.Of(steps, bound.Decoder, like)
            .Nats(like * tensor(errors), like * tensor(pixels), variance is Variance.Learned ? like.Times(v) : null)
            .data<double>().ToArray();
        double[] expected = [.. steps.SelectMany(step => errors.Zip(pixels, (own, pixel) => step.Term(own, pixel, v, bound.Decoder)))];
        // The approximation is 1 + tanh, of which nothing is left far below 0.
        Assert.All(expected.Zip(found), pair =>
            Assert.Equal(pair.First, pair.Second, isApproximate ? 2e-4 : 1e-11 * Max(1, Abs(pair.First))));
    }

    [Theory]
    [MemberData(nameof(Decoders))]
    public void Gradients_are_the_derivatives_of_the_terms(PixelLikelihood decoder)
    {
        using var scope = NewDisposeScope();
        var bound = new VariationalBound(Schedule, new Variance.LearnedRange(), decoder);
        VlbStep[] steps = [bound.StepAt(0), bound.StepAt(1), bound.StepAt(9)];
        double[] clean = [-1, -1 + 2.0 / 255, 0.5, 1];
        var error = Drawn.Normal([3, 1, 1, 4], 1).Times(0.05).to(float64).requires_grad_();
        var output = Drawn.Normal([3, 1, 1, 4], 2).Times(0.5).to(float64).requires_grad_();
        BoundTerms.Of(steps, decoder, error).Nats(error, ones_like(error) * tensor(clean), output).sum().backward();
        for (var index = 0; index < 12; index++)
        {
            var (step, pixel) = (steps[index / 4], clean[index % 4]);
            var (e, v) = (error.data<double>()[index], output.data<double>()[index]);
            Same(error.grad!.data<double>()[index], x => step.Term(x, pixel, v, decoder), e);
            Same(output.grad!.data<double>()[index], x => step.Term(e, pixel, x, decoder), v);
        }
    }

    [Fact]
    public void An_error_beyond_all_measure_gives_finite_losses_and_gradients()
    {
        using var scope = NewDisposeScope();
        var bound = new VariationalBound(Schedule, new Variance.LearnedRange(), new PixelLikelihood.Exact());
        var error = tensor(new[] { 0f, 0, 3, 3, -3, -3 }).view(6, 1, 1, 1).requires_grad_();
        var output = tensor(new[] { -1f, 1, -1, 1, -1, 1 }).view(6, 1, 1, 1).requires_grad_();
        foreach (var time in (int[])[0, 1, 9])
        {
            VlbStep[] steps = [.. Enumerable.Repeat(bound.StepAt(time), 6)];
            var nats = BoundTerms.Of(steps, bound.Decoder, error).Nats(error, zeros_like(error), output).sum();
            nats.backward();
            Assert.True(nats.isfinite().item<bool>()
                && error.grad!.isfinite().all().item<bool>() && output.grad!.isfinite().all().item<bool>());
        }
    }

    [Fact]
    public void The_hybrid_objective_is_its_two_parts_and_the_bound_does_not_teach_the_mean()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Hybrid.Network);
        var (recipe, noised) = (Hybrid, Noised(Hybrid));
        var simple = Gradients(recipe with { Objective = new Objective.Simple() }, Halved(network), noised);
        var hybrid = Gradients(recipe, network, noised);
        var bound = Gradients(recipe with { Objective = new Objective.Bound() }, network, noised);
        Assert.Equal(simple.Loss + recipe.Objective.For(10).OfBound / 10 * bound.Loss, hybrid.Loss, 1e-6 * hybrid.Loss);
        Assert.All(simple.Output.Zip(hybrid.Output[..simple.Output.Length]), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Contains(hybrid.Output[simple.Output.Length..], gradient => Abs(gradient) > 1e-4);
        Assert.Contains(simple.Output.Zip(bound.Output), pair => Abs(pair.First - pair.Second) > 1e-3);
    }

    [Fact]
    public void The_bound_of_a_batch_is_the_mean_of_its_terms_in_bits()
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        using var network = Tiny.Lively(Hybrid.Network);
        var recipe = Hybrid with { Objective = new Objective.Bound(), Prediction = new Prediction.Velocity() };
        var noised = Noised(recipe);
        var (levels, bound) = (Levels(recipe), recipe.Bound()!);
        var output = network.call(noised.Input, noised.Weights.Time, null).to(float64);
        var terms = levels.Select((level, row) =>
        {
            var readout = recipe.Prediction.ReadoutAt(level.Marginal);
            var state = noised.Clean[row].Times(level.Marginal.Alpha).Plus(noised.Noise[row].Times(level.Marginal.Sigma));
            double[] states = Doubles(state), clean = Doubles(noised.Clean[row]), prediction = Doubles(output[row, 0]),
                v = Doubles(output[row, 1]);
            return states.Select((own, at) => bound.Term(
                (int)level.Time, own, clean[at],
                bound.Reverse((int)level.Time, own, readout.OfState * own + readout.OfOutput * prediction[at], v[at]))).Average();
        });
        using var learner = Learner.Of(recipe, network);
        var expected = Schedule.Steps * terms.Average() / Log(2);
        Assert.Equal(expected, learner.Loss(noised, noised.Count).item<float>(), 1e-4 * expected);
    }

    [Fact]
    public void A_respaced_chain_has_the_terms_of_its_own_steps()
    {
        var respaced = new NoiseSchedule.Respaced(new NoiseSchedule.Linear(), TimestepSpacing.Parse("10,5,5"));
        var bound = new VariationalBound(respaced, new Variance.LearnedRange(), new PixelLikelihood.Exact());
        Assert.All(Enumerable.Range(0, 20), time => Assert.Equal(bound.StepAt(time), bound.StepAt(respaced.LevelAt(time))));
    }

    public static TheoryData<string, Recipe> Unfit => new()
    {
        { "variance: a learned one takes as many output channels again, 2; the network has 1", Hybrid with { Network = Small.Network } },
        { "variance: the network has 2 output channels for 1", Small.Recipe with { Network = Hybrid.Network } },
        { "objective: simple", Hybrid with { Objective = new Objective.Simple() } },
        { "objective: hybrid", Small.Recipe with { Objective = new Objective.Hybrid() } },
        { "objective: bound", Small.Recipe with { Objective = new Objective.Bound() } },
        { "objective: a bound is a sum over the steps of a chain", Hybrid with { Schedule = new NoiseSchedule.VariancePreserving() } },
        { "objective: a bound needs times that are drawn uniformly",
            Hybrid with { NoiseLevels = new NoiseLevelDistribution.LogNormalSigma() } },
        { "objective: a classifier's", Small.Classifier with { Objective = new Objective.Bound(), Variance = new Variance.Large() } },
    };

    [Theory]
    [MemberData(nameof(Unfit))]
    public void An_objective_that_does_not_fit_is_reported(string fault, Recipe recipe)
    {
        Assert.Contains(recipe.Goal.Faults(recipe), found => found.StartsWith(fault, StringComparison.Ordinal));
        Assert.Contains($"{nameof(Recipe.Name)} = {recipe.Name}", recipe.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Objectives_that_fit_have_no_faults()
    {
        Assert.Empty(Hybrid.Goal.Faults(Hybrid));
        var plain = Small.Recipe with { Objective = new Objective.Bound(), Variance = new Variance.Large() };
        Assert.Empty(plain.Goal.Faults(plain));
    }

    private static NoiseLevel[] Levels(Recipe recipe) => recipe.NoiseLevels.Draw([0, 0.15, 0.5, 0.95], recipe.Schedule);

    private static NoisedBatch Noised(Recipe recipe)
    {
        var clean = Drawn.Normal([4, 1, 8, 8], 1).clamp(Number.Of(-1), Number.One).Times(127.5).round().Over(127.5);
        return new(clean, Drawn.Normal([4, 1, 8, 8], 2), new ExampleWeights(recipe, Levels(recipe), clean), null);
    }

    // The same function without its say on the variance.
    private static UNet Halved(UNet network)
    {
        var half = Tiny.Lively(network.Shape with { OutputChannels = 1 });
        using var guard = no_grad();
        foreach (var (own, whole) in half.parameters().Zip(network.parameters()))
            own.copy_(whole.numel() == own.numel() ? whole : whole.narrow(0, 0, 1));
        return half;
    }

    // The loss, and the gradient of the last convolution's weights.
    private static (float Loss, float[] Output) Gradients(Recipe recipe, UNet network, NoisedBatch noised)
    {
        foreach (var parameter in network.parameters())
            parameter.grad = null;
        var batch = noised with { Weights = new ExampleWeights(recipe, Levels(recipe), noised.Clean) };
        var learner = Learner.Of(recipe, network);
        var loss = learner.Loss(batch, batch.Count);
        loss.backward();
        return (loss.item<float>(), network.named_parameters()
            .Last(entry => entry.name.EndsWith("weight", StringComparison.Ordinal)).parameter.grad!.data<float>().ToArray());
    }

    private static void Same(double gradient, Func<double, double> function, double at)
    {
        const double step = 1e-5;
        var expected = (function(at + step) - function(at - step)) / (2 * step);
        Assert.Equal(expected, gradient, 1e-5 * Max(1, Abs(expected)));
    }

    private static double[] Doubles(Tensor numbers) => [.. numbers.to(float64).contiguous().data<double>()];
}
