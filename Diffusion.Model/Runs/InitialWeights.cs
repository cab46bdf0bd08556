using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using TorchSharp;

namespace Diffusion.Model.Runs;

/// <summary>Weights that another run begins with: the first EMA of a run, of a model that comes with a program, or of an import.</summary>
/// <remarks>
/// The networks have to agree in all but their labels and the number of channels of an image or its classes. What belongs to these is made
/// anew where it differs (see <see cref="LabelTable"/>), everything else is taken as it is.
/// </remarks>
public sealed class InitialWeights
{
    private const int MostNamed = 8;
    private const int LongestValue = 40;

    // Layers whose size follows from the images and their classes: by the setting that decides it.
    private static readonly Sequence<(string Setting, string Layer, string What)> Ends =
    [
        ("network.inputChannels", "conv_in", "the first convolution"),
        ("network.outputChannels", "conv_out", "the last convolution"),
        ("goal.classes", "linear_out", "the last layer"),
    ];

    // No weight is shaped by it, or it is looked after by itself.
    private static readonly Sequence<string> Open = ["network.labels", "network.residual.dropout"];

    // Of these a run has its own by nature, or they are said elsewhere.
    private static readonly Sequence<string> Own =
        ["name", "from", "network", "goal", "data.sha256", "data.classNames", "data.found", "length", "layout", "optimiser"];

    private readonly OpenCheckpoint _checkpoint;

    private InitialWeights(OpenCheckpoint checkpoint, string name)
    {
        var (header, recipe) = (checkpoint.Header, checkpoint.Header.Recipe);
        _checkpoint = checkpoint;
        var isImported = header.Updates == 0 && !Checkpoint.CanBeResumed(header);
        Lineage = new(
            name, header.Files.First(file => file.Name == Checkpoint.EmaName(0)).Sha256, recipe.Name, header.Updates,
            header.Updates * recipe.Length.Batch + (recipe.From?.Images ?? 0), isImported ? null : recipe.Ema[0]);
    }

    /// <summary>What they are, as the recipe of the new run keeps it.</summary>
    public Lineage Lineage { get; }

    /// <summary>What they were trained by.</summary>
    public Recipe Recipe => _checkpoint.Header.Recipe;

    /// <summary>Finds the latest whole checkpoint of a run folder, or a checkpoint; its weights are hashed.</summary>
    /// <param name="path">The run folder or the checkpoint's folder.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <param name="name">What to call it in the new run's recipe; null for the path.</param>
    /// <exception cref="InputException">There is neither run nor checkpoint, or no whole checkpoint.</exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged.</exception>
    public static InitialWeights Find(string path, Action<string> damaged, string? name = null) =>
        new(CheckpointPlace.Find(path, damaged), name ?? path);

    /// <summary>Finds the weights that a recipe says it begins with, to repeat the run.</summary>
    /// <param name="lineage">What the recipe says.</param>
    /// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
    /// <param name="path">Where they are; null for the place that the recipe names.</param>
    /// <exception cref="InputException">They are not there, or others are.</exception>
    /// <exception cref="InvalidFileException">The checkpoint is damaged.</exception>
    public static InitialWeights Again(Lineage lineage, Action<string> damaged, string? path = null)
    {
        var found = Find(path ?? lineage.Run, damaged, lineage.Run);
        return found.Lineage.Sha256 == lineage.Sha256 ? found : throw new InputException(
            lineage.Run, $"weights with sha256 {found.Lineage.Sha256} (step {found.Lineage.Steps})",
            $"those that the recipe begins with, {lineage.Sha256} (step {lineage.Steps}); another run: --from RUN");
    }

    /// <summary>
    /// The recipe that they were trained by, for a run that begins with them: on images that it has not seen yet, and by another seed,
    /// since the same one would draw the same images and noise again.
    /// </summary>
    public Recipe Onward() => Recipe with
    {
        From = Lineage,
        Data = Recipe.Data with { Sha256 = null, ClassNames = [], Found = null },
        Seed = unchecked(Recipe.Seed + 1),
    };

