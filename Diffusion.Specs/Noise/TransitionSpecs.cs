using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;

namespace Diffusion.Specs.Noise;

[Properties(Arbitrary = [typeof(Arbitraries)])]
public sealed class TransitionSpecs
{
    private const double Tolerance = 1e-12;

    [Property]
    public void A_chain_of_transitions_from_clean_data_is_the_marginal(NoiseSchedule.Discrete schedule)
    {
        var marginal = Marginal.Clean;
        for (var time = 0; time < schedule.Steps; time++)
        {
            marginal = schedule.Step(time).Apply(marginal);
            Near(schedule.At(time), marginal);
        }
    }

    [Property]
    public void Composed_transitions_are_the_marginal_of_the_whole_chain(NoiseSchedule.Discrete schedule)
    {
        var whole = Enumerable.Range(0, schedule.Steps).Select(schedule.Step).Aggregate((one, next) => one.Then(next));
        Near(schedule.At(schedule.LastTime), whole.Apply(Marginal.Clean));
    }

    [Property]
    public void A_transition_between_marginals_leads_from_one_to_the_other(NoisyPair pair) =>
        Near(pair.Later, Transition.Of(pair.Earlier, pair.Later).Apply(pair.Earlier));

    [Property]
    public void Composition_is_associative(NoisyPair one, NoisyPair two, NoisyPair three)
    {
        var (a, b, c) = (Of(one), Of(two), Of(three));
        var (left, right) = (a.Then(b).Then(c), a.Then(b.Then(c)));
        Assert.Equal(left.Scale, right.Scale, Tolerance);
        Assert.Equal(left.Sigma, right.Sigma, Tolerance * Max(1, right.Sigma));
    }

    [Property]
    public void A_step_to_the_same_marginal_does_nothing(NoisyMarginal marginal)
    {
        var step = Transition.Of(marginal.Value, marginal.Value);
        Assert.Equal((1, 0), (step.Scale, step.Sigma));
    }

    [Property]
    public void A_step_to_less_noise_is_refused(NoisyPair pair)
    {
        var error = Assert.Throws<ArgumentException>(() => Transition.Of(pair.Later, pair.Earlier));
        Assert.Contains(pair.Earlier.ToString(), error.Message);
        Assert.Contains("less noisy", error.Message);
    }

    [Theory]
    [InlineData(-0.01)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void A_beta_outside_0_to_1_is_refused(double beta) =>
        Assert.Contains("[0, 1]", Assert.ThrowsAny<ArgumentException>(() => Transition.OfBeta(beta)).Message);

    private static Transition Of(NoisyPair pair) => Transition.Of(pair.Earlier, pair.Later);

    private static void Near(Marginal expected, Marginal actual)
    {
        Assert.Equal(expected.Alpha, actual.Alpha, Tolerance);
        Assert.Equal(expected.Sigma, actual.Sigma, Tolerance * Max(1, expected.Sigma));
    }
}
