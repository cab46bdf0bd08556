using Diffusion.Math.Values;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Checkpoints;

/// <summary>What <c>checkpoint.json</c> says: everything but the tensors, and how to know that those are whole.</summary>
/// <param name="Format">Version of the layout; this is version 1.</param>
/// <param name="Updates">Updates made. Data order, noise levels and noise follow from it and the recipe's seed.</param>
/// <param name="Threads">Threads of the run; with another number the continuation is as good, but not bit for bit the same.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Recipe">What was being carried out.</param>
/// <param name="Distance">The distance measured at this point, if one was; smaller is better.</param>
/// <param name="Files">The other files.</param>
public sealed record CheckpointHeader(
    int Format, long Updates, int Threads, string Device, Recipe Recipe, double? Distance, Sequence<CheckpointFile> Files)
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentFormat = 1;
}

/// <summary>A file of a checkpoint.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">Hash of its content, 64 hexadecimal digits.</param>
public sealed record CheckpointFile(string Name, long Length, string Sha256);
