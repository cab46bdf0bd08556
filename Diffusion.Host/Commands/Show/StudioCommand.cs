using Diffusion.Host.CommandLine;
using Diffusion.Host.Studio;
using Diffusion.Host.Studio.Web;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Serves the studio until it is stopped.</summary>
    /// <param name="Options">Where, and what it shows.</param>
    public sealed record OpenStudio(StudioOptions Options) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var server = StudioServer.Start(Options, session);
            session.Answer(server.Address, new() { ["address"] = server.Address });
            session.Say("Ctrl-C stops the studio");
            session.Stopping.WaitHandle.WaitOne();
            return ExitCode.Success;
        }
    }
}