    /// <summary>Refuses a recipe whose network is another one.</summary>
    /// <param name="recipe">What is to be trained.</param>
    /// <exception cref="InputException">It is; the message names the setting.</exception>
    public void RefuseOther(Recipe recipe)
    {
        if (recipe.Goal.GetType() != Recipe.Goal.GetType())
            throw new InputException(Lineage.Run, Recipe.Goal is Goal.Classify ? "a classifier" : "a model that makes images",
                $"{(recipe.Goal is Goal.Classify ? "a classifier" : "a model that makes images")}, as {recipe.Name} trains");
        // Every block takes them, so that none is what it was without them.
        if ((Recipe.Network.Labels?.Entry == LabelEntry.Beside) != (recipe.Network.Labels?.Entry == LabelEntry.Beside))
            throw new InputException(Lineage.Run, LabelsOf(Recipe), $"{LabelsOf(recipe)}, as in the recipe {recipe.Name}");
        if (Differences(recipe).FirstOrDefault(difference => IsBelow(difference, ["network", "goal"])
            && !IsBelow(difference, Open) && Ends.All(end => end.Setting != difference.Path)) is { } other)
            throw new InputException(Lineage.Run, $"another network: {other.Path} = {Value(other.Before)}",
                $"{Value(other.After)}, as in the recipe {recipe.Name}; --from without a recipe keeps the network");
    }

    /// <summary>What becomes of the weights and of the settings that differ, in lines for a person.</summary>
    /// <param name="recipe">What is trained, knowing its images.</param>
    public IEnumerable<string> Lines(Recipe recipe)
    {
        yield return $"begins with the weights of {Lineage}";
        var differences = Differences(recipe);
        string[] made = [.. Ends.Where(end => differences.Any(difference => difference.Path == end.Setting)).Select(end => end.What)];
        if (made.Length > 0)
            yield return $"made anew, being of another size: {string.Join(" and ", made)}";
        if (LabelTable.Between(Recipe, recipe).Text is { } labels)
            yield return labels;
        string[] others = [.. differences.Where(difference => !IsBelow(difference, Own)).Select(
            difference => $"{difference.Path} {Value(difference.After)} ({Value(difference.Before)})")];
        if (others.Length > 0)
            yield return $"other settings than there: {string.Join(", ", others.Take(MostNamed))}" +
                (others.Length > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {others.Length - MostNamed} more") : "");
        if (recipe.Data.Sha256 != Recipe.Data.Sha256)
            yield return "the images are not those of that run";
        var optimiser = RecipeOutline.Of(recipe).First(line => line.Name == "optimiser").Text;
        yield return $"the optimiser begins anew, and so does its learning rate: {optimiser}";
    }

    /// <summary>Puts the weights into a network.</summary>
    /// <param name="network">The network of the recipe, in float32 on the CPU, as its seed has drawn it.</param>
    /// <param name="recipe">What is trained, knowing its images.</param>
    /// <exception cref="InvalidFileException">The weights are not of the network that their recipe describes.</exception>
    internal void Into(torch.nn.Module network, Recipe recipe)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        using var file = Safetensors.Open(Path.Combine(_checkpoint.Folder, Checkpoint.EmaName(0)));
        string[] anew = [.. Differences(recipe).Select(
            difference => Ends.FirstOrDefault(end => end.Setting == difference.Path).Layer).OfType<string>()];
        var parameters = network.named_parameters().ToDictionary(item => item.name, item => (torch.Tensor)item.parameter);
        foreach (var (name, parameter) in parameters)
            if (!LabelTable.Holds(name) && !anew.Contains(name.Split('.')[0]))
                Checkpoint.Load(file, name, parameter);
        LabelTable.Between(Recipe, recipe).Fill(parameters, file);
    }

    private static string LabelsOf(Recipe recipe) => recipe.Network.Labels is { Entry: LabelEntry.Beside }
        ? "a network with labels beside the time" : "a network without labels beside the time";

    private Sequence<RecipeDifference> Differences(Recipe recipe) => RecipeDifference.Between(Recipe, recipe);

    private static bool IsBelow(RecipeDifference difference, Sequence<string> paths) =>
        paths.Any(path => difference.Path == path || difference.Path.StartsWith($"{path}.", StringComparison.Ordinal));

    // A case of a union by its name.
    private static string Value(string? json)
    {
        if (json is null)
            return "none";
        var text = System.Text.Json.Nodes.JsonNode.Parse(json) is System.Text.Json.Nodes.JsonObject union && union["kind"] is { } kind
            ? string.Join(' ', union.Where(field => field.Value is System.Text.Json.Nodes.JsonValue).Select(field => $"{field.Value}"))
            : json.Trim('"');
        return text.Length > LongestValue ? $"{text[..LongestValue]}..." : text;
    }
}
