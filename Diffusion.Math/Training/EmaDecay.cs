using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>Decay of the exponential moving average of the weights: average ← decay·average + (1 − decay)·weights. A closed union.</summary>
public abstract record EmaDecay
{
    private EmaDecay()
    {
    }

    /// <summary>The decay of update number <paramref name="update"/>, counted from 0; in [0, 1).</summary>
    public abstract double At(long update);

    /// <summary>Always <paramref name="Decay"/>, but 0 at the first update, which copies. Ho et al. 2020, Appendix B: 0.9999.</summary>
    /// <param name="Decay">In [0, 1).</param>
    public sealed record Constant(double Decay) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Decay { get; init => field = Require.Within(value, 0, BitDecrement(1.0), nameof(Decay)); } = Require.Within(Decay, 0, BitDecrement(1.0));

        /// <inheritdoc/>
        public override double At(long update) => update == 0 ? 0 : Decay;
    }

    /// <summary>min(Ceiling, (1 + n)/(10 + n)): short averages while training is young. As in TensorFlow's ExponentialMovingAverage.</summary>
    /// <param name="Ceiling">In [0, 1).</param>
    public sealed record Ramp(double Ceiling) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Ceiling { get; init => field = Require.Within(value, 0, BitDecrement(1.0), nameof(Ceiling)); } = Require.Within(Ceiling, 0, BitDecrement(1.0));

        /// <inheritdoc/>
        public override double At(long update) => Min(Ceiling, (1.0 + update) / (10.0 + update));
    }
}
