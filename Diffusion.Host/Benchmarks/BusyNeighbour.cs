using System.Diagnostics;
using Diffusion.Host.Diagnostics;

namespace Diffusion.Host.Benchmarks;

/// <summary>Another process that keeps one core busy for as long as this lives.</summary>
internal sealed class BusyNeighbour : IDisposable
{
    private const string Greeting = "busy";
    private readonly Process _process;

    /// <summary>Starts it, and waits until it is busy.</summary>
    public BusyNeighbour()
    {
        _process = OwnProcess.Start(["bench", "busy", "--neighbour"]);
        _ = _process.StandardError.ReadToEndAsync();
        if (_process.StandardOutput.ReadLine() != Greeting)
            throw new InvalidOperationException("The other process did not start.");
    }

    /// <summary>The other process's part: adds numbers until its standard input ends, as it does when its parent ends.</summary>
    public static void BeOne(TextReader input, TextWriter output, CancellationToken stopping)
    {
        var done = Task.Run(() => input.Read() < 0, stopping);
        output.WriteLine(Greeting);
        for (var sum = 0.0; !done.IsCompleted && !stopping.IsCancellationRequested;)
            for (var number = 1; number < 1_000_000; number++)
                sum += 1.0 / number;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
