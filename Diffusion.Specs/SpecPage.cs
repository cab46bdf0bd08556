using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Diffusion.Specs;

/// <summary>The specification as a page: every spec's name is a sentence, and this puts them in order.</summary>
public static partial class SpecPage
{
    // The rooms in the order in which the ideas build on each other.
    private static readonly Room[] Rooms =
    [
        new("", "The whole", "What holds across all rooms: who may know whom, and what the documents say."),
        new("Values", "Values", "What everything is made of: lists, seeds, special functions, and their text."),
        new("Noise", "Noise", "How data turns into noise, at which times, and what is known in between."),
        new("Predictions", "Predictions", "What a network outputs, how it is read, and how it is guided."),
        new("Training", "Training", "Which examples a network learns from, how much they count, and how its weights move."),
        new("Sampling", "Sampling", "Samplers as plans, proved on numbers."),
        new("Evaluation", "Evaluation", "Distances between what is made and what is real."),
        new("Reference", "Agreement with independent implementations", "Other people's numbers, met at stated tolerances."),
        new("Runtime", "Runtime", "The native library and what runs on tensors."),
        new("Networks", "Networks", "Networks as values and as tensors."),
        new("Generation", "Generation", "Plans run on tensors."),
        new("Cuda", "On a GPU", "The same results on an NVIDIA GPU as on a CPU; skipped where there is none."),
        new("Files", "Files", "Formats that others write and read."),
        new("Interchange", "Models of other programs", "Their checkpoints as networks here, and what their own networks compute."),
        new("Distributed", "Several processes", "Ranks that train, sample and measure together, to the bits of one process."),
        new("Checkpoints", "Checkpoints", "What a run leaves behind, and how it goes on."),
        new("Data", "Data", "Images in, batches out."),
        new("Downloads", "Downloads", "Files from elsewhere."),
        new("Recipes", "Recipes", "Runs as values."),
        new("Images", "Images", "Sheets and strips of images."),
        new("Plots", "Plots", "Curves of a run, and any quantity against any other."),
        new("Experiments", "Experiments", "What the papers show, each by one command."),
        new("Pages", "Pages", "A run as a document."),
        new("Posters", "Posters", "Models as figures on one sheet."),
        new("TensorBoard", "TensorBoard", "A run as events."),
        new("Studio", "The studio", "What a browser is shown, who may ask, and that it is what the commands do."),
        new("GpuChecks", "The check of a GPU", "Parts within a time, whatever becomes of each."),
        new("Host", "The command line", "What people ask for and what they are answered."),
    ];

    private static readonly (string Owner, string Owned)[] Possessives =
    [
        ("caller", "scope"), ("compiler", "version"), ("data", "distribution"), ("equation", "number"), ("format", "own"),
        ("label", "probability"), ("network", "size"), ("one", "own"), ("paper", "formula"), ("step", "own"), ("torch", "generator"),
    ];

    public static string Print(Assembly specs)
    {
        var page = new StringBuilder();
        page.Append("# Specification\n\nEvery sentence is a spec of `Diffusion.Specs` that runs with `dotnet test`. A spec keeps this " +
            "page equal to them;\n");
        page.Append("`DIFFUSION_ACCEPT=1 dotnet test --filter SpecPage` updates it.\n");
        foreach (var room in specs.GetTypes().Where(type => Sentences(type).Any()).GroupBy(Folder).OrderBy(room => Position(room.Key)))
        {
            var (_, title, about) = Rooms[Position(room.Key)];
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{about}\n");
            foreach (var type in room.OrderBy(type => type.Name, StringComparer.Ordinal)
                .ThenBy(type => type.FullName, StringComparer.Ordinal))
            {
                page.Append(CultureInfo.InvariantCulture, $"\n### {Spaced(Regex.Replace(type.Name, "Specs$", ""))}\n\n");
                foreach (var sentence in Sentences(type))
                    page.Append(CultureInfo.InvariantCulture, $"- {sentence}\n");
            }
        }
        return page.ToString();
    }

    private static IEnumerable<string> Sentences(Type type) =>
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
        where !type.IsAbstract && method.IsDefined(typeof(FactAttribute))
        orderby method.MetadataToken
        select Sentence(method.Name);

    /// <summary>
    /// The sentence that a spec's name is. A doubled underscore is 's, and so is the s of a few names that were written without.
    /// </summary>
    internal static string Sentence(string name)
    {
        var sentence = name.Replace("__", "'s ", StringComparison.Ordinal).Replace('_', ' ');
        sentence = Owner().Replace(sentence, "'s");
        foreach (var (owner, owned) in Possessives)
            sentence = sentence.Replace($" {owner}s {owned}", $" {owner}'s {owned}", StringComparison.Ordinal);
        return sentence.Replace(" networks weights ", " networks' weights ", StringComparison.Ordinal) + ".";
    }

    private static string Folder(Type type) => (type.Namespace ?? "").Split('.').Skip(2).FirstOrDefault("");

    private static int Position(string folder) =>
        Array.FindIndex(Rooms, room => room.Folder == folder) is var index and >= 0
            ? index
            : throw new InvalidOperationException($"Say in {nameof(SpecPage)} what the room '{folder}' is about.");

    // "NoiseSchedule" becomes "Noise schedule"; a U-Net is spelt as the field spells it.
    private static string Spaced(string name) =>
        WordStart().Replace(name, match => $" {match.Value.ToLowerInvariant()}").Replace("U net", "U-Net", StringComparison.Ordinal);

    private sealed record Room(string Folder, string Title, string About);

    // "A classifiers report": after the article of one thing, a plural can only be an owner.
    [GeneratedRegex(@"(?<=\b[Aa]n? [a-z]*[a-rtv-z0-9])(?<!\b(bia|basi|axi|serie|len))s(?= [a-z])")]
    private static partial Regex Owner();

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])")]
    private static partial Regex WordStart();
}
