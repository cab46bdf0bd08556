using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;

namespace Diffusion.Specs.Reference.Samplers;

/// <summary>What a case of samplers.json asks for, in our words.</summary>
/// <param name="Plan">The peer's sampler with the peer's settings.</param>
/// <param name="Prediction">What the peer's model outputs.</param>
/// <param name="Rows">Which states a peer reports of a step.</param>
/// <param name="NativeTolerance">How far the unmodified float32 peer may be off.</param>
public sealed record PeerRun(SamplerPlan Plan, Prediction Prediction, Rows Rows, double NativeTolerance)
{
    public const double Float32 = 1e-4;

    /// <summary>For cosine schedules and Karras sigmas.</summary>
    public const double CoarseFloat32 = 2e-3;
}

/// <summary>Which states a peer reports of a step.</summary>
public enum Rows
{
    /// <summary>The state after it.</summary>
    Result,

    /// <summary>The first guess too, where a step makes one.</summary>
    GuessAndResult,
}
