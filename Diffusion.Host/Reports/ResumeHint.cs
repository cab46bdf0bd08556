using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

namespace Diffusion.Host.Reports;

/// <summary>The command line that goes on with a run, as it can be pasted into a shell.</summary>
public static class ResumeHint
{
    /// <summary>The line, with the settings that the run had and does not remember by itself.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="options">What was asked for; nothing without it.</param>
    public static string Of(string run, TrainOptions? options = null)
    {
        var given = options ?? new();
        string[] words =
        [
            Grammar.Program, given.Verb, "--resume", Quoted(run),
            .. given.Inception is { } file ? ["--inception", Quoted(file)] : Array.Empty<string>(),
            .. given.Device == DeviceChoice.Auto ? Array.Empty<string>() : ["--device", given.Device == DeviceChoice.Cpu ? "cpu" : "cuda"],
            .. Number("--threads", given.Threads),
            .. given.Downloads == DownloadPolicy.Forbidden ? ["--no-download"] : Array.Empty<string>(),
            .. Number("--checkpoint-every", given.CheckpointEvery),
            .. Number("--keep", given.Keep == TrainOptions.DefaultKeep ? null : given.Keep),
            .. given.Events == EventFiles.TensorBoard ? ["--tensorboard"] : Array.Empty<string>(),
        ];
        return string.Join(' ', words);
    }

    /// <summary>A word as a shell takes it for one word.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_./:=,+@%".Contains(letter, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string[] Number(string option, long? value) =>
        value is { } number ? [option, number.ToString(CultureInfo.InvariantCulture)] : [];
}
