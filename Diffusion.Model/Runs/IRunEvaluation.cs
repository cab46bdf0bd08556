using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;

namespace Diffusion.Model.Runs;

/// <summary>What is measured at an evaluation during training.</summary>
public interface IRunEvaluation : IDisposable
{
    /// <summary>Names of what is measured, which become columns.</summary>
    Sequence<string> Columns { get; }

    /// <summary>What a person should know before reading the numbers, line by line.</summary>
    Sequence<string> Remarks { get; }

    /// <summary>What the numbers depend on besides the weights and what has columns of its own.</summary>
    string Provenance { get; }

    /// <summary>What is done at an evaluation.</summary>
    /// <param name="step">Updates made by then.</param>
    EvaluationWork WorkAt(long step);

    /// <summary>
    /// About how long a unit of the work takes, found by doing a little of it; null where that is not known beforehand. Training is left
    /// as it is.
    /// </summary>
    /// <param name="run">The run as it is now.</param>
    TimeSpan? TryUnit(TrainingRun run) => null;

    /// <summary>
    /// The run was made longer or shorter: from here on its last evaluation, which may draw more samples, comes with another step.
    /// </summary>
    /// <param name="renewed">The run's recipe from here on.</param>
    void Follow(Recipe renewed)
    {
    }

    /// <summary>Measures the first average of the weights; training is left as it is.</summary>
    /// <param name="run">The run as it is now.</param>
    /// <param name="watch">Where an image goes, what receives the progress, and what may cancel it.</param>
    /// <exception cref="OperationCanceledException">It was ended early; nothing was written.</exception>
    EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch);
}

/// <summary>How much an evaluation has to do.</summary>
/// <param name="Name">What is done, such as <c>sampling</c>.</param>
/// <param name="Unit">What is counted, in the plural.</param>
/// <param name="Total">Units when it is finished.</param>
/// <param name="Detail">What else is worth seeing, such as how many samples are drawn.</param>
public sealed record EvaluationWork(string Name, string Unit, long Total, string Detail = "");

/// <summary>Where an evaluation's image goes, what receives the progress, and what may cancel it.</summary>
/// <param name="Sheet">The file of the image, where there is one to show.</param>
public sealed record RunEvaluationWatch(string Sheet)
{
    /// <summary>Called with how many units of the work are done.</summary>
    public Action<long> Advanced { get; init; } = _ => { };

    /// <summary>Called with what went wrong without harm: an image less is no reason to stop.</summary>
    public Action<string> Trouble { get; init; } = _ => { };

    /// <summary>Ends the work early.</summary>
    public CancellationToken Stopping { get; init; }
}
