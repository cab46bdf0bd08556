using System.Diagnostics;
using System.Text.Json.Nodes;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>The program as a process, which is how a person meets it.</summary>
public sealed class ProgramSpecs
{
    private sealed record Ending(int Code, string Output, string Error);

    private static Ending Run(string line, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "diffusion.dll"), .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }

    [Fact]
    public void A_slip_is_one_line_on_standard_error_and_exit_code_1() =>
        Assert.Equal(new Ending(1, "", $"error: --epochs: 0 is not a positive whole number{Environment.NewLine}"), Run("cifar10 --epochs 0"));

    [Fact]
    public void The_result_of_a_command_is_all_of_standard_output()
    {
        var (code, output, error) = Run("plan --sampler ddim --steps 10");
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("ddim: 10 steps, 10 network calls", output, StringComparison.Ordinal);
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
}
