using System.Diagnostics;
using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Diagnostics;

/// <summary>This program once more, as a child.</summary>
internal static class OwnProcess
{
    /// <summary>Starts it; what it says is for the caller alone. It stops when this process ends, whatever ends it.</summary>
    /// <param name="words">Its command line.</param>
    public static Process Start(IReadOnlyList<string> words)
    {
        var own = Environment.ProcessPath ?? "dotnet";
        var isProgram = Path.GetFileNameWithoutExtension(own) == "diffusion";
        string[] before = isProgram ? [] : [Path.Combine(AppContext.BaseDirectory, "diffusion.dll")];
        return Process.Start(new ProcessStartInfo(isProgram ? own : "dotnet", [.. before, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [ParentWatch.Variable] = "1" },
        })!;
    }
}
