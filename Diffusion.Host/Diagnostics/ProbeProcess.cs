using System.Diagnostics;
using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Host.Diagnostics;

/// <summary>Tries every probe in a process of its own, since a missing function ends the process that calls it.</summary>
/// <remarks>
/// The child tells on standard output what it begins and what became of it. Where it ends in between, the probe it had begun ended it, and
/// another child goes on with the next. With a libtorch that has everything there is a single child.
/// </remarks>
internal static class ProbeProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Every probe on every device, numbered from 0 in this order.</summary>
    public static Sequence<(Probe Probe, torch.Device Device)> Work()
    {
        torch.Device[] devices = torch.cuda.is_available() ? [torch.CUDA, torch.CPU] : [torch.CPU];
        return [.. devices.SelectMany(device => Probes.All.Select(probe => (probe, device)))];
    }

    /// <summary>The child's part: tries from a number on, and tells.</summary>
    public static void Tell(int from, TextWriter output)
    {
        foreach (var (number, (probe, device)) in Work().Index().Skip(from))
        {
            Write($"begin {number}");
            try
            {
                using var scope = torch.NewDisposeScope();
                probe.Try(device);
                Write($"works {number}");
            }
            catch (Exception trouble)
            {
                Write($"fails {number} {OneLine(trouble.Message)}");
            }
        }
        Write("end");

        void Write(string line)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    /// <summary>The parent's part: the table, row by row as they come.</summary>
    /// <param name="words">The words of the child's command line, to which a number is added.</param>
    /// <param name="stopping">Ends the work early.</param>
    public static IEnumerable<ProbeResult> Run(IReadOnlyList<string> words, CancellationToken stopping)
    {
        var work = Work();
        for (var next = 0; next < work.Count;)
        {
            using var child = new Child([.. words, string.Create(CultureInfo.InvariantCulture, $"{next}")], stopping);
            while (child.Next() is { } outcome)
                yield return Row(next++, outcome);
            if (next < work.Count)
                yield return Row(next++, new ProbeOutcome.Ends(child.LastWords()));
        }

        ProbeResult Row(int number, ProbeOutcome outcome) => new(work[number].Probe.Name, work[number].Device.ToString(), outcome);
    }

    /// <summary>What a linker said of a missing function, in words for a person; any other line as it is.</summary>
    internal static string Explain(string line) => SymbolName.MissingIn(line) is { } symbol
        ? $"libtorch {LibTorchBuild.Version ?? "of this folder"} lacks {symbol}; TorchSharp was built for {LibTorch.BuiltFor}"
        : OneLine(line);

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private sealed class Child : IDisposable
    {
        private readonly Process _process;
        private readonly Task<string> _said;
        private readonly CancellationTokenRegistration _stop;
        private readonly Timer _patience;

        public Child(string[] words, CancellationToken stopping)
        {
            var own = Environment.ProcessPath ?? "dotnet";
            var isProgram = Path.GetFileNameWithoutExtension(own) == "diffusion";
            string[] before = isProgram ? [] : [Path.Combine(AppContext.BaseDirectory, "diffusion.dll")];
            _process = Process.Start(new ProcessStartInfo(isProgram ? own : "dotnet", [.. before, .. words])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            _said = _process.StandardError.ReadToEndAsync(CancellationToken.None);
            _stop = stopping.Register(Kill);
            _patience = new(_ => Kill(), null, Patience, Timeout.InfiniteTimeSpan);
        }

        // The next outcome, or null where the child has no more to tell.
        public ProbeOutcome? Next()
        {
            while (_process.StandardOutput.ReadLine() is { } line)
            {
                var parts = line.Split(' ', 3);
                if (parts[0] == "works")
                    return new ProbeOutcome.Works();
                if (parts[0] == "fails")
                    return new ProbeOutcome.Fails(parts.Length > 2 ? parts[2] : "");
            }
            return null;
        }

        public string LastWords()
        {
            _process.WaitForExit();
            var lines = _said.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var telling = lines.FirstOrDefault(line => SymbolName.MissingIn(line) is not null) ?? lines.LastOrDefault();
            return telling is null ? string.Create(CultureInfo.InvariantCulture, $"exit code {_process.ExitCode}") : Explain(telling);
        }

        public void Dispose()
        {
            _stop.Dispose();
            _patience.Dispose();
            Kill();
            _process.Dispose();
        }

        private void Kill()
        {
            if (!_process.HasExited)
                _process.Kill();
        }
    }
}
