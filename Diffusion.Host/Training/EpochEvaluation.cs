using System.Globalization;
using Diffusion.Host.Pictures;
using Diffusion.Host.Reports;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Training;

/// <summary>Draws samples from the averaged weights at the end of an epoch, shows some, and measures all.</summary>
/// <remarks>Sample number k has the same noise in every epoch, so that sheets can be compared picture by picture.</remarks>
/// <param name="recipe">What is trained.</param>
/// <param name="pictures">The pictures it is trained on.</param>
/// <param name="meter">Measures the samples.</param>
public sealed class EpochEvaluation(Recipe recipe, Provenance pictures, IDistanceMeter meter)
{
    private const int Scale = 2;

    private readonly SamplingRun _sampling = new(
        recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Grid), recipe.Prediction, new Seed(recipe.Seed).For("evaluation"))
    {
        Guidance = recipe.Evaluation.Guidance,
        Precision = recipe.Precision,
        Batch = recipe.Evaluation.Batch,
    };

    /// <summary>What is drawn in an epoch.</summary>
    /// <param name="epoch">Counted from 1.</param>
    public Work Work(int epoch) => new("sampling", "network calls", 0, (long)Calls(CountIn(epoch)));

    /// <summary>What the distances depend on besides the samples' number and sampler, which have columns of their own.</summary>
    public string Provenance => string.Create(CultureInfo.InvariantCulture,
        $"ema={recipe.Averages[0]}; plan={PlanHash.Of(_sampling.Plan)}; guidance={recipe.Evaluation.Guidance}; train={pictures}; {meter.Provenance}");

    /// <summary>Draws, saves a sheet, measures.</summary>
    /// <param name="run">The run at the end of an epoch.</param>
    /// <param name="epoch">Counted from 1.</param>
    /// <param name="sheet">Where the sheet goes, and who is told where it cannot be written: a picture less is no reason to stop.</param>
    /// <param name="activity">Told of every network call.</param>
    /// <param name="stopping">Ends the work early.</param>
    /// <exception cref="OperationCanceledException">It was ended early; nothing was written.</exception>
    public SampleReport Run(TrainingRun run, int epoch, Sheet sheet, IActivity activity, CancellationToken stopping)
    {
        var (count, shape, calls) = (CountIn(epoch), pictures.Shape, 0L);
        using var samples = run.WithAverage(0, network => _sampling.Draw(
            network, [shape.Channels, shape.Height, shape.Width], count, IsLabelled ? sample => sample % Classes : null, step =>
            {
                stopping.ThrowIfCancellationRequested();
                activity.Report(++calls, () => $"{count} samples");
            }));
        Save(samples, run, sheet);
        return new(count, Sampler, _sampling.Plan.NetworkCalls, meter.Measure(samples));
    }

    private string Sampler => string.Create(CultureInfo.InvariantCulture, $"{_sampling.Plan.Name} {_sampling.Plan.Steps.Count}");

    private bool IsLabelled => recipe.Labels is Conditioning.Labelled;

    private int Classes => pictures.Description.ClassNames.Count;

    private bool IsLast(int epoch) => epoch * recipe.Length.StepsPerEpoch >= recipe.Length.Steps;

    private int CountIn(int epoch) => Max(IsLast(epoch) ? recipe.Evaluation.FinalSamples : recipe.Evaluation.Samples, recipe.Evaluation.Pictures);

    private double Calls(int samples) => Ceiling((double)samples / _sampling.Batch) * _sampling.Plan.Steps.Count;

    // One row per class where there are classes; samples 0, 1, 2, … are of classes 0, 1, 2, …
    private void Save(torch.Tensor samples, TrainingRun run, Sheet sheet)
    {
        using var scope = torch.NewDisposeScope();
        var shown = samples.narrow(0, 0, recipe.Evaluation.Pictures);
        var columns = (int)Ceiling(Sqrt(recipe.Evaluation.Pictures));
        Sequence<string> rows = [];
        if (IsLabelled)
        {
            columns = recipe.Evaluation.Pictures / Classes;
            shown = samples.narrow(0, 0, columns * Classes).view(columns, Classes, samples.shape[1], samples.shape[2], samples.shape[3]).transpose(0, 1).flatten(0, 1);
            rows = pictures.Description.ClassNames;
        }
        var picture = PictureGrid.Compose(shown, GridLayout.Of(columns) with { Scale = Scale, RowLabels = rows });
        try
        {
            OutputException.Guard(sheet.Path, () => Png.Save(sheet.Path, picture, Notes(run)));
        }
        catch (OutputException trouble)
        {
            sheet.Missing(trouble);
        }
    }

    private Sequence<Note> Notes(TrainingRun run)
    {
        string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
        Sequence<Note> guidance = recipe.Evaluation.Guidance is Guidance.ClassifierFree free
            ? [new("guidance", string.Create(CultureInfo.InvariantCulture, $"w = {free.Strength} (s = {free.Scale})"))]
            : [];
        return
        [
            new("recipe", recipe.Name),
            new("step", Text(run.Updates)),
            new("sampler", Sampler),
            new("plan", PlanHash.Of(_sampling.Plan)),
            new("seed", Text(recipe.Seed)),
            .. guidance,
        ];
    }
}

/// <summary>Where a sheet of samples goes.</summary>
/// <param name="Path">The file.</param>
/// <param name="Missing">Told why it cannot be written.</param>
public sealed record Sheet(string Path, Action<OutputException> Missing);
