using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

public abstract partial record EmaDecay
{
    /// <summary>
    /// Half of the average is newer than Updates, or than a part of the training so far while that is less. Karras et al. 2022, code.
    /// </summary>
    /// <remarks>
    /// decay = ½^(1/h), h = min(Updates, RampUp·(n + 1)). The authors count images: half-life divided by batch size gives updates.
    /// </remarks>
    /// <param name="Updates">The half-life in updates; above 0. EDM's CIFAR-10 runs: 500,000 images in batches of 512.</param>
    /// <param name="RampUp">The part of the training so far that the half-life may not exceed; above 0.</param>
    public sealed record HalfLife(double Updates, double RampUp = 0.05) : EmaDecay
    {
        /// <summary>The half-life in updates; above 0.</summary>
        public double Updates { get; init => field = Require.Positive(value, nameof(Updates)); } = Require.Positive(Updates);

        /// <summary>The part of the training so far that the half-life may not exceed; above 0.</summary>
        public double RampUp { get; init => field = Require.Positive(value, nameof(RampUp)); } = Require.Positive(RampUp);

        /// <inheritdoc/>
        public override double At(long update) => Pow(0.5, 1 / Min(Updates, RampUp * (update + 1)));
    }
}
