using System.Globalization;
using Diffusion.Host.Displays;
using Diffusion.Host.Images;
using Diffusion.Host.Runs;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Training;

/// <summary>Draws samples from the averaged weights at the end of an epoch, shows some, and measures all.</summary>
/// <remarks>Sample number k has the same noise in every epoch, so that sheets can be compared picture by picture.</remarks>
/// <param name="recipe">What is trained.</param>
/// <param name="pictures">The pictures it is trained on.</param>
/// <param name="meter">Measures the samples; owned.</param>
public sealed class EpochEvaluation(Recipe recipe, Provenance pictures, IDistanceMeter meter) : IEpochEvaluation
{
    private const int Scale = 2;

    private readonly SamplingRun _sampling = new(
        recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Grid), recipe.Prediction, new Seed(recipe.Seed).For("evaluation"))
    {
        Guidance = recipe.Evaluation.Guidance,
        Precision = recipe.Precision,
        Batch = recipe.Evaluation.Batch,
    };

    /// <inheritdoc/>
    public Sequence<string> Columns => meter.Columns;

    /// <inheritdoc/>
    public Sequence<string> Remarks => meter.Floor.Select(floor => string.Create(CultureInfo.InvariantCulture,
        $"{floor.Name} of real pictures that were held out: {floor.Value:0.####}; samples can hardly be better")).ToSequence();

    /// <inheritdoc/>
    public Work Work(int epoch) => new("sampling", "network calls", 0, (long)Calls(CountIn(epoch)));

    /// <inheritdoc/>
    public string Provenance => string.Create(CultureInfo.InvariantCulture,
        $"ema={recipe.Averages[0]}; plan={PlanHash.Of(_sampling.Plan)}; guidance={recipe.Evaluation.Guidance}; train={pictures}; {meter.Provenance}");

    /// <inheritdoc/>
    public EpochFindings Run(TrainingRun run, int epoch, Sheet sheet, IActivity activity, CancellationToken stopping)
    {
        var (count, shape, calls) = (CountIn(epoch), pictures.Shape, 0L);
        using var samples = run.WithAverage(0, (UNet network) => _sampling.Draw(
            network, [shape.Channels, shape.Height, shape.Width], count, IsLabelled ? sample => sample % Classes : null, step =>
            {
                stopping.ThrowIfCancellationRequested();
                activity.Report(++calls, () => $"{count} samples");
            }));
        Save(samples, run, sheet);
        return new SampleReport(count, Sampler, _sampling.Plan.NetworkCalls, meter.Measure(samples));
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

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
