using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;
using Diffusion.Specs.Sampling;

namespace Diffusion.Specs.Training;

/// <summary>Progressive distillation in worlds whose exact denoiser is known.</summary>
public sealed class DistillationTargetSpecs
{
    private const double Rounding = 1e-9;
    private static readonly Sampler Ddim = new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted);

    private static readonly MixtureWorld Mixture =
        MixtureWorld.Of(new Blob(0.5, [-0.8], 0.1), new Blob(0.3, [0.1], 0.15), new Blob(0.2, [0.9], 0.05));

    public static TheoryData<NoiseSchedule> Schedules =>
        [new NoiseSchedule.Cosine(), new NoiseSchedule.RectifiedFlow(), new NoiseSchedule.VarianceExploding(0.01, 50)];

    [Theory]
    [MemberData(nameof(Schedules))]
    public void One_step_with_the_target_lands_where_the_teacher_has(NoiseSchedule schedule)
    {
        foreach (var step in EqualAngles.Over(schedule, 4).Over(schedule))
            foreach (var (state, arrival) in new[] { (0.3, -1.2), (-2.5, 0.4), (1.7, 1.7) })
            {
                var (from, to) = (step.From.Marginal, step.To.Marginal);
                var target = DistillationTarget.Of(from, to);
                var clean = target.OfArrival * arrival + target.OfState * state;
                var noise = target.NoiseOfClean * clean + target.NoiseOfState * state;
                Near(state, from.Alpha * clean + from.Sigma * noise);
                Near(arrival, to.Alpha * clean + to.Sigma * noise);
            }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_student_that_has_learnt_its_target_goes_the_way_of_its_teacher_in_half_the_steps(NoiseSchedule schedule)
    {
        foreach (var teacher in new IDenoiser<double[]>[] { Mixture, new GuidedWorld(Mixture, 1, new Guidance.ClassifierFree(0.7)) })
            foreach (var count in new[] { 1, 2, 4 })
            {
                var whole = Path(schedule, teacher, 2 * count);
                var halved = Path(schedule, new Student(schedule, teacher, count, 2), count);
                foreach (var (index, state) in halved.Index())
                    Near(whole[2 * index + 1], state);
            }
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void Distilled_again_and_again_to_a_single_call_it_is_the_map_of_the_first_teacher(NoiseSchedule schedule)
    {
        IDenoiser<double[]> denoiser = Mixture;
        for (var count = 8; count >= 1; count /= 2)
            denoiser = new Student(schedule, denoiser, count, 2);
        var whole = Path(schedule, Mixture, 16)[^1];
        Near(whole, Path(schedule, denoiser, 1)[^1]);
        // At once, too.
        Near(whole, Path(schedule, new Student(schedule, Mixture, 1, 16), 1)[^1]);
    }

    [Fact]
    public void The_single_call_of_a_Gaussian_world_comes_to_the_map_of_the_probability_flow_as_its_teacher_has_more_steps()
    {
        // Of N(m, s²): x_0 = m + s·(x − α·m)/√(α²·s² + σ²).
        var (schedule, mean, sigma) = (new NoiseSchedule.RectifiedFlow(), 0.4, 0.3);
        var marginal = schedule.At(schedule.LastTime);
        var expected = Start.Select(x => mean + sigma * (marginal.Scale * x - marginal.Alpha * mean)
            / Sqrt(marginal.Alpha * marginal.Alpha * sigma * sigma + marginal.Sigma * marginal.Sigma)).ToArray();
        double[] errors = [.. new[] { 16, 64, 256 }.Select(count =>
        {
            var student = new Student(schedule, MixtureWorld.Single(mean, sigma), 1, count);
            return Path(schedule, student, 1)[^1].Zip(expected, (one, other) => Abs(one - other)).Max();
        })];
        // DDIM is of order 1: a fourth at each.
        Assert.All(errors.Zip(errors.Skip(1)), pair => Assert.InRange(pair.First / pair.Second, 3, 5));
        Assert.InRange(errors[^1], 0, 0.01);
    }

    [Fact]
    public void In_a_rectified_flow_the_target_is_the_mean_velocity_of_the_teachers_steps()
    {
        var schedule = new NoiseSchedule.RectifiedFlow(1e-3, 1);
        var (from, to, state, arrival) = (0.8, 0.3, -0.6, 1.1);
        var target = DistillationTarget.Of(schedule.At(from), schedule.At(to));
        var clean = target.OfArrival * arrival + target.OfState * state;
        var noise = target.NoiseOfClean * clean + target.NoiseOfState * state;
        Near((arrival - state) / (to - from), noise - clean);
        var flow = new Prediction.Flow().TargetAt(schedule.At(from));
        Near(noise - clean, flow.OfClean * clean + flow.OfNoise * noise);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void The_levels_of_some_steps_are_among_those_of_any_multiple(NoiseSchedule schedule)
    {
        var few = EqualAngles.Over(schedule, 3).Over(schedule);
        var many = EqualAngles.Over(schedule, 12).Over(schedule);
        Assert.Equal(schedule.LastTime, few[0].From.Time);
        Assert.Equal(NoiseLevel.Clean, few[^1].To);
        foreach (var (index, step) in few.Index())
            foreach (var (part, divided) in EqualAngles.Divide(schedule, step, 4).Index())
                Near(many[4 * index + part].From.Marginal.LogSnr, divided.From.Marginal.LogSnr);
    }

    [Fact]
    public void A_step_that_removes_no_noise_has_no_target()
    {
        var level = new NoiseSchedule.Cosine().At(300);
        Assert.Contains("removes no noise", Assert.Throws<ArgumentException>(() => DistillationTarget.Of(level, level)).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => DistillationTarget.Of(Marginal.Clean, Marginal.Clean));
    }

    private static double[] Start { get; } = [-2.1, -0.9, -0.2, 0.1, 0.8, 1.9];

    // The states after each step.
    private static List<double[]> Path(NoiseSchedule schedule, IDenoiser<double[]> denoiser, int count)
    {
        var plan = Ddim.Plan(schedule, EqualAngles.Over(schedule, count));
        var interpreter = new Interpreter<double[]>(new NumberSpace(1), denoiser, new NumberNoise(new Seed(1), 1));
        var slots = System.Collections.Immutable.ImmutableDictionary<Slot, double[]>.Empty
            .Add(Slot.State, [.. Start.Select(x => plan.InitialScale * x)]);
        return [.. plan.Steps.Select(step => (slots = interpreter.Step(slots, step))[Slot.State])];
    }

    // What distillation converges to: at each of its levels it answers with the target itself.
    private sealed class Student(NoiseSchedule schedule, IDenoiser<double[]> teacher, int count, int teacherSteps) : IDenoiser<double[]>
    {
        public double[] Denoise(double[] state, NoiseLevel level)
        {
            // But for rounding one of its own.
            var step = EqualAngles.Over(schedule, count).Over(schedule).MinBy(step => Abs(step.From.Time - level.Time));
            var plan = Ddim.Plan(new NoisePath(schedule, EqualAngles.Divide(schedule, step, teacherSteps)));
            var interpreter = new Interpreter<double[]>(new NumberSpace(1), teacher, new NumberNoise(new Seed(1), 1));
            var slots = System.Collections.Immutable.ImmutableDictionary<Slot, double[]>.Empty.Add(Slot.State, state);
            var arrival = plan.Steps.Aggregate(slots, interpreter.Step)[Slot.State];
            var target = DistillationTarget.Of(step.From.Marginal, step.To.Marginal);
            return new NumberSpace(1).Combine([new(target.OfArrival, arrival), new(target.OfState, state)]);
        }
    }

    private static void Near(double[] expected, double[] found) =>
        Assert.All(expected.Zip(found), pair => Near(pair.First, pair.Second));

    private static void Near(double expected, double found) =>
        Assert.True(Abs(expected - found) <= Rounding * Max(1, Abs(expected)), $"expected {expected}, found {found}");
}
