using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>Methods that are one method in two notations take the same path, noise and all.</summary>
public sealed class SamplerEqualitySpecs
{
    private const double Rounding = 1e-11;

    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly NoiseSchedule.Linear Schedule = new();
    private static readonly TimestepSpacing Grid = new TimestepSpacing.Trailing(20);
    private static readonly MixtureWorld Pair = MixtureWorld.Of(new Blob(0.6, [-0.8], 0.4), new Blob(0.4, [0.9], 0.3));

    public static TheoryData<string, Sampler, Sampler> Pairs
    {
        get
        {
            var ddim = new Sampler.Ddim(0, Unlimited, NoiseDirection.Predicted);
            var small = new Sampler.Ancestral(new Variance.Small(), Unlimited);
            var singlestep = new Sampler.DpmSinglestep(1, new SolverVariable.Data(), SolverType.Midpoint, Ending.Full, Unlimited);
            return new()
            {
                { "DDIM with eta 1 is ancestral sampling with the small variance", ddim with { Eta = 1 }, small },
                { "Euler is deterministic DDIM", new Sampler.Euler(Unlimited), ddim },
                { "Euler ancestral is stochastic DDIM", new Sampler.EulerAncestral(0.6, Unlimited), ddim with { Eta = 0.6 } },
                { "DPM-Solver++ of order 1 is DDIM", Dpm(new SolverVariable.Data()), ddim },
                { "SDE-DPM-Solver++ of order 1 is ancestral sampling", Dpm(new SolverVariable.StochasticData()), small },
                { "LMS of order 1 is Euler", new Sampler.Lms(1, Unlimited), new Sampler.Euler(Unlimited) },
                { "EDM without churn is Heun", Sampler.Edm.Of(Churn.None), new Sampler.Heun(Unlimited) },
                { "single-step of order 1 is multistep of order 1", singlestep, ddim },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Two_notations_of_one_method_agree(string law, Sampler one, Sampler other) =>
        Agree(law, Path(one.Plan(Levels())), Path(other.Plan(Levels())));

    [Fact]
    public void The_noise_form_of_order_1_is_the_data_form_of_order_1()
    {
        var levels = Levels().EndingNoisy();
        Agree("noise and data", Path(Dpm(new SolverVariable.Noise()).Plan(levels)), Path(Dpm(new SolverVariable.Data()).Plan(levels)));
    }

    [Theory]
    [InlineData("ddim")]
    [InlineData("euler-ancestral")]
    [InlineData("heun")]
    [InlineData("lms")]
    [InlineData("dpm++2m")]
    [InlineData("dpm++3m")]
    [InlineData("dpm++2s")]
    [InlineData("sde-dpm++2m")]
    [InlineData("unipc3")]
    public void The_scale_of_the_state_changes_nothing_but_the_scale(string name)
    {
        var sampler = SamplerCatalogue.Find(name)!.Sampler;
        if (sampler is Sampler.Ddim ddim)
            sampler = ddim with { Clipping = Unlimited };
        Agree(name, Path(sampler.Plan(Levels())), Path(sampler.Plan(Levels().Exploding())));
    }

    [Fact]
    public void A_level_without_signal_is_left_by_the_data_form_in_one_step_of_order_1()
    {
        var schedule = new NoiseSchedule.ZeroTerminalSnr(Schedule);
        foreach (var name in new[] { "dpm++2m", "dpm++3m", "sde-dpm++2m", "unipc", "ddim" })
        {
            var plan = SamplerCatalogue.Find(name)!.Sampler.Plan(schedule, new TimestepSpacing.Trailing(30));
            var end = new Interpreter<double[]>(Pair.Space, Pair, GivenStart.Quantiles(5)).Run(plan);
            Assert.All(end, value => Assert.InRange(value, -3, 3));
        }
    }

    private static Sampler Dpm(SolverVariable form) => new Sampler.DpmMultistep(1, form, SolverType.Midpoint, Ending.Full, Unlimited);

    private static NoisePath Levels() => NoisePath.Of(Schedule, Grid);

    // The states after every step, divided by alpha.
    private static List<double[]> Path(SamplerPlan plan)
    {
        // Every plan starts from the same noise, whatever its own rule for the size of the start.
        var scale = plan.Steps[0].From.Marginal.Sigma / plan.InitialScale;
        var interpreter = new Interpreter<double[]>(Pair.Space, Pair, new GivenStart([.. new[] { -1.2, 0.1, 0.8 }.Select(z => scale * z)]));
        var (slots, path) = (interpreter.Begin(plan), new List<double[]>());
        foreach (var step in plan.Steps)
        {
            slots = interpreter.Step(slots, step);
            path.Add([.. slots[Slot.State].Select(value => value / step.To.Marginal.Alpha)]);
        }
        return path;
    }

    private static void Agree(string law, List<double[]> one, List<double[]> other)
    {
        foreach (var (index, (row, wanted)) in one.Zip(other).Index())
        {
            foreach (var (found, expected) in row.Zip(wanted))
            {
                var message = FormattableString.Invariant($"{law}, step {index + 1}: {found:R} and {expected:R}");
                Assert.True(Abs(found - expected) <= Rounding * Max(1, Abs(expected)), message);
            }
        }
    }
}
