using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

public sealed class EvaluationScheduleSpecs
{
    private static EvaluationSchedule Schedule(EvaluationInterval every, long steps, int batch, long images) =>
        new(new() { Steps = steps, EvaluateEvery = every, Batch = batch }, images);

    private static EvaluationSchedule Drawn(
        byte kind, PositiveInt number, PositiveInt steps, PositiveInt batch, PositiveInt images) => Schedule(
        (kind % 4) switch
        {
            0 => new EvaluationInterval.Epochs(number.Get),
            1 => new EvaluationInterval.Steps(number.Get),
            2 => new EvaluationInterval.At(
                [.. new[] { number.Get / 2, number.Get, 3 * number.Get }.Where(step => step > 0).Select(step => (long)step)]),
            _ => new EvaluationInterval.Times(number.Get, 1 + number.Get % 7),
        },
        steps.Get, batch.Get, images.Get);

    private static long[] Evaluations(EvaluationSchedule schedule)
    {
        var steps = new List<long>();
        for (var step = 0L; step < schedule.Length.Steps;)
            steps.Add(step = schedule.After(step));
        return [.. steps];
    }

    [Property]
    public void Evaluations_come_in_order_the_last_one_at_the_end_and_are_counted(
        byte kind, PositiveInt number, PositiveInt steps, PositiveInt batch, PositiveInt images)
    {
        var schedule = Drawn(kind, number, steps, batch, images);
        var evaluations = Evaluations(schedule);
        Assert.Equal(steps.Get, evaluations[^1]);
        Assert.Equal(evaluations.Distinct().Order(), evaluations);
        Assert.Equal(evaluations.Length, schedule.Count);
        Assert.Equal(evaluations.SkipLast(1), schedule.Until(steps.Get - 1));
        Assert.Equal(evaluations, Enumerable.Range(0, steps.Get + 1).Select(step => (long)step).Where(schedule.IsAt));
        Assert.All(evaluations.Index(), evaluation => Assert.Equal(evaluation.Index + 1, schedule.IndexAt(evaluation.Item)));
    }

    [Property]
    public void An_evaluation_after_so_many_epochs_comes_with_the_first_update_that_completes_them(
        PositiveInt epochs, PositiveInt steps, PositiveInt batch, PositiveInt images)
    {
        var schedule = Schedule(new EvaluationInterval.Epochs(epochs.Get), steps.Get, batch.Get, (long)images.Get * batch.Get);
        foreach (var (index, step) in Evaluations(schedule).SkipLast(1).Index())
        {
            var passes = (index + 1L) * epochs.Get;
            Assert.InRange(step * batch.Get - passes * schedule.Images, 0, batch.Get - 1);
            Assert.Equal(passes, schedule.EpochAt(step));
        }
    }

    [Property]
    public void Epochs_never_go_back(PositiveInt steps, PositiveInt batch, PositiveInt images)
    {
        var schedule = Schedule(new EvaluationInterval.Epochs(1), steps.Get, batch.Get, images.Get);
        var epochs = Enumerable.Range(0, steps.Get + 1).Select(step => schedule.EpochAt(step)).ToArray();
        Assert.Equal(0, epochs[0]);
        Assert.Equal(epochs.Order(), epochs);
    }

    [Theory]
    [InlineData(2400, 50, 300, 600, 900, 1200, 1500, 1800, 2100, 2400)]
    [InlineData(200, 50, 100, 200)]
    [InlineData(60, 50, 60)]
    [InlineData(200, 320, 100, 200)]
    [InlineData(200, 9_000, 200)]
    public void A_short_run_has_fewer_evaluations(int steps, int images, params int[] evaluations) => Assert.Equal(
        evaluations.Select(step => (long)step), Evaluations(Schedule(new EvaluationInterval.Times(8, 100), steps, 32, images)));

    [Theory]
    [InlineData(60_000, 1875, 2400)]
    [InlineData(9_000, 282, 563, 844, 1125, 1407, 1688, 1969, 2250, 2400)]
    [InlineData(3_050, 286, 572, 858, 1144, 1430, 1716, 2002, 2288, 2400)]
    public void The_quick_recipes_are_evaluated_after_whole_passes_however_many_images_there_are(int images, params int[] steps) =>
        Assert.Equal(steps.Select(step => (long)step), Evaluations(new(BuiltInRecipes.Mnist.Quick.Length, images)));

    [Theory]
    [InlineData(282, "1")]
    [InlineData(281, "0.9991")]
    [InlineData(1, "0.0035")]
    [InlineData(2400, "8.53")]
    [InlineData(0, "0")]
    public void An_epoch_is_a_pass_over_the_data(long step, string epoch) =>
        Assert.Equal(epoch, new EvaluationSchedule(BuiltInRecipes.Mnist.Quick.Length, 9_000).EpochText(step));

    [Fact]
    public void The_paper_recipe_is_evaluated_every_25_epochs_about_every_10_000_steps()
    {
        var schedule = new EvaluationSchedule(BuiltInRecipes.Cifar10.Paper.Length, 50_000);
        Assert.Equal((9_766, 82), (schedule.After(0), schedule.Count));
    }

    [Fact]
    public void Epochs_asked_for_are_as_many_updates_as_complete_them() => Assert.Equal(4_688, EvaluationSchedule.StepsIn(10, 128, 60_000));
}
