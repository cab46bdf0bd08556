using Diffusion.Host.CommandLine;
using Diffusion.Model.Data;

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
            throw new InputException(Recipe.ToString(), "a command that is not built yet", "a later version");
    }
}
