using Diffusion.Math.Noise;

namespace Diffusion.Math.Training;

/// <summary>Weight of the squared error of the network's output at a noise level. A closed union.</summary>
public abstract record LossWeight
{
    private LossWeight()
    {
    }

    /// <summary>The weight; finite and at least 0.</summary>
    public abstract double At(Marginal marginal);

    /// <summary>1 everywhere: L_simple when the network predicts noise. Ho et al. 2020, Eq. 14.</summary>
    public sealed record Simple : LossWeight
    {
        /// <inheritdoc/>
        public override double At(Marginal marginal) => 1;
    }
}
