using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Host.Sweeps;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>
    /// Trains a model with labels, then samples it at several strengths of guidance; everything is left in the run folder.
    /// </summary>
    /// <param name="Recipe">The recipe's name.</param>
    /// <param name="Options">What a person asked for besides.</param>
    public sealed record GuidedTrain(string Recipe, TrainOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Options.Mode == RunMode.Dry)
                return new Train(new RecipeSource.BuiltIn(Recipe), Timed(Options)).Run(session);
            var place = Options.Resume ?? Options.Out ?? NewPlace();
            var placed = Options.Resume is null ? Options with { Out = place } : Options;
            var training = Timed(placed) with { Verb = Recipe, Mode = RunMode.Part };
            // Only the sweep answers.
            new Train(new RecipeSource.BuiltIn(Recipe), training)
                .Run(session with { Terminal = session.Terminal with { Output = TextWriter.Null } });
            var recipe = RecipeFile.Read(Path.Combine(place, "recipe.json"));
            var final = recipe.Evaluation.CountAt(recipe.Length.Steps, recipe.Length);
            return new Sweeping(place, new(SweepKind.Guidance.Usual, Options with { Data = DataOf(place) }, new()) { Count = Clamp(
                final, SweepOptions.Fewest, SweepOptions.Usual) }).Run(session);
        }

        // The sweep ends within the time too.
        private static TrainOptions Timed(TrainOptions options) =>
            options with { Samplings = SweepKind.Guidance.Usual.Strengths.Count };

        private string? DataOf(string place) => DataPlace.Find(place, Options.Data, _ => { });

        // Locked for a moment, so that two runs of one second do not take one name; a folder without a run can be taken again.
        private string NewPlace()
        {
            using var folder = RunFolder.Create("runs", Recipe, TimeProvider.System.GetLocalNow());
            return folder.Path;
        }
    }
}
