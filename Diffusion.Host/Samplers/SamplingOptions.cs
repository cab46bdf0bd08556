using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>A trained model, what is asked of its samples, and what they are computed on.</summary>
/// <param name="Model">The run folder, or a checkpoint.</param>
/// <param name="Request">How samples are drawn.</param>
public sealed record SamplingOptions(string Model, SamplingRequest Request)
{
    /// <summary>Where the tensors live.</summary>
    public DeviceChoice Device { get; init; }

    /// <summary>Threads of tensor operations; at least 1.</summary>
    public int? Threads { get; init; }

    /// <summary>Makes the machine ready and opens the model, which is the caller's to dispose.</summary>
    /// <exception cref="InputException">There is no such device or no such model.</exception>
    public TrainedModel Open(Session session)
    {
        var machine = Machine.Ready(session, Device, Threads);
        return TrainedModel.Open(Model, machine.Device, session.Warn);
    }
}
