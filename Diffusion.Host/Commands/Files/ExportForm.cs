namespace Diffusion.Host.Commands;

/// <summary>What other programs are handed.</summary>
public enum ExportForm
{
    /// <summary>A folder that diffusers' <c>DDPMPipeline</c> opens: network, weights and schedule.</summary>
    Diffusers,

    /// <summary>The weights alone, as a file that <c>torch.load</c> opens.</summary>
    Pth,
}
