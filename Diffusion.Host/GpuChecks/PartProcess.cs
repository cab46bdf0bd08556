using System.Diagnostics;
using System.Globalization;
using System.Text;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>Carries out a part's command line.</summary>
internal interface IPartRunner
{
    /// <summary>Carries it out. What it says is written as it comes.</summary>
    /// <param name="program">What carries it out.</param>
    /// <param name="words">The words after the program's name.</param>
    /// <param name="files">Where its results and its log go.</param>
    /// <param name="limit">After this it is asked to stop.</param>
    /// <param name="stopping">Cancelled when a person asks to stop.</param>
    PartEnd Run(PartProgram program, Sequence<string> words, PartFiles files, TimeSpan limit, CancellationToken stopping);
}

/// <summary>How a command line ended.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="LastLine">The last line that it said on the way.</param>
/// <param name="IsLate">Whether it was stopped at its limit.</param>
internal sealed record PartEnd(int Code, string LastLine, bool IsLate);

/// <summary>The files of a part.</summary>
/// <param name="Result">Standard output: JSON.</param>
/// <param name="Log">Standard error.</param>
internal sealed record PartFiles(string Result, string Log);

/// <summary>In a process of its own: whatever ends it, the others go on.</summary>
internal sealed class PartProcess : IPartRunner
{
    // A training step, and a checkpoint.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public PartEnd Run(PartProgram program, Sequence<string> words, PartFiles files, TimeSpan limit, CancellationToken stopping)
    {
        using var process = program == PartProgram.Own ? OwnProcess.Start([.. words]) : Process.Start(new ProcessStartInfo("python3", words)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
            Environment = { [ParentWatch.Variable] = "1" },
        })!;
        var last = "";
        var result = new StringBuilder();
        using (var log = new StreamWriter(files.Log) { AutoFlush = true })
        {
            var said = Task.Run(() => result.Append(process.StandardOutput.ReadToEnd()), CancellationToken.None);
            var errors = Task.Run(() =>
            {
                while (process.StandardError.ReadLine() is { } line)
                {
                    log.WriteLine(line);
                    last = line.Length > 0 ? line : last;
                }
            }, CancellationToken.None);
            var isLate = !Ended(process, limit, stopping);
            var before = last;
            if (isLate || stopping.IsCancellationRequested)
                Stop(process, () => last.StartsWith(Interruption.Acknowledgement, StringComparison.Ordinal));
            process.WaitForExit();
            Task.WaitAll(said, errors);
            if (result.Length > 0)
                RunFolder.Write(files.Result, stream => stream.Write(Encoding.UTF8.GetBytes(result.ToString())));
            // What a process says of being stopped is no news.
            var telling = isLate ? before : last;
            return new(process.ExitCode, telling.Length > 0 ? telling
                : string.Create(CultureInfo.InvariantCulture, $"exit code {process.ExitCode}"), isLate);
        }
    }

    // False at the limit.
    private static bool Ended(Process process, TimeSpan limit, CancellationToken stopping)
    {
        using var timer = new CancellationTokenSource(limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stopping);
        try
        {
            process.WaitForExitAsync(either.Token).GetAwaiter().GetResult();
            return true;
        }
        catch (OperationCanceledException)
        {
            return !timer.IsCancellationRequested;
        }
    }

    // Ctrl-C in a terminal reaches this process and the part alike; asked twice, the part would end without saving.
    private static void Stop(Process process, Func<bool> isStopping)
    {
        for (var wait = 0; wait < 20 && !process.HasExited && !isStopping(); wait++)
            process.WaitForExit(TimeSpan.FromMilliseconds(100));
        if (!process.HasExited && !isStopping())
            Posix.AskToStop(process.Id);
        if (!process.WaitForExit(OperatingSystem.IsWindows() ? TimeSpan.Zero : Grace))
            process.Kill(entireProcessTree: true);
    }
}
