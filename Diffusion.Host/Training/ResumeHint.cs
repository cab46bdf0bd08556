using System.Globalization;
using Diffusion.Model.Runs;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;

namespace Diffusion.Host.Training;

/// <summary>The command line that goes on with a run, with the settings that it had and does not remember by itself.</summary>
public static class ResumeHint
{
    /// <summary>The line.</summary>
    /// <param name="run">The run folder.</param>
    /// <param name="given">What was asked for.</param>
    public static string Of(string run, TrainOptions given) => given.GoOn ?? OfRun(run, given);

    private static string OfRun(string run, TrainOptions given)
    {
        string[] words =
        [
            ResumeLine.Of(run, given.Verb),
            .. given.Inception is { } file ? ["--inception", ResumeLine.Quoted(file)] : Array.Empty<string>(),
            .. given.Device == DeviceChoice.Auto ? Array.Empty<string>() : ["--device", $"{given.Device}"],
            .. Number("--threads", given.Threads),
            .. given.Downloads == DownloadPolicy.Offline ? ["--offline"] : Array.Empty<string>(),
            .. Number("--checkpoint-every", given.CheckpointEvery),
            .. Number("--keep", given.Keep == TrainerOptions.DefaultKeep ? null : given.Keep),
            .. given.Events == EventFiles.TensorBoard ? ["--tensorboard"] : Array.Empty<string>(),
        ];
        return string.Join(' ', words);
    }

    private static string[] Number(string option, long? value) =>
        value is { } number ? [option, number.ToString(CultureInfo.InvariantCulture)] : [];
}
