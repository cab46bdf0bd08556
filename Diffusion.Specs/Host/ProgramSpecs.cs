using System.Diagnostics;
using System.Text.Json.Nodes;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>The program as a process, which is how a person meets it.</summary>
public sealed class ProgramSpecs
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private sealed record Ending(int Code, string Output, string Error);

    private static Process Start(string line, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "diffusion.dll"), .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static Ending Run(string line, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(line, environment);
        return End(process);
    }

    private static Ending End(Process process)
    {
        var (error, output) = (process.StandardError.ReadToEndAsync(), process.StandardOutput.ReadToEndAsync());
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            Assert.Fail($"It did not end within {Patience}.");
        }
        return new(process.ExitCode, output.Result, error.Result);
    }

    [Fact]
    public void A_slip_is_one_line_on_standard_error_and_exit_code_1() =>
        Assert.Equal(
            new Ending(1, "", $"error: --epochs: 0 is not a positive whole number{Environment.NewLine}"), Run("cifar10 --epochs 0"));

    [Fact]
    public void The_result_of_a_command_is_all_of_standard_output()
    {
        var (code, output, error) = Run("plan --sampler ddim --steps 10");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("ddim: 10 steps, 10 network calls", output, StringComparison.Ordinal);
        Assert.StartsWith("ddim: 1 step, 1 network call" + Environment.NewLine,
            Run("plan --sampler ddim --steps 1").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_script_gets_one_line_of_json()
    {
        var (code, output, error) = Run("info --json");
        Assert.Equal((0, ""), (code, error));
        var line = Assert.Single(output.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(Environment.ProcessorCount, (int)JsonNode.Parse(line)!["cores"]!);
    }

    [Fact]
    public void Help_loads_no_native_library()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var place = new TemporaryFolder();
        Run("cifar10 --help", new Dictionary<string, string> { ["LD_DEBUG"] = "files", ["LD_DEBUG_OUTPUT"] = place["loader"] });
        var loaded = string.Concat(Directory.GetFiles(place.Path).Select(File.ReadAllText));
        Assert.Contains("libcoreclr", loaded, StringComparison.Ordinal);
        Assert.DoesNotContain("torch", loaded, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_run_that_is_asked_to_end_saves_says_how_to_go_on_and_goes_on()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var place = new TemporaryFolder();
        var (recipe, run) = (place["small.json"], Path.Combine(place.Path, "run"));
        File.WriteAllText(recipe, RecipeText.Write(LongRun));
        using var process = Start($"train {recipe} --no-download --threads 1 --out {run}");
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("epoch 0.0004: step 2,", StringComparison.Ordinal))
        {
        }
        using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
            kill.WaitForExit();
        var (code, output, error) = End(process);
        Assert.Equal((130, ""), (code, output));
        Assert.Contains($"diffusion.dll train --resume {run} --threads 1 --offline", error, StringComparison.Ordinal);

        var steps = 1 + Directory.GetDirectories(Path.Combine(run, "checkpoint"))
            .Max(folder => int.Parse(folder.Split('-')[^1], System.Globalization.CultureInfo.InvariantCulture));
        var resumed = Run($"train --resume {run} --steps {steps} --no-download --threads 1 --json");
        Assert.Equal(0, resumed.Code);
        Assert.Equal(steps, (int)JsonNode.Parse(resumed.Output.TrimEnd().Split('\n')[^1])!["steps"]!);
        var measured = ReportTable.Read(Path.Combine(run, "report.csv")).Rows.Select(row => row[1]);
        Assert.Equal(Enumerable.Range(1, (steps + 1) / 2).Select(evaluation => $"{Min(2 * evaluation, steps)}"), measured);
    }

    private static Recipe LongRun => BuiltInRecipes.MnistDdpm.Quick with
    {
        Network = Training.Small.Network,
        Length = new() { Steps = 1_000_000, EvaluateEvery = new EvaluationInterval.Steps(2), Batch = 2 },
        Precision = Precision.Float32,
        Evaluation = new()
        {
            Sampler = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived),
            Spacing = new TimestepSpacing.Trailing(2),
            Samples = 4,
            FinalSamples = 4,
            GridImages = 4,
            Metrics = [],
        },
    };
}
