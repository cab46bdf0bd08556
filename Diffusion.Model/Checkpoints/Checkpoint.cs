using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Model.Checkpoints;

/// <summary>A folder from which a run goes on as if it had never stopped: safetensors and one JSON file with their hashes.</summary>
/// <remarks>
/// <c>weights.safetensors</c> and <c>average-N.safetensors</c> hold parameters by name, as other programs expect them;
/// <c>optimiser.safetensors</c> holds moments and counters, and <c>progress.json</c> the report so far. The folder appears under its name
/// only when it is complete, and once it is saved it is still there after a power cut.
/// </remarks>
public static class Checkpoint
{
    /// <summary>The file that describes the others.</summary>
    public const string HeaderName = "checkpoint.json";

    private const string WeightsName = "weights.safetensors";
    private const string OptimiserName = "optimiser.safetensors";
    private static readonly Sequence<(string Name, StateVector Vector)> Moments =
        [("moment.first", StateVector.FirstMoment), ("moment.second", StateVector.SecondMoment)];

    private const string ProgressName = "progress.json";

    /// <summary>The file of an average of the weights; number 0 is the one that samples are drawn from.</summary>
    public static string EmaName(int index) => $"average-{index}.safetensors";

    /// <summary>Writes a new checkpoint beside <paramref name="folder"/> and then gives it that name.</summary>
    /// <param name="run">The run to be continued.</param>
    /// <param name="folder">What is there already is replaced when the new one is complete.</param>
    /// <param name="distance">The distance measured now, if one was.</param>
    /// <param name="progress">The report so far, where there is one.</param>
    /// <exception cref="IOException">It could not be written; nothing is left behind, and what was there still is.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public static void Save(TrainingRun run, string folder, double? distance, RunProgress? progress = null) =>
        Save(
            new(CheckpointHeader.CurrentFormat, run.Updates, torch.get_num_threads(), NameOf(run.Device), run.Recipe, distance, [],
                // Weights that have not been changed yet cannot have diverged.
                run.Updates == 0 ? null : run.HeldOutLoss()),
            [.. Contents(run)],
            folder,
            progress);

    /// <summary>Writes the weights of a network alone, as the first average: enough to draw samples, not to go on training.</summary>
    /// <param name="network">The network.</param>
    /// <param name="recipe">What is known of its training.</param>
    /// <param name="updates">Updates that made them; 0 where nobody knows.</param>
    /// <param name="folder">A folder that does not exist yet.</param>
    /// <param name="precision">The type that the weights are rounded to, each to the nearest; they are opened as float32 again.</param>
    /// <exception cref="IOException">It could not be written; nothing is left behind.</exception>
    public static void Save(
        torch.nn.Module network, Recipe recipe, long updates, string folder, Precision precision = Precision.Float32)
    {
        using var scope = torch.NewDisposeScope();
        Save(
            new(CheckpointHeader.CurrentFormat, updates, torch.get_num_threads(), NameOf(torch.CPU), recipe, null, []),
            [(EmaName(0), network.named_parameters().Select(item => (item.name, item.parameter.detach().to(precision.Type()))))],
            folder,
            null);
    }

    private static void Save(CheckpointHeader header, IReadOnlyList<(string Name, IEnumerable<(string, torch.Tensor)> Tensors)> contents,
        string folder, RunProgress? progress)
    {
        var partial = AtomicFile.PartialOf(folder);
        try
        {
            Directory.CreateDirectory(partial);
            foreach (var (name, tensors) in contents)
            {
                using var scope = torch.NewDisposeScope();
                Safetensors.Write(Path.Combine(partial, name), tensors);
            }
            var files = contents.Select(content => Describe(partial, content.Name)).ToSequence();
            if (progress is not null)
                Write(Path.Combine(partial, ProgressName), progress with { Sha256 = SealedText.Open });
            Write(Path.Combine(partial, HeaderName), header with { Files = files, Sha256 = SealedText.Open });
            Replace(folder, partial);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private static void Write<T>(string path, T value)
        where T : notnull =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(SealedText.Seal(UnionJson.Write(value)))));

    private static string NameOf(torch.Device device) => device.type.ToString().ToLowerInvariant();

    /// <summary>Reads the header and checks every file against it.</summary>
    /// <exception cref="InvalidFileException">Something is missing, torn or edited.</exception>
    public static CheckpointHeader Read(string folder) => Open(folder, CheckpointUse.Resume).Header;

