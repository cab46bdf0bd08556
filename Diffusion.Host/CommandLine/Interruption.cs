using System.Runtime.InteropServices;

namespace Diffusion.Host.CommandLine;

/// <summary>Turns the first Ctrl-C, SIGTERM or SIGHUP into a cancelled token, so that a step can end and be saved.</summary>
/// <remarks>
/// A step of a large network can outlast any fixed grace, so there is none: whoever is tired of waiting sends the signal again, and the
/// process then ends at once, without a word and without unloading anything.
/// </remarks>
public sealed class Interruption : IDisposable
{
    /// <summary>What is said at the first signal.</summary>
    public const string Acknowledgement = "stopping; interrupt again to stop immediately";

    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _error;
    private int _signals;

    /// <summary>Listens until disposed.</summary>
    /// <param name="error">Where the first signal is acknowledged.</param>
    public Interruption(TextWriter error)
    {
        _error = error;
        _registrations = [.. Signals.Select(signal => PosixSignalRegistration.Create(signal, Stop))];
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Stopping => _source.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        _source.Dispose();
    }

    /// <summary>Ends an interrupted process once its work is done; comes back where there was no signal.</summary>
    /// <remarks>A further signal may come while the process ends: nothing may then run that libtorch's threads still need.</remarks>
    public void EndIfStopped(ExitCode code)
    {
        if (_signals > 0)
            Posix.End(code);
    }

    // Signals are handled on threads of the pool, each on its own: the first one may still wait for a terminal when the second comes.
    private void Stop(PosixSignalContext signal)
    {
        if (Interlocked.Increment(ref _signals) > 1)
            Posix.End(ExitCode.Interrupted);
        signal.Cancel = true;
        _error.WriteLine(Acknowledgement);
        _source.Cancel();
    }
}
