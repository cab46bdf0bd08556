using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Host.Options;

/// <summary>What was asked of a progressive distillation.</summary>
/// <param name="Calls">Network calls of each student, from stage to stage; each divides the one before.</param>
/// <param name="Training">What is asked of every stage; its <see cref="TrainOptions.Out"/> is the folder of all.</param>
public sealed record DistilOptions(Sequence<int> Calls, TrainOptions Training)
{
    /// <summary>Images per stage where nobody says how many.</summary>
    public const int UsualImages = 30_000;

    /// <summary>The most network calls of a student, and steps of a teacher.</summary>
    public const int MostCalls = 1000;

    /// <summary>Images that each student learns from, counted with repetition; at least 1.</summary>
    public long Images { get; init; } = UsualImages;

    /// <summary>Steps of DDIM of the first teacher, a multiple of the first of them; null for twice that, or those it has learnt.</summary>
    public int? TeacherCalls { get; init; }

    /// <summary>Guidance of the first teacher; null for that of its recipe.</summary>
    public Guidance? Guidance { get; init; }
}
