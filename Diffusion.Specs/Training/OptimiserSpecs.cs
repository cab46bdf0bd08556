using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class OptimiserSpecs
{
    private static readonly OptimiserRecipe Recipe = new() { Rate = new LearningRate.WarmUp(1e-2, 0), WeightDecay = 0.1, ClipNorm = 0.5 };

    [Fact]
    public void The_fused_operator_is_there() => Assert.IsType<AdamKernel.Fused>(AdamKernel.Best);

    [Fact]
    public void Fused_and_composed_updates_are_equal_to_rounding()
    {
        using var scope = NewDisposeScope();
        var (fused, composed) = (Updated(AdamKernel.Best, 5, 1), Updated(new AdamKernel.Composed(), 5, 1));
        Assert.True((fused - composed).abs().max().item<float>() < 1e-6);
    }

    [Fact]
    public void Updates_follow_the_definition_of_Adam_with_clipping_and_decoupled_decay()
    {
        using var scope = NewDisposeScope();
        double value = 1, first = 0, second = 0;
        var arena = Arena(out _);
        using (no_grad())
            arena.Values.fill_(Number.One);
        var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)]);
        var count = arena.Values.numel();
        for (var update = 0; update < 4; update++)
        {
            var gradient = 0.1 * (update + 1);
            arena.Gradients.fill_(Number.Of(gradient));
            optimiser.Apply(update);
            var clipped = gradient * Min(1, Recipe.ClipNorm / (gradient * Sqrt(count) + 1e-6));
            first = 0.9 * first + 0.1 * clipped;
            second = 0.999 * second + 0.001 * clipped * clipped;
            var corrected = first / (1 - Pow(0.9, update + 1)) / (Sqrt(second / (1 - Pow(0.999, update + 1))) + 1e-8);
            value = value * (1 - 1e-2 * 0.1) - 1e-2 * corrected;
            Assert.Equal(value, arena.Values[0].item<float>(), 1e-5);
            Assert.Equal(0, arena.Gradients.abs().max().item<float>());
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_changes_nothing_and_is_counted(float broken)
    {
        using var scope = NewDisposeScope();
        foreach (var kernel in (AdamKernel[])[AdamKernel.Best, new AdamKernel.Composed()])
        {
            var arena = Arena(out _);
            var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)], kernel);
            arena.Gradients.fill_(Number.Of(0.1));
            optimiser.Apply(0);
            var before = arena.Values.clone();
            arena.Gradients.fill_(Number.Of(0.1))[3] = broken;
            optimiser.Apply(1);
            optimiser.Apply(2);
            Assert.Equal([0L, 1], optimiser.Skipped.data<long>().ToArray());
            Assert.True(before.isfinite().all().item<bool>());
            Assert.True(optimiser.State.FirstMoment.isfinite().all().item<bool>());
            Assert.Equal(2, optimiser.State.Updates.item<float>());
        }
    }

    [Fact]
    public void The_first_update_of_an_average_copies_and_later_ones_decay()
    {
        using var scope = NewDisposeScope();
        var arena = Arena(out _);
        var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.75)]);
        arena.Gradients.fill_(Number.Of(0.1));
        optimiser.Apply(0);
        var first = arena.Values.clone();
        Assert.True(optimiser.Ema[0].equal(first).all().item<bool>());
        arena.Gradients.fill_(Number.Of(0.1));
        optimiser.Apply(1);
        var expected = first.Times(0.75).Plus(arena.Values.Times(0.25));
        Assert.True((optimiser.Ema[0] - expected).abs().max().item<float>() < 1e-7);
    }

    [Fact]
    public void An_arena_that_is_passed_over_in_pieces_is_treated_alike_everywhere()
    {
        using var scope = NewDisposeScope();
        using var many = nn.Linear(1500, 1500);
        using var arena = new ParameterArena(many);
        using var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)]);
        using (no_grad())
            arena.Values.fill_(Number.One);
        optimiser.Ema[0].fill_(Number.One);
        arena.Gradients.fill_(Number.Of(0.1));
        // In the gap behind the last parameter too.
        var count = arena.Values.numel();
        optimiser.Apply(1);
        Assert.Equal(0.1 * Sqrt(count), optimiser.GradientNorm.item<float>(), 1e-4 * Sqrt(count));
        foreach (var flat in (Tensor[])[
            arena.Values, arena.Gradients, optimiser.Ema[0], optimiser.State.FirstMoment, optimiser.State.SecondMoment])
            Assert.Equal(flat.min().item<float>(), flat.max().item<float>());
        Assert.Equal(0, arena.Gradients[0].item<float>());
        Assert.True(arena.Values[0].item<float>() < optimiser.Ema[0][0].item<float>());
        Assert.True(optimiser.Ema[0][0].item<float>() < 1);
    }

    private static Tensor Updated(AdamKernel kernel, int updates, ulong seed)
    {
        var arena = Arena(out _);
        var optimiser = new Optimiser(arena, Recipe, [new EmaDecay.Constant(0.5)], kernel);
        var generator = new Generator(seed, CPU);
        for (var update = 0; update < updates; update++)
        {
            arena.Gradients.normal_(0, 1, generator);
            optimiser.Apply(update);
        }
        return arena.Values.clone();
    }

    private static ParameterArena Arena(out UNet network) => new(network = new UNet(Small.Network, new Seed(1)));
}
