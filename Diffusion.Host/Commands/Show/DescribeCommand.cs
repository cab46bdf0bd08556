using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Prints what a file or folder holds.</summary>
    /// <param name="Place">The file or folder.</param>
    public sealed record Describe(string Place) : Command
    {
        /// <summary>Whether the tensors of a folder are listed, too.</summary>
        public TensorListing Listing { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var found = PlaceDescription.Of(Place);
            var description = Listing == TensorListing.All ? found with { Listing = Listing } : found;
            session.Answer(description.Text(), description.Json());
            return ExitCode.Success;
        }
    }
}
