using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Specs.Host;

/// <summary>When a run ends on a machine whose pace changes under way: machines of numbers alone.</summary>
public sealed class RunTimeSpecs
{
    private const long Images = 60_000;

    /// <summary>How much longer everything takes, by the share of the time that has passed.</summary>
    private delegate double Slowness(double share);

    // Five minutes of digits, of which the last evaluation takes a share.
    private static (RunTime Time, Recipe Recipe) Planned(double lastEvaluation)
    {
        var whole = TimeSpan.FromMinutes(5);
        var costs = new RunCosts(0.15, lastEvaluation * whole.TotalSeconds / 1024, 0.5);
        var budget = new TimeBudget(whole);
        return (new(whole - budget.Reserve, costs) { Since = 0 }, budget.Plan(BuiltInRecipes.Mnist.Quick, Images, costs, [])!.Recipe);
    }

    // The time that it takes, as a share of that which it has, and how often its length was renewed.
    private static (double Share, int Renewals) End(RunTime time, Recipe recipe, RunCosts costs, Slowness slowness)
    {
        var (keeper, gone, renewals) = (new TimeKeeper(time), 0.0, 0);
        RunUnderWay At(long done) => new(recipe, Images, done, TimeSpan.FromSeconds(gone));
        void Pass(double seconds) => gone += seconds * slowness(gone / time.Whole.TotalSeconds);
        keeper.Begin(0, TimeSpan.Zero);
        for (var done = 1L; done <= recipe.Length.Steps; done++)
        {
            Pass(costs.PerStep);
            if (!new EvaluationSchedule(recipe.Length, Images).IsAt(done))
            {
                if (keeper.AfterStep(At(done)) is not { } length)
                    continue;
                Assert.InRange(length.Renewal.Steps, done + 1, time.Most);
                var before = recipe;
                (recipe, renewals) = (length.Renewal.Of(recipe), renewals + 1);
                Assert.Equal(new EvaluationSchedule(before.Length, Images).Until(done),
                    new EvaluationSchedule(recipe.Length, Images).Until(done));
            }
            else if (time.Since is not null)
            {
                var before = gone;
                Pass(costs.Evaluation(recipe.Evaluation.CountAt(done, recipe.Length)));
                if (done < recipe.Length.Steps)
                    keeper.Evaluated(At(done), TimeSpan.FromSeconds(gone - before));
            }
        }
        return (gone / time.Whole.TotalSeconds, renewals);
    }

    private static Slowness Changing(double share, double to) => passed => passed < share ? 1 : to;

    // From half to double.
    private static double Factor(byte drawn) => Pow(2, drawn / 127.5 - 1);

    [Property]
    public void A_pace_that_stays_renews_nothing(byte last)
    {
        var (time, recipe) = Planned(last / 1000.0);
        var (share, renewals) = End(time, recipe, time.Costs, _ => 1);
        Assert.Equal(0, renewals);
        Assert.InRange(share, 0.97, 1);
    }

    [Property]
    public void A_pace_that_changes_at_any_point_ends_the_run_within_a_tenth_of_its_time(byte at, byte to, byte last)
    {
        var (time, recipe) = Planned(last / 255.0 * 0.05);
        var (share, renewals) = End(time, recipe, time.Costs, Changing(at / 255.0, Factor(to)));
        Assert.InRange(share, 0.9, 1.1);
        Assert.InRange(renewals, 0, RunTime.Looks.Count);
    }

    [Property]
    public void A_pace_that_changes_in_the_first_half_is_made_up_for(byte at, byte to, byte last)
    {
        var (time, recipe) = Planned(last / 255.0 * 0.05);
        Assert.InRange(End(time, recipe, time.Costs, Changing(at / 510.0, Factor(to))).Share, 0.93, 1.03);
    }

    [Property]
    public void What_was_measured_wrongly_first_is_put_right(byte steps, byte samples, byte last)
    {
        var (time, recipe) = Planned(last / 255.0 * 0.15);
        var costs = time.Costs with { PerStep = time.Costs.PerStep * Factor(steps), PerSample = time.Costs.PerSample * Factor(samples) };
        Assert.InRange(End(time, recipe, costs, _ => 1).Share, 0.97, 1.03);
    }

    [Property]
    public void A_neighbour_that_comes_and_goes_does_little_harm(byte at, byte stays)
    {
        var (time, recipe) = Planned(0.05);
        var (from, to) = (at / 255.0, (at + stays) / 255.0);
        Assert.InRange(End(time, recipe, time.Costs, passed => passed >= from && passed < to ? 2 : 1).Share, 0.9, 1.1);
    }

    [Property]
    public void The_steps_of_a_quick_run_keep_their_time_within_its_own_length(byte at, byte to)
    {
        var recipe = BuiltInRecipes.Mnist.Quick;
        var time = new RunTime(TimeSpan.FromMinutes(5), new(0.15, 0, 0)) { Most = recipe.Length.Steps };
        var shorter = TimeBudget.Within(recipe, time.Whole, time.Costs.PerStep, []);
        Assert.InRange(shorter.Length.Steps, 1000, time.Most - 1);
        Assert.InRange(End(time, shorter, time.Costs, Changing(at / 255.0, Factor(to))).Share, time.Most * 0.075 / 300, 1.1);
        // One that has time to spare stays as it is.
        Assert.Equal(0, End(time, recipe, time.Costs with { PerStep = 0.1 }, _ => 1).Renewals);
    }

    [Fact]
    public void What_comes_after_the_run_has_to_fit_too()
    {
        var recipe = BuiltInRecipes.Mnist.Quick;
        var (costs, run) = (new RunCosts(0.1, 0.01, 0.5), new RunUnderWay(recipe, Images, 1000, TimeSpan.FromSeconds(100)));
        RunTime Of(double seconds) => new(TimeSpan.FromSeconds(seconds), costs) { Samplings = 8 };
        var renewed = run with { Recipe = Of(280).Renewed(run, costs)!.Of(recipe) };
        Assert.InRange(renewed.Recipe.Length.Steps, 1300, 2000);
        Assert.Equal(180, Of(280).Rest(renewed, costs), costs.PerStep);
        Assert.Equal(run.Done + 1, Of(150).Renewed(run, costs)!.Steps);
        Assert.Null(Of(100 + Of(1).Rest(run, costs)).Renewed(run, costs));
    }
}
