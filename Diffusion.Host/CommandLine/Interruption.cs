using System.Runtime.InteropServices;

namespace Diffusion.Host.CommandLine;

/// <summary>Turns the first Ctrl-C, SIGTERM or SIGHUP into a cancelled token, so that a step can end and be saved.</summary>
/// <remarks>
/// A step of a large network can outlast any fixed grace, so there is none: whoever is tired of waiting sends the signal again, and the
/// process then ends at once, as it does without a handler.
/// </remarks>
public sealed class Interruption : IDisposable
{
    private static readonly PosixSignal[] Signals = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP];

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TextWriter _error;

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

    private void Stop(PosixSignalContext signal)
    {
        if (_source.IsCancellationRequested)
            Environment.Exit((int)ExitCode.Interrupted);
        signal.Cancel = true;
        _error.WriteLine("stopping after this step; once more to stop at once");
        _source.Cancel();
    }
}
