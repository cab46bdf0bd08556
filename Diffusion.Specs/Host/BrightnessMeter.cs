using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Stands in for a network's distance: how bright samples are, which depends on every bit of them and costs nothing.</summary>
internal sealed class BrightnessMeter : IDistanceMeter
{
    /// <summary>Samples, and how bright they are.</summary>
    public static IRunEvaluation Evaluation(Recipe recipe, TrainingData data) =>
        RunEvaluation.Of(recipe, data, () => new BrightnessMeter());

    public Sequence<string> Columns => ["brightness"];

    public string Provenance => "nothing";

    public Sequence<MetricValue> Measure(torch.Tensor samples, Func<long, long?> labelOf) =>
        [new("brightness", samples.to(torch.float64).mean().item<double>())];

    public void Dispose()
    {
    }
}
