// Knows the two packages alone: trains a small run with its events and report, samples it with two settings changed, and measures a folder.
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using static TorchSharp.torch;

var place = args[0];
var quick = BuiltInRecipes.Find("mnist")!.Quick;
var recipe = quick with
{
    Length = quick.Length with { Steps = 4, Batch = 8 },
    Evaluation = quick.Evaluation with { FinalSamples = 16, GridImages = 16, Spacing = new TimestepSpacing.Uniform(4) },
};

// Train
using var data = Dataset.Mnist.Sample();
using (var trainer = Trainer.Begin(recipe, data, RunFolder.Create(place)))
    trainer.Train(new Lines());

// Sample: 4 steps of DDIM
using var model = TrainedModel.Open(place, CPU, Console.Error.WriteLine);
using var sampler = new ModelSampler(model, new() { Sampler = SamplerCatalogue.Find("ddim")!.Sampler, Steps = 4 });
using var samples = sampler.Draw(16);
var digits = Path.Combine(Path.GetDirectoryName(place)!, "digits.png");
Png.Save(digits, ImageGrid.Compose(samples, GridLayout.Of(4)), []);

// Measure
using var network = FeatureExtractor.LeNet(CPU);
using var real = new EvaluationInput.OfOneSize(data.Test!, "held-out digits");
using var drawn = new EvaluationInput.OfTensor(samples);
Console.WriteLine(Measurement.Of(network, real, drawn, new FrechetMetric()).Values[0]);

internal sealed class Lines : IProgress<TrainingEvent>
{
    public void Report(TrainingEvent value) => Console.WriteLine(value.Text);
}
