using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>What a caller gets wrong is said with the value and the range.</summary>
public sealed class SamplerRefusalSpecs
{
    private static readonly Clipping Unlimited = new Clipping.None();
    private static readonly SolverVariable Data = new SolverVariable.Data();
    private static readonly NoiseSchedule.Linear Schedule = new();

    [Theory]
    [InlineData(-0.1)]
    [InlineData(1.1)]
    [InlineData(double.NaN)]
    public void Eta_outside_0_to_1_is_refused(double eta)
    {
        Refuses(() => new Sampler.Ddim(eta, Unlimited, NoiseDirection.Predicted), "Eta", eta, "[0, 1]");
        Refuses(() => new Sampler.EulerAncestral(eta, Unlimited), "Eta", eta, "[0, 1]");
        Refuses(() => new Sampler.Ddim(0, Unlimited, NoiseDirection.Predicted) with { Eta = eta }, "Eta", eta, "[0, 1]");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void An_order_outside_1_to_3_of_a_DPM_solver_is_refused(int order)
    {
        Refuses(() => Multistep(order, Data), "Order", order, "[1, 3]");
        Refuses(() => Singlestep(order), "Order", order, "[1, 3]");
    }

    [Fact]
    public void An_order_above_2_of_a_stochastic_solver_is_refused() =>
        Refuses(() => Multistep(3, new SolverVariable.StochasticData()), "Order", 3, "[1, 2]");

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void An_order_outside_1_to_4_of_a_linear_multistep_method_or_of_UniPC_is_refused(int order)
    {
        Refuses(() => new Sampler.Lms(order, Unlimited), "Order", order, "[1, 4]");
        Refuses(() => new Sampler.UniPc(order, Data, UniPcBasis.Exponential, Ending.Full, Unlimited), "Order", order, "[1, 4]");
    }

    [Fact]
    public void A_stochastic_form_of_UniPC_is_refused() =>
        Assert.Contains("Stochastic", Assert.Throws<ArgumentException>(
            () => new Sampler.UniPc(2, new SolverVariable.StochasticData(), UniPcBasis.Exponential, Ending.Full, Unlimited)).Message);

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.PositiveInfinity)]
    public void A_clip_without_room_is_refused(double bound) => Refuses(() => new Clipping.Clip(bound), "Bound", bound, "above 0");

    [Fact]
    public void A_quantile_outside_0_to_1_or_a_ceiling_below_1_is_refused()
    {
        Refuses(() => new Quantile(1.5, 2), "Fraction", 1.5, "[0, 1]");
        Refuses(() => new Quantile(0.9, 0.5), "Ceiling", 0.5, "[1,");
    }

    [Fact]
    public void Negative_churn_is_refused() => Refuses(() => new Churn(-1), "Amount", -1, "at least 0");

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.5)]
    public void A_correction_outside_the_step_is_refused(double fraction) =>
        Refuses(() => new Correction.At(fraction), "Fraction", fraction, fraction > 0 ? "[0, 1]" : "above 0");

    [Fact]
    public void More_steps_than_levels_are_refused() =>
        Assert.Contains("1001", Assert.ThrowsAny<ArgumentException>(
            () => new Sampler.Euler(Unlimited).Plan(Schedule, new TimestepSpacing.Leading(1001))).Message);

    [Fact]
    public void No_step_at_all_is_refused() =>
        Assert.Contains("at least one", Assert.ThrowsAny<ArgumentException>(() => new NoisePath(Schedule, [])).Message);

    [Fact]
    public void A_step_that_adds_noise_is_refused()
    {
        var step = new TimeStep(Schedule.LevelAt(3), Schedule.LevelAt(4));
        Assert.Contains("noisier", Assert.Throws<ArgumentException>(() => new NoisePath(Schedule, [step])).Message);
    }

    [Fact]
    public void A_step_from_clean_data_is_refused() =>
        Assert.Contains("no noise", Assert.Throws<ArgumentException>(
            () => new NoisePath(Schedule, [new(NoiseLevel.Clean, NoiseLevel.Clean)])).Message);

    [Theory]
    [InlineData("euler")]
    [InlineData("heun")]
    [InlineData("lms")]
    [InlineData("dpm2m")]
    [InlineData("dpm++2s")]
    public void A_level_without_signal_where_the_method_needs_some_is_refused(string name) =>
        Assert.Contains("signal", Assert.Throws<ArgumentException>(() =>
            SamplerCatalogue.Find(name)!.Sampler.Plan(
                new NoiseSchedule.ZeroTerminalSnr(Schedule), new TimestepSpacing.Trailing(10))).Message);

    [Fact]
    public void Clean_data_as_the_end_of_the_noise_form_is_refused() =>
        Assert.Contains("clean data", Assert.Throws<ArgumentException>(() =>
            Multistep(2, new SolverVariable.Noise()).Plan(NoisePath.Of(Schedule, new TimestepSpacing.Trailing(4)))).Message);

    [Fact]
    public void Steps_that_are_no_whole_number_of_blocks_are_refused() =>
        Assert.Contains(
            "7 steps", Assert.Throws<ArgumentException>(() => Singlestep(3).Plan(Schedule, new TimestepSpacing.Trailing(7))).Message);

    [Fact]
    public void A_learned_variance_where_the_denoiser_has_none_is_refused()
    {
        var plan = new Sampler.Ancestral(new Variance.LearnedRange(), Unlimited).Plan(Schedule, new TimestepSpacing.Trailing(3));
        var world = MixtureWorld.Single(0, 1);
        Assert.Throws<InvalidOperationException>(() => new Interpreter<double[]>(world.Space, world, GivenStart.Quantiles(2)).Run(plan));
    }

    [Fact]
    public void A_weight_that_is_no_number_is_refused() => Refuses(() => new Term(double.NaN, Slot.State), "Weight", double.NaN, "finite");

    private static Sampler.DpmMultistep Multistep(int order, SolverVariable form) =>
        new(order, form, SolverType.Midpoint, Ending.Full, Unlimited);

    private static Sampler.DpmSinglestep Singlestep(int order) => new(order, Data, SolverType.Midpoint, Ending.Full, Unlimited);

    private static void Refuses(Func<object> make, string name, object value, string range)
    {
        var message = Assert.ThrowsAny<ArgumentException>(make).Message;
        Assert.Contains(name, message);
        Assert.Contains(FormattableString.Invariant($"{value}"), message);
        Assert.Contains(range, message);
    }
}
