using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Training;

/// <summary>How much a noise level counts in the loss. A closed union.</summary>
/// <remarks>
/// Papers weigh the error of x̂_0, of ε or of the network's own output. All cases but <see cref="Simple"/> are written for ‖x̂_0 − x_0‖²
/// and
/// turned into a weight of the output's error by the readout: ‖x̂_0 − x_0‖² = OfOutput²·‖F − target‖².
/// </remarks>
public abstract record LossWeight
{
    private LossWeight()
    {
    }

    /// <summary>The weight of the squared error of the network's output; at least 0.</summary>
    /// <param name="marginal">A marginal with noise.</param>
    /// <param name="prediction">What the network outputs.</param>
    public abstract double At(Marginal marginal, Prediction prediction);

    private static double OfOutput(double ofClean, Marginal marginal, Prediction prediction) =>
        ofClean * Pow(prediction.ReadoutAt(marginal).OfOutput, 2);

    private static double Snr(Marginal marginal) => Pow(marginal.Alpha / marginal.Sigma, 2);

    /// <summary>1 for whatever the network outputs: L_simple when it predicts noise. Ho et al. 2020, Eq. 14.</summary>
    public sealed record Simple : LossWeight
    {
        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) => 1;
    }

    /// <summary>
    /// min(SNR, γ) for x̂_0. Hang et al. 2023, "Efficient diffusion training via Min-SNR weighting strategy".
    /// </summary>
    /// <remarks>That is min(SNR, γ)/SNR for ε and min(SNR, γ)/(SNR + 1) for v.</remarks>
    /// <param name="Gamma">γ, above 0; 5 in the paper.</param>
    public sealed record MinSnr(double Gamma = 5) : LossWeight
    {
        /// <summary>γ, above 0; 5 in the paper.</summary>
        public double Gamma { get; init => field = Require.Positive(value, nameof(Gamma)); } = Require.Positive(Gamma);

        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) =>
            OfOutput(Min(Snr(marginal), Gamma), marginal, prediction);
    }

    /// <summary>
    /// max(SNR, 1) for x̂_0, so that the noisiest levels still count. Salimans and Ho 2022, "Progressive distillation", Section 4.
    /// </summary>
    public sealed record TruncatedSnr : LossWeight
    {
        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) =>
            OfOutput(Max(Snr(marginal), 1), marginal, prediction);
    }

    /// <summary>1/(k + SNR)^γ for ε. Choi et al. 2022, "Perception prioritized training of diffusion models".</summary>
    /// <param name="Gamma">γ, at least 0; 1 in the paper, and 0 for no preference.</param>
    /// <param name="Offset">k, above 0; 1 in the paper.</param>
    public sealed record PerceptionPrioritised(double Gamma = 1, double Offset = 1) : LossWeight
    {
        /// <summary>γ, at least 0; 1 in the paper, and 0 for no preference.</summary>
        public double Gamma { get; init => field = Require.NonNegative(value, nameof(Gamma)); } = Require.NonNegative(Gamma);

        /// <summary>k, above 0; 1 in the paper.</summary>
        public double Offset { get; init => field = Require.Positive(value, nameof(Offset)); } = Require.Positive(Offset);

        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) =>
            OfOutput(Snr(marginal) / Pow(Offset + Snr(marginal), Gamma), marginal, prediction);
    }

    /// <summary>
    /// sigmoid(b − λ) for ε: the noisy levels count alike, the nearly clean ones less. Kingma and Gao 2023, "Understanding diffusion
    /// objectives as the ELBO with simple data augmentation", Table 1.
    /// </summary>
    /// <remarks>
    /// The paper's weight is one over levels with evenly spread log-SNR, as <see cref="NoiseLevelDistribution.UniformLogSnr"/> draws them.
    /// </remarks>
    /// <param name="Bias">b, the log-SNR at which the weight is a half; finite.</param>
    public sealed record Sigmoid(double Bias = 0) : LossWeight
    {
        /// <summary>b, the log-SNR at which the weight is a half; finite.</summary>
        public double Bias { get; init => field = Require.Finite(value, nameof(Bias)); } = Require.Finite(Bias);

        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) =>
            OfOutput(1 / (1 / Snr(marginal) + Exp(-Bias)), marginal, prediction);
    }

    /// <summary>(σ² + σ_data²)/(σ·σ_data)² for x̂_0: 1 for a preconditioned network's output. Karras et al. 2022, Table 1.</summary>
    /// <param name="DataSigma">σ_data, above 0; 0.5 in the paper.</param>
    public sealed record Edm(double DataSigma = 0.5) : LossWeight
    {
        /// <summary>σ_data, above 0; 0.5 in the paper.</summary>
        public double DataSigma { get; init => field = Require.Positive(value, nameof(DataSigma)); } = Require.Positive(DataSigma);

        /// <inheritdoc/>
        public override double At(Marginal marginal, Prediction prediction) =>
            OfOutput(Snr(marginal) + 1 / (DataSigma * DataSigma), marginal, prediction);
    }
}
