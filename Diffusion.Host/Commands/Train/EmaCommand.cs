using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Training;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Makes a run folder of a trained run with an EMA of another length than those it kept.</summary>
    /// <param name="Source">The run folder.</param>
    /// <param name="Width">Length of the average, σ_rel.</param>
    /// <param name="Out">The run folder to make.</param>
    public sealed record PostHocEma(string Source, double Width, string Out) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            CarriedModels.RequireRun(Source);
            if (!Directory.Exists(Source))
                throw new InputException(Source, File.Exists(Source) ? "a file" : "no such file or folder", "the folder of a run");
            var archive = new EmaArchive(Path.Combine(Source, EmaArchive.FolderName));
            if (archive.Stored.Count == 0)
                throw new InputException(Source, "a run without EMA snapshots",
                    "a run whose recipe has an ema of the kind powerFunction");
            var recipe = RecipeFile.Read(Path.Combine(Source, RunFolder.RecipeName));
            using var learner = Learner.Of(recipe, new Seed(0));
            var made = archive.Compose(Width, learner.Network);
            recipe = recipe with { Ema = [new EmaDecay.PowerFunction(Width)] };
            using var folder = RunFolder.CreateForWeights(Out);
            OutputException.Guard(
                folder.Checkpoints, () => new CheckpointStore(folder.Checkpoints).Save(learner.Network, recipe, made.Updates));
            RunFolder.Write(folder.Recipe, stream => RecipeFile.Write(stream, recipe));
            session.Answer(
                string.Create(CultureInfo.InvariantCulture,
                    $"{Out}: EMA of width {Width} at step {made.Updates}, reconstructed from {made.Parts} snapshots"),
                new JsonObject { ["run"] = Out, ["width"] = Width, ["step"] = made.Updates, ["parts"] = made.Parts });
            return ExitCode.Success;
        }
    }
}
