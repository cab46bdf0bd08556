using Diffusion.Model.Files;

namespace Diffusion.Host.Models;

/// <summary>Trained models that come with the program: wherever a run can be named, their names can.</summary>
/// <remarks>
/// Each is the folder of a run, made by <c>export RUN --to run</c>: recipe, report and the EMA of the weights. A run in the current folder
/// that has the same name goes first.
/// </remarks>
public static class CarriedModels
{
    // A classifier is called after the model that it steers.
    private const string OfClassifier = "-classifier";

    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "models");

    private static readonly IReadOnlyList<string> All = Directory.Exists(Folder)
        ? [.. Directory.GetDirectories(Folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>What those are called that make images.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Where(name => !name.EndsWith(OfClassifier, StringComparison.Ordinal))];

    /// <summary>What the noise-aware classifiers are called that steer them.</summary>
    public static IReadOnlyList<string> Classifiers { get; } = [.. All.Except(Names)];

    /// <summary>The folder that a person means by a word: that of a model of this name or of this data set, or the word itself.</summary>
    /// <remarks>Where images may be named as well, a data set's name means its images.</remarks>
    /// <param name="word">A name, or a path.</param>
    public static string Resolve(string word) =>
        All.FirstOrDefault(name => name == word || name == OfSet(word)) is { } name && !Path.Exists(word)
            ? Path.Combine(Folder, name) : word;

    /// <summary>Refuses a word that means a model of the program where only a run will do: a model has nothing to go on from.</summary>
    /// <param name="word">A name, or a path.</param>
    /// <exception cref="InputException">It does.</exception>
    public static void RequireRun(string word)
    {
        if (Resolve(word) != word)
            throw new InputException(word, "a model that comes with the program, its weights alone",
                $"the folder of a run; train --from {word} begins a run with its weights");
    }

    /// <summary>The folder of the classifier that a person means by a word: its own name, or that of the model that it steers.</summary>
    /// <param name="word">A name, or a path.</param>
    public static string ResolveClassifier(string word) =>
        Classifiers.FirstOrDefault(name => name == word || name == (OfSet(word) ?? word) + OfClassifier) is { } name && !Path.Exists(word)
            ? Path.Combine(Folder, name) : word;

    /// <summary>The folder of a model, whatever the current folder holds.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    public static string FolderOf(string name) => Path.Combine(Folder, name);

    private static string? OfSet(string word) => word switch
    {
        "mnist" => "digits",
        "cifar10" => "objects",
        _ => null,
    };

    /// <summary>Whether a folder belongs to the program, which writes nothing there.</summary>
    /// <param name="folder">A folder, as it was resolved.</param>
    public static bool Owns(string folder) => folder.StartsWith(Folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    /// <summary>What to call the model or run of a folder.</summary>
    /// <param name="folder">A folder, as it was resolved.</param>
    public static string NameOf(string folder) => Owns(folder) ? Path.GetFileName(folder) : folder;

    /// <summary>Where results about a run go unless someone says otherwise: to the run, or to the current folder.</summary>
    /// <param name="folder">A folder, as it was resolved.</param>
    public static string ResultsOf(string folder) => Owns(folder) ? "." : folder;
}
