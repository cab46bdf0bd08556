using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record EmaDecay
{
    /// <summary>
    /// min(Ceiling, (1 + n)/(10 + n)) after a first update that copies: short averages while training is young. diffusers' EMAModel.
    /// </summary>
    /// <param name="Ceiling">In [0, 1).</param>
    public sealed record Ramp(double Ceiling) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Ceiling { get; init => field = Require.Within(value, 0, BelowOne, nameof(Ceiling)); } =
            Require.Within(Ceiling, 0, BelowOne);

        /// <inheritdoc/>
        public override double At(long update) => update == 0 ? 0 : Min(Ceiling, (1.0 + update) / (10.0 + update));
    }

    /// <summary>
    /// min(Ceiling, 1 − (1 + n/Scale)^−Power): the average's length grows with a power of the training's. Crowson's k-diffusion.
    /// </summary>
    /// <remarks>Power 2/3 reaches 0.999 at 31,600 updates and suits a million; 3/4 reaches it at 10,000 and suits fewer.</remarks>
    /// <param name="Ceiling">In [0, 1).</param>
    /// <param name="Power">Above 0.</param>
    /// <param name="Scale">1/γ, in updates; above 0.</param>
    public sealed record InverseGamma(double Ceiling = 0.9999, double Power = 2.0 / 3, double Scale = 1) : EmaDecay
    {
        /// <summary>In [0, 1).</summary>
        public double Ceiling { get; init => field = Require.Within(value, 0, BelowOne, nameof(Ceiling)); } =
            Require.Within(Ceiling, 0, BelowOne);

        /// <summary>Above 0.</summary>
        public double Power { get; init => field = Require.Positive(value, nameof(Power)); } = Require.Positive(Power);

        /// <summary>1/γ, in updates; above 0.</summary>
        public double Scale { get; init => field = Require.Positive(value, nameof(Scale)); } = Require.Positive(Scale);

        /// <inheritdoc/>
        public override double At(long update) => Min(Ceiling, 1 - Pow(1 + update / Scale, -Power));
    }
}
