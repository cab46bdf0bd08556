using System.Diagnostics;
using Diffusion.Model.Runs;

namespace Diffusion.Host.GpuChecks;

/// <summary>The paper's training step in PyTorch, which the program carries, and the Python that can run it.</summary>
internal static class PyTorchScript
{
    /// <summary>The script's name.</summary>
    public const string FileName = "pytorch_unet.py";

    private const string Question = "import torch; print(torch.cuda.is_available())";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Writes the script into a folder.</summary>
    public static void Write(string folder)
    {
        using var content = typeof(PyTorchScript).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"This program was built without {FileName}.");
        RunFolder.Write(Path.Combine(folder, FileName), content.CopyTo);
    }

    /// <summary>Why there is no Python for it; null where there is one.</summary>
    /// <param name="needsGpu">Whether its PyTorch has to see a GPU.</param>
    public static string? Lacking(bool needsGpu)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("python3", ["-c", Question])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var (said, complained) = (python.StandardOutput.ReadToEndAsync(), python.StandardError.ReadToEndAsync());
            if (!python.WaitForExit(Patience))
            {
                python.Kill(true);
                return "python3 does not answer";
            }
            Task.WaitAll(said, complained);
            return python.ExitCode != 0 ? "python3 has no PyTorch (module torch)"
                : needsGpu && said.Result.Trim() != "True" ? "the PyTorch of python3 finds no GPU" : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "there is no python3";
        }
    }
}
