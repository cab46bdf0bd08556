using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Model.Checkpoints;

/// <summary>What <c>checkpoint.json</c> says: everything but the tensors, and how to know that those are whole.</summary>
/// <param name="Format">
/// Version of the layout; this is version 2. One of version 1 knows neither its held-out loss nor its own hash.
/// </param>
/// <param name="Updates">Updates made. Data order, noise levels and noise follow from it and the recipe's seed.</param>
/// <param name="Threads">Threads of the run; with another number the continuation is as good, but not bit for bit the same.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Recipe">What was being carried out.</param>
/// <param name="Distance">The distance measured at this point, if one was; smaller is better.</param>
/// <param name="Files">The other files.</param>
/// <param name="HeldOut">How good the weights were on images held out; null where that was not tried.</param>
/// <param name="Sha256">Hash of this file, 64 hexadecimal digits, with zeros in their place.</param>
public sealed record CheckpointHeader(
    int Format, long Updates, int Threads, string Device, Recipe Recipe, double? Distance, Sequence<CheckpointFile> Files,
    HeldOutLoss? HeldOut = null,
    string? Sha256 = null)
{
    /// <summary>The version that this program writes and reads.</summary>
    public const int CurrentFormat = 2;

    /// <summary>The oldest version that this program reads.</summary>
    public const int OldestFormat = 1;

    /// <summary>Whether a run can go on from it: not where it diverged.</summary>
    public bool IsGood => HeldOut is not { IsSane: false };
}

/// <summary>A file of a checkpoint.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Sha256">Hash of its content, 64 hexadecimal digits.</param>
public sealed record CheckpointFile(string Name, long Length, string Sha256);
