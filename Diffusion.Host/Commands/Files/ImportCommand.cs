using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Makes a run folder of a model that another program saved, to be sampled from and measured.</summary>
    /// <param name="Source">A file of weights, or a folder that diffusers saved.</param>
    /// <param name="Out">The run folder.</param>
    /// <param name="Options">What is said of a file of weights.</param>
    public sealed record Import(string Source, string Out, ImportOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var notes = new List<string>();
            using var model = Read(notes.Add);
            var recipe = model.Recipe;
            if (RecipeValidation.Of(recipe).FirstOrDefault() is { } fault)
                throw new InputException(Source, fault, "a model that can be sampled from");
            using var folder = RunFolder.CreateForWeights(Out);
            OutputException.Guard(
                folder.Checkpoints, () => new CheckpointStore(folder.Checkpoints).Save(model.Network, recipe, model.Updates));
            RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
            // One line is enough where it cannot be read at all.
            foreach (var note in notes)
                session.Warn(note);
            var kind = model.Program is { } program ? $"{(recipe.Goal is Goal.Classify ? "classifier" : "network")} of {program}, " : "";
            session.Answer(
                string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Out}: {kind}{model.ParameterCount:N0} parameters"),
                new JsonObject { ["run"] = Out, ["program"] = model.Program, ["parameters"] = model.ParameterCount });
            return ExitCode.Success;
        }

        private ImportedModel Read(Action<string> note)
        {
            if (File.Exists(Source))
                return ModelFile.Read(Source, Options.Request, note);
            if (RunSummary.IsRun(Source))
                throw new InputException(Source, "a run of this program", "a model of another; sample, edit and train --from take a run");
            if (Options.IsGiven)
                throw new InputException(Source, Directory.Exists(Source) ? "a folder" : "no such file or folder",
                    "a file of weights, which --recipe describes");
            var (network, recipe) = DiffusersFolder.Read(Source, note);
            return new(network, recipe);
        }
    }
}
