using System.Collections.Concurrent;
using System.Diagnostics;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;

namespace Diffusion.Host.Studio.Web;

/// <summary>
/// Runs that the studio began or resumed, each a process of this program: nothing that the studio computes touches their bits.
/// </summary>
internal sealed class TrainingProcesses : IDisposable
{
    private const int MostLines = 40;
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Training> _all = [];

    /// <summary>Starts a run. There is one at a time, for two would share a device.</summary>
    /// <param name="name">What the studio calls the run.</param>
    /// <param name="words">The command line of this program.</param>
    /// <exception cref="RefusedException">A run is going on already.</exception>
    public void Begin(string name, IReadOnlyList<string> words)
    {
        lock (_lock)
        {
            if (_all.FirstOrDefault(one => one.Value.IsAlive).Key is { } busy)
                throw RefusedException.Conflict($"{busy} is training; stop it first, or wait for its end");
            _all.GetValueOrDefault(name)?.Dispose();
            _all[name] = new(OwnProcess.Start(words));
        }
    }

    /// <summary>Asks a run to stop as Ctrl-C does: it ends its step and saves a checkpoint.</summary>
    /// <exception cref="RefusedException">It is none of the studio's that goes on.</exception>
    public void Stop(string name)
    {
        if (Of(name) is not { IsAlive: true } training)
            throw RefusedException.Conflict($"{name} is not a run that the studio has begun and that goes on; stop it where it was begun");
        training.AskToStop();
    }

    /// <summary>The process of a run; null where the studio has begun none.</summary>
    public Training? Of(string name)
    {
        lock (_lock)
            return _all.GetValueOrDefault(name);
    }

    /// <summary>Stops all, as Ctrl-C does, and waits until they are saved.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (var training in _all.Values)
                training.AskToStop();
            foreach (var training in _all.Values)
                training.WaitForEnd(Grace);
        }
    }

    /// <summary>One run's process.</summary>
    internal sealed class Training : IDisposable
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _lines = new();
        private int _asked;

        public Training(Process process)
        {
            // Its standard input stays open: it ends with the studio.
            _process = process;
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, line) => Keep(line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        /// <summary>Whether it goes on.</summary>
        public bool IsAlive => !_process.HasExited;

        /// <summary>How it ended; null while it goes on.</summary>
        public int? Code => _process.HasExited ? _process.ExitCode : null;

        /// <summary>The last lines that it said.</summary>
        public IReadOnlyList<string> Lines => [.. _lines];

        // Asked twice it would end without saving; Ctrl-C in a terminal reaches it as well.
        public void AskToStop()
        {
            if (IsAlive && !_lines.Contains(Interruption.Acknowledgement) && Interlocked.Exchange(ref _asked, 1) == 0)
                Posix.AskToStop(_process.Id);
        }

        public void WaitForEnd(TimeSpan patience)
        {
            if (!_process.WaitForExit(OperatingSystem.IsWindows() ? TimeSpan.Zero : patience))
                _process.Kill(entireProcessTree: true);
            Dispose();
        }

        public void Dispose() => _process.Dispose();

        private void Keep(string? line)
        {
            if (string.IsNullOrWhiteSpace(line))
                return;
            _lines.Enqueue(line);
            while (_lines.Count > MostLines)
                _lines.TryDequeue(out _);
        }
    }
}
