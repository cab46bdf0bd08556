using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints what a file or folder with tensors holds.</summary>
    /// <param name="Place">The file or folder.</param>
    public sealed record Describe(string Place) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var description = PlaceDescription.Of(Place);
            session.Answer(description.Text(), description.Json());
            return ExitCode.Success;
        }
    }
}
