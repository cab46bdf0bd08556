namespace Diffusion.Host.Commands;

/// <summary>What other programs are handed.</summary>
public enum ExportForm
{
    /// <summary>A folder that diffusers' <c>DDPMPipeline</c> opens: network, weights and schedule.</summary>
    Diffusers,

    /// <summary>
    /// The weights alone, as a file that <c>torch.load</c> opens, with the recipe in a record that it passes over: <c>import</c> reads it.
    /// </summary>
    Pth,

    /// <summary>The weights alone, as safetensors, with the recipe in the file's own texts: <c>import</c> reads it again.</summary>
    Safetensors,

    /// <summary>
    /// A run folder to sample from and to measure, not to train on: recipe, report and the EMA of the weights in bfloat16.
    /// </summary>
    Run,
}
