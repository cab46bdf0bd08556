using Diffusion.Host.CommandLine;
using Diffusion.Host.Options;
using Diffusion.Host.Training;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Trains a model, sampling and measuring after every epoch.</summary>
    /// <param name="Recipe">What is trained.</param>
    /// <param name="Options">What a person asked for besides.</param>
    public sealed record Train(RecipeSource Recipe, TrainOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session) =>
            Options.Resume is { } path ? new TrainingSession(session, Options).Resume(path, Recipe) : new TrainingSession(session, Options).Begin(Recipe);
    }
}
