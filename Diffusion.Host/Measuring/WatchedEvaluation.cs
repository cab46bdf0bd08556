using System.Globalization;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Measuring;

/// <summary>Shows how far the measuring of images is.</summary>
internal sealed class WatchedEvaluation : IDisposable, IProgress<EvaluationProgress>
{
    private readonly IActivity _activity;
    private readonly EvaluationInput _input;

    /// <summary>Begins to show it.</summary>
    /// <param name="display">Where.</param>
    /// <param name="input">What is measured.</param>
    public WatchedEvaluation(IProgressDisplay display, EvaluationInput input)
    {
        var (unit, total) = input.Work;
        var verb = input is EvaluationInput.OfModel ? "sampling" : "measuring";
        (_activity, _input) = (display.Begin(new($"{verb} {input.Name}", unit, 0, total)), input);
    }

    /// <summary>What an evaluation reports to.</summary>
    /// <param name="stopping">Ends the work early.</param>
    public EvaluationWatch Watch(CancellationToken stopping) => new() { Progress = this, Stopping = stopping };

    /// <inheritdoc/>
    public void Report(EvaluationProgress value) => _activity.Report(value.Done, () => _input is EvaluationInput.OfModel
        ? string.Create(CultureInfo.InvariantCulture, $"{value.Measured} of {Counted.Of(_input.Count ?? 0, "sample")} measured")
        : "");

    /// <inheritdoc/>
    public void Dispose() => _activity.Dispose();
}