    /// <summary>Reads the header and checks those files against it that are needed.</summary>
    /// <exception cref="InvalidFileException">One of them is missing, torn or edited.</exception>
    internal static OpenCheckpoint Open(string folder, CheckpointUse use)
    {
        var header = ReadHeader(folder);
        foreach (var file in header.Files.Where(file => use == CheckpointUse.Resume || file.Name == EmaName(0)))
            if (!File.Exists(Path.Combine(folder, file.Name)) || Describe(folder, file.Name) is var found && found != file)
                throw new InvalidFileException(
                    Path.Combine(folder, file.Name), 0, "the file is missing, or not the one that was saved: its hash differs");
        return new(folder, header);
    }

    /// <summary>
    /// Called with the path of every file of this flow of control when it is hashed, which takes most of the time of opening a run.
    /// </summary>
    internal static AsyncLocal<Action<string>?> Hashing { get; } = new();

    /// <summary>Reads the header alone.</summary>
    /// <exception cref="InvalidFileException">It is missing, torn or of another version.</exception>
    public static CheckpointHeader ReadHeader(string folder)
    {
        var path = Path.Combine(folder, HeaderName);
        var (header, text) = ReadText<CheckpointHeader>(path) ?? throw new InvalidFileException(path, 0, "there is no such file");
        if (header.Format is < CheckpointHeader.OldestFormat or > CheckpointHeader.CurrentFormat)
            throw new InvalidFileException(path, 0, $"it has format {header.Format}; this program reads format " +
                $"{CheckpointHeader.OldestFormat} to {CheckpointHeader.CurrentFormat}");
        return SealedText.IsWhole(text, header.Sha256) || header is { Format: CheckpointHeader.OldestFormat, Sha256: null, HeldOut: null }
            ? header
            : throw Edited(path);
    }

    /// <summary>Reads the report that a checkpoint carries; null where it carries none.</summary>
    /// <exception cref="InvalidFileException">It is torn or edited.</exception>
    public static RunProgress? ReadProgress(string folder)
    {
        var path = Path.Combine(folder, ProgressName);
        return ReadText<RunProgress>(path) is not { } found ? null
            : SealedText.IsWhole(found.Text, found.Value.Sha256) ? found.Value
            : throw Edited(path);
    }

    private static (T Value, string Text)? ReadText<T>(string path)
    {
        try
        {
            RequireOrdinary(path);
            var text = File.ReadAllText(path);
            var content = RecipeMigration.Parse(text);
            if (content is JsonObject fields && fields["recipe"] is JsonObject recipe)
                fields["recipe"] = RecipeMigration.Upgraded(recipe.DeepClone());
            var json = content?.ToJsonString() ?? "null";
            if (RecipeLimits.FaultOf(json) is { } excess)
                throw new InvalidFileException(path, 0, excess);
            return (UnionJson.Read<T>(json), text);
        }
        catch (Exception absence) when (absence is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException cause)
        {
            throw new InvalidFileException(path, 0, cause.Message);
        }
    }

    private static void RequireOrdinary(string path)
    {
        if (OrdinaryFile.Other(path) is { } other)
            throw new InvalidFileException(path, 0, $"it is {other}, not a file");
    }

    private static InvalidFileException Edited(string path) => new(path, 0, "the file is not the one that was saved: its hash differs");

    /// <summary>Whether a checkpoint holds what training needs to go on; one of weights alone, as an import makes it, does not.</summary>
    public static bool CanBeResumed(CheckpointHeader header) => header.Files.Any(file => file.Name == OptimiserName);

    /// <summary>At most so many weights are in the file of an average, of two bytes at least; 0 where there is none.</summary>
    internal static double MostWeights(string folder, int average) =>
        new FileInfo(Path.Combine(folder, EmaName(average))) is { Exists: true } file ? file.Length / 2.0 : 0;

    /// <summary>Makes a run continue from a checkpoint; its numbers are replaced.</summary>
    /// <exception cref="InvalidFileException">The tensors are not those of this run's recipe.</exception>
    public static void Restore(TrainingRun run, string folder) => Restore(run, new OpenCheckpoint(folder, ReadHeader(folder)));

