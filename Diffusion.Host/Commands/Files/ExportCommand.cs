using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Writes a trained model as other programs save one, or a model or classifier as a small run folder.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Out">The folder or file to write.</param>
    /// <param name="Form">What is written.</param>
    public sealed record Export(string Model, string Out, ExportForm Form) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Form == ExportForm.Run && RunSummary.IsRun(Model) && RunSummary.Read(Model).Recipe?.Goal is Goal.Classify)
                return Classifier(session);
            using var model = TrainedModel.Open(Model, torch.CPU, session.Warn);
            RefuseBroken(model.Network);
            var isFile = Form is ExportForm.Pth or ExportForm.Safetensors;
            if (isFile)
                WriteWeights(model);
            else if (Form == ExportForm.Run)
                WriteRun(model.Network, model.Recipe, model.Updates);
            else
            {
                DiffusersFolder.Write(Out, model.Network, model.Recipe, model.Shape is { } shape ? new(shape.Height, shape.Width) : null);
                foreach (var loss in Losses(model.Recipe, model.Shape))
                    session.Warn(loss);
            }
            session.Answer(
                Out, new JsonObject { [isFile ? "file" : "folder"] = Out, ["parameters"] = model.Network.ParameterCount });
            return ExitCode.Success;
        }

        private ExitCode Classifier(Session session)
        {
            using var classifier = TrainedClassifier.Open(Model, torch.CPU, session.Warn);
            RefuseBroken(classifier.Network);
            WriteRun(classifier.Network, classifier.Recipe, classifier.Updates);
            var parameters = classifier.Network.parameters().Sum(weights => weights.numel());
            session.Answer(Out, new JsonObject { ["folder"] = Out, ["parameters"] = parameters });
            return ExitCode.Success;
        }

        // Nothing can be sampled from it, here or elsewhere.
        private void RefuseBroken(torch.nn.Module network)
        {
            if (network.named_parameters().Select(item => NonFinite.In(item.name, item.parameter)).FirstOrDefault(
                broken => broken is not null) is { } fault)
                throw new InputException(Model, fault, "a model whose weights are all finite");
        }

        private void WriteWeights(TrainedModel model)
        {
            if (Path.Exists(Out))
                throw new InputException(Out, "an existing file or folder", "the name of a new file");
            var weights = model.Network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter));
            if (Form == ExportForm.Pth)
                TorchPickleWriter.Write(Out, weights, ModelFile.Metadata(model.Recipe, model.Updates));
            else
                Safetensors.Write(Out, weights, ModelFile.Metadata(model.Recipe, model.Updates));
        }

        private void WriteRun(torch.nn.Module network, Recipe recipe, long updates)
        {
            if (Inside(Model, Out))
                throw new InputException(Out, "a place inside the exported run", "a folder outside it");
            using var folder = RunFolder.CreateForWeights(Out);
            OutputException.Guard(folder.Checkpoints, () =>
                new CheckpointStore(folder.Checkpoints).Save(network, recipe, updates, Precision.Bfloat16));
            RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
            var report = Path.Combine(Model, Path.GetFileName(folder.Report));
            if (File.Exists(report))
                RunFolder.Write(folder.Report, stream => stream.Write(OrdinaryFile.ReadAll(report, Array.MaxLength)));
        }

        private static bool Inside(string run, string place) => !Path.GetRelativePath(run, place).StartsWith("..", StringComparison.Ordinal)
            && !Path.IsPathRooted(Path.GetRelativePath(run, place)) && Path.GetRelativePath(run, place) != ".";

        // What the model does here and will not do there.
        private static IEnumerable<string> Losses(Recipe recipe, ImageShape? shape)
        {
            var multiple = recipe.Network.SizeMultiple;
            if (shape is { } size && (size.Height % multiple != 0 || size.Width % multiple != 0))
                yield return $"images of {size.Height}×{size.Width} are padded here to multiples of {multiple}, "
                    + "which diffusers does not do: it cannot sample this size";
            var edm = DiffusersEdmScheduler.Of(recipe);
            if (recipe.Network.Labels is { } labels)
                yield return (edm is null ? "DDPMPipeline opens the model, but passes it no labels: call its unet with class_labels"
                        : "the network takes labels: call its unet with class_labels")
                    + (labels.Null == NullLabel.Learned ? $"; the last class, {labels.Classes}, is the null label" : "");
            if (recipe.Network.Labels is { Width: not null })
                yield return "the projection of the label embedding is written as the table that it makes, which a training there changes "
                    + "in another way";
            if (edm is not null)
            {
                foreach (var loss in edm.Losses())
                    yield return loss;
                yield break;
            }
            if (recipe.Schedule is NoiseSchedule.Discrete schedule)
                foreach (var loss in new DiffusersScheduler(schedule, recipe.Prediction, recipe.Evaluation.Sampler,
                    recipe.Evaluation.Spacing).Losses(recipe.Variance as Variance.Learned))
                    yield return loss;
            if (recipe.Evaluation.Sampler is not Sampler.Ancestral
                && (recipe.Evaluation.Sampler is not Sampler.Ddim || recipe.Variance is Variance.Learned))
                yield return $"the run samples with {SamplerCatalogue.TextOf(recipe.Evaluation.Sampler)}; the exported DDPMScheduler uses "
                    + "ancestral sampling with the large variance, 1000 steps by default";
        }
    }
}
