namespace Diffusion.Model.Checkpoints;

/// <summary>A checkpoint that was found whole: nobody has to read its header or to hash its files again.</summary>
/// <param name="Folder">Its folder.</param>
/// <param name="Header">What it says of itself.</param>
public sealed record OpenCheckpoint(string Folder, CheckpointHeader Header);

/// <summary>What a checkpoint is opened for, which decides the files that have to be whole.</summary>
public enum CheckpointUse
{
    /// <summary>To train on: all of them.</summary>
    Resume,

    /// <summary>To sample or to measure: the first average of the weights.</summary>
    Sample,
}
