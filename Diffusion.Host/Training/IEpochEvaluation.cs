using Diffusion.Host.Displays;
using Diffusion.Host.Runs;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Training;

namespace Diffusion.Host.Training;

/// <summary>What is measured at every evaluation.</summary>
public interface IEpochEvaluation : IDisposable
{
    /// <summary>Names of what is measured, which become columns.</summary>
    Sequence<string> Columns { get; }

    /// <summary>What a person should know before reading the numbers, line by line.</summary>
    Sequence<string> Remarks { get; }

    /// <summary>What the numbers depend on besides the weights and what has columns of its own.</summary>
    string Provenance { get; }

    /// <summary>What is done at an evaluation.</summary>
    /// <param name="step">Updates made by then.</param>
    Work Work(long step);

    /// <summary>Measures the first average of the weights; training is left as it is.</summary>
    /// <param name="run">The run as it is now.</param>
    /// <param name="sheet">Where an image goes if there is one, and who is told where it cannot be written: an image less is no reason to stop.</param>
    /// <param name="activity">Told of every network call.</param>
    /// <param name="stopping">Ends the work early.</param>
    /// <exception cref="OperationCanceledException">It was ended early; nothing was written.</exception>
    EpochFindings Run(TrainingRun run, Sheet sheet, IActivity activity, CancellationToken stopping);
}

/// <summary>Where a sheet of samples goes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Missing">Told why it cannot be written.</param>
public sealed record Sheet(string Path, Action<OutputException> Missing);
