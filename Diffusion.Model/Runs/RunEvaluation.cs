using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>The evaluations that come with the library.</summary>
public static class RunEvaluation
{
    /// <summary>What a recipe is evaluated by: samples and their distances, or for a classifier how well it names noisy images.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="data">The images.</param>
    /// <param name="meter">Makes what samples are measured by, only where samples are drawn; taken over. Null for no distance.</param>
    public static IRunEvaluation Of(Recipe recipe, TrainingData data, Func<IDistanceMeter>? meter = null) => recipe.Goal is Goal.Classify
        ? new ClassifierEvaluation(recipe, data)
        : new SampleEvaluation(recipe, data.Train.Provenance, meter?.Invoke() ?? new NoMeter());

    /// <summary>Nothing: a run that is reported and saved, but neither sampled nor measured.</summary>
    public static IRunEvaluation None { get; } = new Nothing();

    private sealed class NoMeter : IDistanceMeter
    {
        public Sequence<string> Columns => [];

        public string Provenance => "no distance";

        public Sequence<MetricValue> Measure(torch.Tensor samples, Func<long, long?> labelOf) => [];

        public void Dispose()
        {
        }
    }

    private sealed class Nothing : IRunEvaluation
    {
        public Sequence<string> Columns => [];

        public Sequence<string> Remarks => [];

        public string Provenance => "not evaluated";

        public EvaluationWork WorkAt(long step) => new("evaluation", "network calls", 0);

        public EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch) => new NothingMeasured();

        public void Dispose()
        {
        }
    }
}
