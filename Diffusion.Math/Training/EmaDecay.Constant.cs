using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record EmaDecay
{
    /// <summary>Always <paramref name="Decay"/>, but 0 at the first update, which copies. Ho et al. 2020, Appendix B: 0.9999.</summary>
    /// <param name="Decay">In [0, 1).</param>
    public sealed record Constant(double Decay) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Decay { get; init => field = Require.Within(value, 0, BelowOne, nameof(Decay)); } =
            Require.Within(Decay, 0, BelowOne);

        /// <inheritdoc/>
        public override double At(long update) => update == 0 ? 0 : Decay;
    }

    /// <summary>
    /// Always <paramref name="Decay"/>, from the first update on: the average starts from the initial weights. guided-diffusion's.
    /// </summary>
    /// <param name="Decay">In [0, 1).</param>
    public sealed record Steady(double Decay) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Decay { get; init => field = Require.Within(value, 0, BelowOne, nameof(Decay)); } =
            Require.Within(Decay, 0, BelowOne);

        /// <inheritdoc/>
        public override double At(long update) => Decay;
    }
}
