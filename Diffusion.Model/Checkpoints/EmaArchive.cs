using System.Globalization;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Checkpoints;

/// <summary>
/// A run's power-function averages as they were at some of its evaluations: from them an average of any length is put together afterwards,
/// as if it had been kept from the beginning.
/// </summary>
/// <remarks>
/// Karras et al. 2024, "Analyzing and improving the training dynamics of diffusion models", Section 3.2; two lengths suffice there.
/// </remarks>
/// <param name="folder">Where they are; created when the first one is kept.</param>
public sealed class EmaArchive(string folder)
{
    /// <summary>The name of this folder inside that of its run.</summary>
    public const string FolderName = "averages";

    /// <summary>At about so many times over the run averages are kept; more would add little but disk space.</summary>
    public const int Times = 20;

    private const string WidthKey = "width";
    private const string UpdatesKey = "updates";

    /// <summary>The averages that are kept, in the order of their names.</summary>
    /// <exception cref="InvalidFileException">A file in the folder is not one of them, or damaged.</exception>
    public Sequence<StoredEma> Stored =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, $"*{Safetensors.Extension}").Order(StringComparer.Ordinal).Select(Describe).ToSequence()
            : [];

    /// <summary>
    /// Keeps the power-function averages of a run at an evaluation, where it is one of the chosen ones. Again does no harm.
    /// </summary>
    /// <exception cref="IOException">They could not be written; those kept before are untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public void Keep(TrainingRun run)
    {
        var powers = run.Recipe.Ema.Index().Where(average => average.Item is EmaDecay.PowerFunction).ToArray();
        if (powers.Length == 0 || !IsChosen(run.Schedule, run.Updates))
            return;
        DirectoryEntry.Create(folder);
        // What an interrupted write left behind.
        foreach (var partial in Directory.EnumerateFiles(folder, $"*{AtomicFile.PartialExtension}"))
            File.Delete(partial);
        foreach (var (index, decay) in powers)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"step-{run.Updates:D9}-average-{index}{Safetensors.Extension}");
            var notes = new Dictionary<string, string>
            {
                [WidthKey] = ((EmaDecay.PowerFunction)decay).Width.ToString("R", CultureInfo.InvariantCulture),
                [UpdatesKey] = run.Updates.ToString(CultureInfo.InvariantCulture),
            };
            using var average = run.State.Whole(StateVector.Ema(index));
            Safetensors.Write(Path.Combine(folder, name), run.Arena.Slices.Select(slice => (slice.Name, slice.Of(average))), notes);
        }
    }

    /// <summary>Removes averages after an update: a run that goes on from there makes them anew, or has others.</summary>
    /// <param name="updates">The update; -1 for all of them.</param>
    /// <exception cref="IOException">One could not be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">One may not be removed.</exception>
    public void ForgetAfter(long updates)
    {
        var last = string.Create(CultureInfo.InvariantCulture, $"step-{Max(updates, 0):D9}-average-~");
        foreach (var path in Directory.Exists(folder) ? Directory.GetFiles(folder, $"step-*{Safetensors.Extension}") : [])
            if (updates < 0 || string.CompareOrdinal(Path.GetFileName(path), last) > 0)
                File.Delete(path);
    }

    /// <summary>Puts the average of a width, at the latest time that is kept, into a network.</summary>
    /// <param name="width">σ_rel of the average; see <see cref="EmaDecay.PowerFunction"/>.</param>
    /// <param name="network">A network of the run's shape; its parameters are replaced.</param>
    /// <returns>How it was made.</returns>
    /// <remarks>
    /// The weights of the kept averages are divided by their sum, which is about 1: a parameter that never changed stays as it is.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Nothing is kept.</exception>
    /// <exception cref="InvalidFileException">What is kept is damaged, or of another network.</exception>
    public ComposedEma Compose(double width, nn.Module network)
    {
        var stored = Stored;
        if (stored.Count == 0)
            throw new InvalidOperationException($"No averages are kept in {folder}.");
        var target = new PowerProfile(EmaDecay.PowerFunction.GammaOf(width), stored.Max(average => average.Updates));
        var weights = target.WeightsOf(stored.Select(average => average.Profile).ToSequence());
        var total = weights.Sum();
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        var parameters = network.named_parameters()
            .Select(item => (item.name, item.parameter, Sum: zeros_like(item.parameter, float64))).ToArray();
        foreach (var (average, weight) in stored.Zip(weights))
        {
            using var file = Safetensors.Open(average.Path);
            foreach (var (name, parameter, sum) in parameters)
            {
                using var part = file.Load(name);
                if (!part.shape.SequenceEqual(parameter.shape))
                    throw new InvalidFileException(average.Path, 0, $"'{name}' is of another network");
                sum.add_(part, alpha: Number.Of(weight / total));
            }
        }
        foreach (var (_, parameter, sum) in parameters)
            parameter.copy_(sum);
        return new((long)target.Time, stored.Count);
    }

    private static bool IsChosen(EvaluationSchedule schedule, long updates) =>
        updates == schedule.Length.Steps || schedule.IndexAt(updates) % ((schedule.Count + Times - 1) / Times) == 0;

    private static StoredEma Describe(string path)
    {
        using var file = Safetensors.Open(path);
        return file.Metadata.TryGetValue(WidthKey, out var width) && file.Metadata.TryGetValue(UpdatesKey, out var updates)
            && double.TryParse(width, CultureInfo.InvariantCulture, out var relative)
            && long.TryParse(updates, CultureInfo.InvariantCulture, out var time)
            ? new(path, relative, time)
            : throw new InvalidFileException(path, 0, "it does not say of which width and update its average is");
    }
}

/// <summary>An average that is kept.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Width">σ_rel.</param>
/// <param name="Updates">Updates of the run up to then.</param>
public sealed record StoredEma(string Path, double Width, long Updates)
{
    /// <summary>What it holds of the past.</summary>
    public PowerProfile Profile => new(EmaDecay.PowerFunction.GammaOf(Width), Updates);
}

/// <summary>How an average was put together.</summary>
/// <param name="Updates">Updates of the run up to then.</param>
/// <param name="Parts">Kept averages that it was made of.</param>
public sealed record ComposedEma(long Updates, int Parts);
