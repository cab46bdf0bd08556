using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>What is measured at the end of every epoch.</summary>
public interface IEpochEvaluation : IDisposable
{
    /// <summary>Names of what is measured, which become columns.</summary>
    Sequence<string> Columns { get; }

    /// <summary>What a person should know before reading the numbers, line by line.</summary>
    Sequence<string> Remarks { get; }

    /// <summary>What the numbers depend on besides the weights and what has columns of its own.</summary>
    string Provenance { get; }

    /// <summary>What is done in an epoch.</summary>
    /// <param name="epoch">Counted from 1.</param>
    Work Work(int epoch);

    /// <summary>Measures the first average of the weights; training is left as it is.</summary>
    /// <param name="run">The run at the end of an epoch.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <param name="sheet">Where an image goes if there is one, and who is told where it cannot be written: an image less is no reason to stop.</param>
    /// <param name="activity">Told of every network call.</param>
    /// <param name="stopping">Ends the work early.</param>
    /// <exception cref="OperationCanceledException">It was ended early; nothing was written.</exception>
    EpochFindings Run(TrainingRun run, int epoch, Sheet sheet, IActivity activity, CancellationToken stopping);
}

/// <summary>Where a sheet of samples goes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Missing">Told why it cannot be written.</param>
public sealed record Sheet(string Path, Action<OutputException> Missing);
