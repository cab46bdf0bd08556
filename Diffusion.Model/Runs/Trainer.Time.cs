using Diffusion.Model.Files;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Runs;

// How a run that has a time keeps it.
public sealed partial class Trainer
{
    private TimeSpan Gone => _options.Time?.Since is { } since ? _options.Clock.GetElapsedTime(since) : _pace.TrainingInAll;

    private RunUnderWay UnderWay => new(Run.Recipe, Run.Schedule.Images, Run.Updates, Gone);

    private void WasEvaluated(TimeSpan took)
    {
        if (_options.Time is { Since: not null })
            _keeper?.Evaluated(UnderWay, took);
    }

    // The renewed recipe is that of every step so far too: a run that is killed before it is written goes on by the one before, and after
    // it from any checkpoint by this one.
    private bool HasNewLength()
    {
        if (_keeper?.AfterStep(UnderWay) is not { } length)
            return false;
        var renewed = length.Renewal.Of(Run.Recipe);
        try
        {
            Folder.Write(renewed);
        }
        catch (OutputException trouble)
        {
            Tell(new TrainingEvent.Warning($"{trouble.Message}; the run keeps its {LengthRecipe.StepText(Length.Steps)}"));
            return false;
        }
        Run.GoOnBy(renewed);
        _evaluation.Follow(renewed);
        _end = _options.Clock.GetLocalNow() + length.Rest;
        Tell(new TrainingEvent.LengthChanged(length, _end.Value));
        Tell(new TrainingEvent.StepsBegan(Run.Updates, Length.Steps));
        return true;
    }
}
