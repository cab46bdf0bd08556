using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Makes a run folder of a model that diffusers saved, to be sampled from and measured.</summary>
    /// <param name="Source">The folder that diffusers saved.</param>
    /// <param name="Out">The run folder.</param>
    public sealed record Import(string Source, string Out) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var notes = new List<string>();
            var (network, recipe) = DiffusersFolder.Read(Source, notes.Add);
            using var owned = network;
            if (RecipeValidation.Of(recipe).FirstOrDefault() is { } fault)
                throw new InputException(Source, fault, "a model that can be sampled from");
            using var folder = RunFolder.CreateForWeights(Out);
            OutputException.Guard(folder.Checkpoints, () => new CheckpointStore(folder.Checkpoints).Save(network, recipe));
            RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
            // One line is enough where it cannot be read at all.
            foreach (var note in notes)
                session.Warn(note);
            session.Answer(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Out}: {network.ParameterCount:N0} parameters"),
                new JsonObject { ["run"] = Out, ["parameters"] = network.ParameterCount });
            return ExitCode.Success;
        }
    }
}
