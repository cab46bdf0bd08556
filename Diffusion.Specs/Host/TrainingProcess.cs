using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Diffusion.Specs.Data;
using Diffusion.Specs.Distributed;

namespace Diffusion.Specs.Host;

/// <summary>
/// The program as a process that trains a network of a few thousand parameters on noise, and can be stopped from outside.
/// </summary>
/// <param name="place">Holds images, caches and runs.</param>
internal sealed partial class TrainingProcess(TemporaryFolder place)
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <summary>The only level of a network of a few thousand parameters, as recipes write it.</summary>
    public const string Level =
        """{"channels":8,"down":{"attention":"none","resampling":"convolution"},"up":{"attention":"none","resampling":"convolution"}}""";

    private static readonly string[] Recipe =
    [
        "precision=float32", "length.evaluateEvery={\"kind\":\"steps\",\"number\":4}", $"network.levels=[{Level}]",
        "network.residual.groups=4", "network.residual.dropout=0.1",
        "evaluation.samples=4", "evaluation.finalSamples=4", "evaluation.gridImages=4", "evaluation.spacing.count=2",
    ];

    /// <summary>The words of a new run, three epochs by default, with a checkpoint after every step.</summary>
    public string[] Begin(string run, int steps = 12) =>
    [
        "mnist", "--data", Images(), "--out", place[run], "--batch", "4", "--steps", $"{steps}", .. Common(1),
        .. Recipe.SelectMany(change => new[] { "--set", change }),
    ];

    /// <summary>The words that go on with a run, whatever is left of it.</summary>
    public string[] GoOn(string run) => File.Exists(place[$"{run}/recipe.json"]) ? GoOn(run, 1) : Begin(run);

    /// <summary>The words that go on with a run, with so many threads.</summary>
    public string[] GoOn(string run, int threads) => ["mnist", "--data", Images(), "--resume", place[run], .. Common(threads)];

    /// <summary>Starts the program.</summary>
    public Started Start(params string[] words) => Start(1, words);

    /// <summary>Starts the program so many times at once, as ranks of one MPI job.</summary>
    public Started Start(int processes, string[] words)
    {
        string[] line = ["dotnet", Path.Combine(AppContext.BaseDirectory, "diffusion.dll"), .. words];
        if (processes > 1)
            line = [.. MpiFactAttribute.Launcher!.Split(' '), "-n", $"{processes}", .. line];
        if (IgnoresInterrupts)
            line = ["env", "--default-signal=INT", .. line];
        var start = new ProcessStartInfo(line[0], line[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_CACHE_HOME"] = place["cache"];
        // A process of a few seconds is over before code that was compiled again, better, could pay: a quarter of its time.
        start.Environment["DOTNET_TC_CallCountThreshold"] = "1000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        // A process that is killed leaves the pipes of debuggers behind.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        return new(Process.Start(start)!);
    }

    // A shell that starts the specs in the background has them ignore Ctrl-C, and whatever they start.
    private static bool IgnoresInterrupts =>
        OperatingSystem.IsLinux()
        && File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } ignored
        && (Convert.ToUInt64(ignored.Split('\t')[^1], 16) >> (Interrupt - 1) & 1) == 1;

    /// <summary>Every file of the last checkpoint, and every average that was kept, with its hash.</summary>
    public string[] LastCheckpoint(string run) =>
        [.. Directory.GetFiles(place[$"{run}/checkpoint/step-000000012"]).Where(file => Path.GetFileName(file) != "progress.json")
            .Concat(Directory.GetFiles(place[$"{run}/averages"], "step-*")).Order(StringComparer.Ordinal)
            .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")];

    /// <summary>The report without what depends on the clock.</summary>
    public string[] Report(string run) =>
        [.. File.ReadAllLines(place[$"{run}/report.csv"])
            .Select(line => string.Join(',', line.Split(',').Where((_, column) => column is not (3 or 4))))];

    /// <summary>The rows of steps without what depends on the clock.</summary>
    public string[] Steps(string run) =>
        [.. File.ReadAllLines(place[$"{run}/steps.csv"]).Select(line => string.Join(',', line.Split(',').SkipLast(2)))];

    private static string[] Common(int threads) => ["--no-download", "--threads", $"{threads}", "--checkpoint-every", "1"];

    private string Images()
    {
        var folder = Path.GetDirectoryName(place["images/any"])!;
        foreach (var (part, count) in (ReadOnlySpan<(string, int)>)[("train", 60), ("t10k", 30)])
        {
            var pixels = new byte[count * 28 * 28];
            new Random(count).NextBytes(pixels);
            File.WriteAllBytes(Path.Combine(folder, $"{part}-images-idx3-ubyte"), [.. Header(2051, count, 28, 28), .. pixels]);
            File.WriteAllBytes(Path.Combine(folder, $"{part}-labels-idx1-ubyte"),
                [.. Header(2049, count), .. Enumerable.Range(0, count).Select(index => (byte)(index % 10))]);
        }
        return folder;
    }

    private static byte[] Header(params ReadOnlySpan<int> numbers)
    {
        var header = new byte[4 * numbers.Length];
        for (var index = 0; index < numbers.Length; index++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 * index), numbers[index]);
        return header;
    }

    /// <summary>A process that was started, and what it has said so far.</summary>
    internal sealed partial class Started : IDisposable
    {
        private readonly Process _process;
        private readonly List<string> _said = [];
        private readonly Task<string> _output;
        private readonly Task _listening;
        private readonly TaskCompletionSource _ready = new();

        internal Started(Process process)
        {
            _process = process;
            _output = process.StandardOutput.ReadToEndAsync();
            _listening = Task.Run(Listen);
        }

        /// <summary>Done when training is about to begin, or the process has ended.</summary>
        public Task Ready => _ready.Task;

        /// <summary>Whether it is still there.</summary>
        public bool IsRunning => !_process.HasExited;

        /// <summary>Waits for its end, but not longer than that; tells whether it came.</summary>
        public bool EndsWithin(TimeSpan patience) => _process.WaitForExit(patience);

        /// <summary>Sends a signal, unless it has ended.</summary>
        public void Send(int signal)
        {
            if (!_process.HasExited)
                _ = Signal(_process.Id, signal);
        }

        /// <summary>Waits for its end.</summary>
        public (int Code, string Output, string Error) Ended()
        {
            _process.WaitForExit();
            _listening.Wait();
            return (_process.ExitCode, _output.Result, string.Join('\n', _said));
        }

        /// <summary>Waits for an end in success, or shows what was said instead.</summary>
        public void Succeeded()
        {
            var (code, output, error) = Ended();
            Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
        }

        public void Dispose()
        {
            Send(Kill);
            _process.Dispose();
        }

        private void Listen()
        {
            while (_process.StandardError.ReadLine() is { } line)
            {
                _said.Add(line);
                if (line.StartsWith("run folder:", StringComparison.Ordinal))
                    _ready.TrySetResult();
            }
            _ready.TrySetResult();
        }

        [LibraryImport("libc", EntryPoint = "kill")]
        private static partial int Signal(int process, int signal);
    }
}
