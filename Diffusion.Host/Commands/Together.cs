using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Distributed;

namespace Diffusion.Host.Commands;

/// <summary>A command that several processes carry out, which a launcher such as mpirun started with the same words.</summary>
/// <remarks>Rank 0 does what was asked for, says what there is to say and writes what there is to write. The others follow it.</remarks>
internal static class Together
{
    private static readonly TimeSpan UntilEnded = TimeSpan.FromSeconds(30);

    /// <summary>Carries out a command as one of several processes.</summary>
    /// <param name="command">The command.</param>
    /// <param name="session">What rank 0 talks with; the others are silent but for a failure of their own.</param>
    /// <param name="launch">Which process this is.</param>
    public static ExitCode Run(Command command, Session session, Launch launch)
    {
        var isLeader = launch.Rank == 0;
        if (!command.IsShared)
        {
            if (isLeader)
                session.Say(string.Create(CultureInfo.InvariantCulture, $"one process does this; {launch.Size - 1} more were started"));
            return isLeader ? CommandLineApp.Run(command, session) : ExitCode.Success;
        }
        ICommunicator processes;
        try
        {
            processes = launch.Connect();
        }
        catch (Exception trouble)
        {
            if (isLeader)
                Session.Complain(session.Terminal.Error, Sentence.Of(trouble));
            return ExitCode.Failure;
        }
        World.Join(processes);
        return isLeader ? Lead(command, session, processes) : Follow(command, session, processes);
    }

    private static string Version => $"{typeof(Command).Module.ModuleVersionId} {typeof(World).Module.ModuleVersionId}";

    private static ExitCode Lead(Command command, Session session, ICommunicator processes)
    {
        try
        {
            // The program has to be the same before any of its orders can be understood.
            Agreement.Require(processes, "program version", Version);
        }
        catch (DisagreementException other)
        {
            Session.Complain(session.Terminal.Error, other.Message);
            processes.Abort((int)ExitCode.Failure);
        }
        session.Say(string.Create(CultureInfo.InvariantCulture, $"{processes.Size} processes, {processes.Name}"));
        var code = CommandLineApp.Run(command, session);
        // The others may be in the middle of something that this rank will have no part in.
        if (code == ExitCode.Failure)
            processes.Abort((int)code);
        new Order(OrderKind.End).Give(processes);
        processes.Dispose();
        return code;
    }

    private static ExitCode Follow(Command command, Session session, ICommunicator processes)
    {
        var error = session.Terminal.Error;
        var silent = session with { Terminal = session.Terminal with { Output = TextWriter.Null, Error = TextWriter.Null } };
        try
        {
            Agreement.Require(processes, "program version", Version);
            command.Follow(silent);
        }
        catch (FollowerReleasedException)
        {
        }
        catch (DisagreementException)
        {
            // Rank 0 tells of it, and ends all.
            Thread.Sleep(UntilEnded);
            return ExitCode.Failure;
        }
        catch (Exception trouble)
        {
            Session.Complain(error, string.Create(
                CultureInfo.InvariantCulture, $"rank {processes.Rank} on {Environment.MachineName}: {Sentence.Of(trouble)}"));
            processes.Abort((int)ExitCode.Failure);
        }
        processes.Dispose();
        return session.Stopping.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Success;
    }
}
