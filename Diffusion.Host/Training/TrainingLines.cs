using System.Globalization;
using Diffusion.Host.Charts;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.TensorBoard;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Training;

/// <summary>Shows a run to a person: its events become lines and a progress display, and its report curves.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="display">Where it is shown how far the work is.</param>
/// <param name="folder">The run's folder.</param>
public sealed class TrainingLines(Session session, IProgressDisplay display, RunFolder folder) : IProgress<TrainingEvent>, IDisposable
{
    private IActivity? _activity;

    /// <summary>Event files that follow the report, where they were asked for.</summary>
    public EventFolder? Events { get; init; }

    /// <inheritdoc/>
    public void Report(TrainingEvent value)
    {
        switch (value)
        {
            case TrainingEvent.StepsBegan steps:
                Show(new("training", "steps", steps.From, steps.Steps));
                break;
            case TrainingEvent.StepMade step:
                _activity?.Report(step.Step, () => Detail(step));
                break;
            case TrainingEvent.EvaluationBegan { Work: var work }:
                Show(new(work.Name, work.Unit, 0, work.Total));
                break;
            case TrainingEvent.EvaluationAdvanced advanced:
                _activity?.Report(advanced.Done, () => advanced.Work.Detail);
                break;
            case TrainingEvent.ReportWritten:
                Illustrate();
                break;
            case TrainingEvent.StepsReported:
                if (Events is { } events)
                    Try(events.Folder, () => events.FollowSteps(folder));
                break;
            // Said in other words before, or every time the disk is well.
            case TrainingEvent.Began or TrainingEvent.CheckpointSaved:
                break;
            default:
                if (value is TrainingEvent.EvaluationDone)
                    Dispose();
                Say(value);
                break;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _activity?.Dispose();
        _activity = null;
    }

    private void Say(TrainingEvent value)
    {
        if (value.IsWarning)
            session.Warn(value.Text);
        else
            session.Say(value.Text);
    }

    private void Show(Work work)
    {
        Dispose();
        _activity = display.Begin(work);
    }

    private static string Detail(TrainingEvent.StepMade step) => step.ImagesPerSecond is { } images
        ? string.Create(CultureInfo.InvariantCulture, $"loss {step.Loss:0.0000}, {images:0} images/s")
        : string.Create(CultureInfo.InvariantCulture, $"loss {step.Loss:0.0000}");

    private void Illustrate()
    {
        foreach (var file in new[] { folder.Curves, folder.CurvesAsLines })
            Try(file, () => PlotFile.At(file).Save(new CurveSheet([RunCurves.Read(folder.Path)]).Sheet));
        if (Events is { } events)
            Try(events.Folder, () => events.Follow(folder));
    }

    // A run is worth more than its images: whatever goes wrong, down to a missing native library, is only reported.
    private void Try(string place, Action write)
    {
        try
        {
            write();
        }
        catch (Exception trouble)
        {
            session.Warn($"no {place}: {trouble.Message}");
        }
    }
}
