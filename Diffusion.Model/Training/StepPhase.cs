namespace Diffusion.Model.Training;

/// <summary>What a training step does one after another; forward and backward alternate where a batch passes in parts.</summary>
public enum StepPhase
{
    /// <summary>Images are gathered, mirrored and noised.</summary>
    Data,

    /// <summary>The network and the loss.</summary>
    Forward,

    /// <summary>The gradients.</summary>
    Backward,

    /// <summary>Clipping, Adam, the averages, zeroing, and the counters of the report.</summary>
    Update,
}
