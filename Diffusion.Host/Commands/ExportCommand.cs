using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Writes a trained model as diffusers saves one.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Out">The folder to write.</param>
    public sealed record Export(string Model, string Out) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = TrainedModel.Open(Model, torch.CPU, damage => session.Warn($"{damage}; the checkpoint before it is used"));
            var multiple = model.Recipe.Network.SizeMultiple;
            if (model.Shape is { Height: var side } && side % multiple != 0)
                session.Warn($"pictures of {side}×{side} are padded here to a multiple of {multiple}, which diffusers does not do: it cannot sample this size");
            if (model.Recipe.Network.Labels is not null)
                session.Warn("DDPMPipeline opens the model, but passes it no labels: call its unet with class_labels");
            DiffusersFolder.Write(Out, model.Network, model.Recipe, model.Shape?.Height);
            session.Answer(Out, new JsonObject { ["folder"] = Out, ["parameters"] = model.Network.ParameterCount });
            return ExitCode.Success;
        }
    }
}
