using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Model.Distributed;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Commands;

/// <summary>Something the program can be asked to do, with everything needed to do it. A closed union; a value until it is run.</summary>
public abstract partial record Command
{
    private Command()
    {
    }

    /// <summary>Does it. Failures that a person can mend are thrown as <see cref="Model.Files.InputException"/>.</summary>
    /// <exception cref="OperationCanceledException">It was stopped before there was anything to save.</exception>
    public abstract ExitCode Run(Session session);

    /// <summary>Whether several processes that were started together divide its work; otherwise one of them does it.</summary>
    internal virtual bool IsShared => false;

    /// <summary>What a process other than rank 0 does: it draws the samples that rank 0 wants of it.</summary>
    /// <param name="session">A session that says nothing.</param>
    internal virtual void Follow(Session session)
    {
        var machine = Machine.Ready(session, DeviceChoice.Auto, null);
        new Follower(World.Current, machine.Device, session.Stopping).Serve();
    }

    /// <summary>Prints a text that is known beforehand, such as the version.</summary>
    /// <param name="Text">The text, without the last line's end.</param>
    public sealed record Print(string Text) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            session.Terminal.Output.WriteLine(Text);
            return ExitCode.Success;
        }
    }

    /// <summary>Explains the program or a command, as wide as the terminal.</summary>
    /// <param name="Name">The command; null for the program.</param>
    public sealed record Help(string? Name) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var (grammar, columns) = (new Grammar(), session.Terminal.Window() ?? Terminal.UsualColumns);
            session.Terminal.Output.WriteLine(Name is null
                ? HelpText.OfProgram(grammar, columns)
                : HelpText.Of(grammar.Verbs.Single(verb => verb.Name == Name), grammar, columns));
            return ExitCode.Success;
        }
    }
}