    /// <summary>Makes a run continue from a checkpoint; its numbers are replaced.</summary>
    /// <exception cref="InvalidFileException">The tensors are not those of this run's recipe.</exception>
    public static void Restore(TrainingRun run, OpenCheckpoint checkpoint)
    {
        var (folder, header) = (checkpoint.Folder, checkpoint.Header);
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        foreach (var (name, vector) in Vectors(run))
        {
            using var file = Safetensors.Open(Path.Combine(folder, name));
            run.State.Replace(vector, flat =>
            {
                foreach (var (key, tensor) in Slices(run, flat))
                    Load(file, key, tensor);
            });
        }
        using (var file = Safetensors.Open(Path.Combine(folder, OptimiserName)))
        {
            foreach (var (key, vector) in Moments)
                run.State.Replace(vector, flat => Load(file, key, flat));
            foreach (var (key, tensor) in run.Counters)
                if (!TrainingRun.LaterCounters.Contains(key) || file.Contains(key))
                    Load(file, key, tensor);
        }
        run.ContinueFrom(header.Updates, header.Recipe.Length.MicroBatch);
    }

    /// <summary>Puts saved weights into a network of the same shape.</summary>
    /// <param name="network">The network whose parameters are replaced.</param>
    /// <param name="folder">The checkpoint.</param>
    /// <param name="average">Which average of the weights.</param>
    /// <exception cref="InvalidFileException">The weights are of another network.</exception>
    public static void LoadEma(torch.nn.Module network, string folder, int average)
    {
        using var guard = torch.no_grad();
        using var file = Safetensors.Open(Path.Combine(folder, EmaName(average)));
        foreach (var (name, parameter) in network.named_parameters())
            Load(file, name, parameter);
    }

    // A folder cannot be renamed over another one: killed in between, there is none of this name, and the one before it is used.
    private static void Replace(string folder, string by)
    {
        if (!Directory.Exists(folder))
        {
            Rename(by, folder);
            return;
        }
        var old = $"{folder}.{Guid.NewGuid():N}{AtomicFile.PartialExtension}";
        Directory.Move(folder, old);
        Rename(by, folder);
        Directory.Delete(old, recursive: true);
    }

    // What it replaces may go only when the new name is on the disk.
    private static void Rename(string partial, string folder)
    {
        Directory.Move(partial, folder);
        DirectoryEntry.Flush(folder);
    }

    /// <summary>Copies one tensor, rounded or not, over another of its shape.</summary>
    /// <exception cref="InvalidFileException">There is none of this name, or it has another shape.</exception>
    internal static void Load(SafetensorsFile file, string name, torch.Tensor destination)
    {
        if (destination.device_type == DeviceType.CPU && file[name].Type != ElementType.BFloat16)
        {
            file.CopyInto(name, destination);
            return;
        }
        using var loaded = file.Load(name);
        if (!loaded.shape.AsSpan().SequenceEqual(destination.shape))
            throw file.Mismatch(name, destination);
        destination.copy_(loaded);
    }

    private static IEnumerable<(string Name, IEnumerable<(string, torch.Tensor)> Tensors)> Contents(TrainingRun run) =>
    [
        .. Vectors(run).Select(file => (file.Name, Parameters(run, file.Vector))),
        (OptimiserName, Moments.SelectMany(moment => Flat(run, moment.Name, moment.Vector)).Concat(run.Counters)),
    ];

    private static IEnumerable<(string, torch.Tensor)> Flat(TrainingRun run, string name, StateVector vector)
    {
        using var flat = run.State.Whole(vector);
        yield return (name, flat.alias());
    }

    private static IEnumerable<(string Name, StateVector Vector)> Vectors(TrainingRun run) =>
        [(WeightsName, StateVector.Weights), .. run.Recipe.Ema.Select((_, index) => (EmaName(index), StateVector.Ema(index)))];

    // Put together when it is written, and no earlier: one vector at a time is in memory.
    private static IEnumerable<(string, torch.Tensor)> Parameters(TrainingRun run, StateVector vector)
    {
        using var flat = run.State.Whole(vector);
        foreach (var parameter in Slices(run, flat))
            yield return parameter;
    }

    private static IEnumerable<(string Name, torch.Tensor Tensor)> Slices(TrainingRun run, torch.Tensor flat) =>
        run.Arena.Slices.Select(slice => (slice.Name, slice.Of(flat)));

    private static CheckpointFile Describe(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        RequireOrdinary(path);
        Hashing.Value?.Invoke(path);
        using var stream = File.OpenRead(path);
        return new(name, stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
    }
}
