using Diffusion.Math.Training;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

/// <summary>Recipes of runs that are made longer or shorter under way.</summary>
public sealed class RenewalSpecs
{
    private static readonly Recipe Planned = BuiltInRecipes.Mnist.Quick with
    {
        Length = BuiltInRecipes.Mnist.Quick.Length with { Steps = 1000 },
        Optimiser = new() { Rate = new LearningRate.OneCycle(4e-3, 0.4, 1000) },
        Evaluation = BuiltInRecipes.Mnist.Quick.Evaluation with { FullSamplesFrom = 2400 },
    };

    [Property]
    public void Evaluations_draw_what_was_planned_and_all_in_the_last(ushort step, PositiveInt more, bool isWhole)
    {
        var planned = isWhole ? Planned with { Evaluation = Planned.Evaluation with { FullSamplesFrom = null } } : Planned;
        var (done, steps) = (step % 999, step % 999 + more.Get);
        var renewed = new Renewal(done, steps, [70]).Of(planned);
        Assert.Equal(planned.Evaluation.CountAt(1000, planned.Length), renewed.Evaluation.CountAt(steps, renewed.Length));
        if (steps > 1)
            Assert.Equal(planned.Evaluation.CountAt(1, planned.Length), renewed.Evaluation.CountAt(1, renewed.Length));
        Assert.Equal((steps, new EvaluationInterval.At([70])), (renewed.Length.Steps, renewed.Length.EvaluateEvery));
        Assert.Equal(planned, renewed with { Length = planned.Length, Optimiser = planned.Optimiser, Evaluation = planned.Evaluation });
    }

    [Property]
    public void A_recipe_that_was_renewed_once_or_several_times_is_known_again(NonEmptyArray<ushort> turns, PositiveInt more, bool hasEnd)
    {
        var planned = hasEnd ? Planned : Planned with { Optimiser = new() { Rate = new LearningRate.WarmUp(4e-3, 100) } };
        var (renewed, at) = (planned, 5L);
        foreach (var turn in turns.Get)
        {
            at = Min(at + turn % 40, renewed.Length.Steps - 1);
            renewed = new Renewal(at, at + more.Get + turn % 7, [at]).Of(renewed);
        }
        Assert.True(Renewal.Is(renewed, planned, 5));
        Assert.False(Renewal.Is(renewed with { Seed = renewed.Seed + 1 }, planned, 0));
        Assert.False(Renewal.Is(
            renewed with { Optimiser = renewed.Optimiser with { Rate = new LearningRate.WarmUp(1e-3, 100) } }, planned, 0));
    }

    [Fact]
    public void A_checkpoint_of_after_a_renewal_cannot_be_one_of_before_it()
    {
        var renewed = new Renewal(300, 1200, [200]).Of(Planned);
        Assert.True(Renewal.Is(renewed, Planned, 300));
        Assert.False(Renewal.Is(renewed, Planned, 301));
        Assert.False(Renewal.Is(renewed with { Length = renewed.Length with { Steps = 1300 } }, Planned, 300));
        Assert.False(Renewal.Is(
            renewed with { Length = renewed.Length with { EvaluateEvery = Planned.Length.EvaluateEvery } }, Planned, 300));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Renewal(300, 300, []));
        Assert.Throws<ArgumentException>(() => new Renewal(300, 400, [200, 200]).Of(Planned));
    }
}
