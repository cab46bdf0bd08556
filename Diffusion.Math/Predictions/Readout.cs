namespace Diffusion.Math.Predictions;

/// <summary>How a network's output F is read as clean data: x̂_0 = OfState·x_t + OfOutput·F(InputScale·x_t).</summary>
/// <remarks>
/// The form of Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", Eq. 7, for every prediction.
/// </remarks>
/// <param name="OfState">Weight of the noisy state; c_skip.</param>
/// <param name="OfOutput">Weight of the network's output; c_out.</param>
/// <param name="InputScale">What the state is multiplied by before the network sees it; c_in.</param>
public readonly record struct Readout(double OfState, double OfOutput, double InputScale);
