using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class RectifiedFlowSpecs
{
    private static readonly NoiseSchedule Whole = new NoiseSchedule.RectifiedFlow(1e-3, 1);

    [Property]
    public void The_state_is_the_straight_line_between_data_and_noise(Probability time) =>
        Assert.Equal(new Marginal(1 - time.Value, time.Value), Whole.At(time.Value));

    [Property]
    public void A_step_of_Euler_moves_the_state_along_the_velocity(Probability one, Probability other, Weight state, Weight velocity)
    {
        var (from, to) = (Max(one.Value, other.Value), Min(one.Value, other.Value));
        if (from == to)
            return;
        // Liu et al. 2022: x_s = x_t + (s − t)·v, v read as what the network outputs.
        var readout = new Prediction.Flow().ReadoutAt(Whole.At(from));
        var clean = readout.OfState * state.Value + readout.OfOutput * velocity.Value;
        Assert.Equal(state.Value + (to - from) * velocity.Value, Moved(from, to, state.Value, clean), 1e-9);
    }

    [Fact]
    public void A_flow_can_start_from_noise_alone()
    {
        var sampler = new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted);
        var plan = sampler.Plan(Whole, sampler.UsualGrid(Whole, 4));
        Assert.All(plan.Steps.Zip([1, 0.75025, 0.5005, 0.25075]), pair => Assert.Equal(pair.Second, pair.First.From.Time, 1e-15));
        Assert.Equal(NoiseLevel.Clean, plan.Steps[^1].To);
        Assert.Equal(1, plan.InitialScale);
    }

    [Theory]
    [InlineData("euler")]
    [InlineData("heun")]
    [InlineData("dpm++2m")]
    [InlineData("unipc")]
    [InlineData("ddim")]
    public void Samplers_reach_Gaussian_data_over_a_flow(string name)
    {
        var (schedule, sampler) = (new NoiseSchedule.RectifiedFlow(), SamplerCatalogue.Find(name)!.Sampler);
        sampler = sampler with { Clipping = new Clipping.None() };
        var sample = new GaussianWorld(0.3, 0.5).Run(sampler.Plan(schedule, sampler.UsualGrid(schedule, 400)));
        Assert.Equal(0.3, sample.Mean, 0.01);
        Assert.Equal(0.5, sample.Sigma, 0.01);
    }

    private static double Moved(double from, double to, double state, double clean)
    {
        var plan = new Sampler.Euler(new Clipping.None()).Plan(new NoisePath(Whole, [new(Whole.LevelAt(from), Whole.LevelAt(to))]));
        var point = new Point([state / plan.InitialScale], [clean]);
        return new Interpreter<double[]>(new NumberSpace(1), point, point).Run(plan).Single();
    }

    private sealed record Point(double[] Start, double[] Clean) : IDenoiser<double[]>, INoiseSource<double[]>
    {
        public double[] Denoise(double[] state, NoiseLevel level) => Clean;

        public double[] Draw(int number) => Start;
    }
}
