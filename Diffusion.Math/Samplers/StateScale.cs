namespace Diffusion.Math.Samplers;

/// <summary>What the state is multiplied by while a differential equation is solved. A closed union.</summary>
/// <remarks>Karras et al. 2022, Table 1, "Scaling".</remarks>
public abstract record StateScale
{
    private StateScale()
    {
    }

    /// <summary>s(t) of a state with noise sigma.</summary>
    public abstract double At(double sigma);

    /// <summary>ds/dσ.</summary>
    public abstract double SlopeAt(double sigma);

    /// <summary>1: states are variance-exploding.</summary>
    public sealed record One : StateScale
    {
        /// <inheritdoc/>
        public override double At(double sigma) => 1;

        /// <inheritdoc/>
        public override double SlopeAt(double sigma) => 0;
    }

    /// <summary>1/√(1 + σ²): states are variance-preserving.</summary>
    public sealed record Preserving : StateScale
    {
        /// <inheritdoc/>
        public override double At(double sigma) => 1 / Sqrt(1 + sigma * sigma);

        /// <inheritdoc/>
        public override double SlopeAt(double sigma) => -sigma * Pow(At(sigma), 3);
    }
}
