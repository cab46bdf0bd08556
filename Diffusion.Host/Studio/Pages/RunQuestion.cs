using System.Globalization;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Host.Studio.Web;
using Diffusion.Host.Training;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Studio.Pages;

/// <summary>A run as the page and its API ask for it: a recipe of the program, and what is changed.</summary>
public sealed record RunQuestion
{
    private const int MostChanges = 200;
    private const int LongestValue = 4096;

    /// <summary>A recipe by its name, such as <c>mnist</c>.</summary>
    public string Recipe { get; init; } = "";

    /// <summary>quick or paper.</summary>
    public string Preset { get; init; } = "quick";

    /// <summary>What the run is to be called: the folder below the folder of runs.</summary>
    public string Name { get; init; } = "";

    /// <summary>Updates in all; null for as many as the recipe says.</summary>
    public long? Steps { get; init; }

    /// <summary>Whether data and weights may be downloaded; without, images inside the program will do.</summary>
    public bool Download { get; init; }

    /// <summary>Settings of the recipe, each by its path.</summary>
    public IReadOnlyList<SettingChange> Changes { get; init; } = [];

    /// <summary>The recipe with all changes, without its images.</summary>
    /// <exception cref="RefusedException">A setting cannot be changed from here.</exception>
    /// <exception cref="RecipeException">The changes do not make a recipe.</exception>
    internal Recipe Changed(Machine machine) => RunSetup.NewRecipe(
        new RecipeSource.BuiltIn(Known.Name), new()
        {
            Preset = Preset == "paper" ? Model.Recipes.Preset.Paper : Model.Recipes.Preset.Quick,
            Steps = Steps,
            Changes = [.. Checked.Select(change => new RecipeChange(change.Path, change.Value))],
        }, machine);

    /// <summary>The words after the program's name that begin it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="options">What the studio computes on.</param>
    internal IReadOnlyList<string> Words(string folder, StudioOptions options) =>
    [
        "train", Known.Name, "--preset", Preset, "--out", folder,
        .. Steps is { } steps ? ["--steps", steps.ToString(CultureInfo.InvariantCulture)] : (string[])[],
        .. Download ? [] : (string[])["--offline"],
        .. Checked.SelectMany(change => new[] { "--set", $"{change.Path}={change.Value}" }),
        .. MachineWords(options),
    ];

    /// <summary>The words that go on with a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="steps">Updates in all; null for as many as its recipe says.</param>
    /// <param name="options">What the studio computes on.</param>
    internal static IReadOnlyList<string> Resuming(string folder, long? steps, StudioOptions options) =>
    [
        "train", "--resume", folder, "--offline",
        .. steps is { } all ? ["--steps", all.ToString(CultureInfo.InvariantCulture)] : (string[])[],
        .. MachineWords(options),
    ];

    private static IEnumerable<string> MachineWords(StudioOptions options) =>
    [
        .. options.Device == DeviceChoice.Auto ? [] : (string[])["--device", $"{options.Device}"],
        .. options.Threads is { } threads ? ["--threads", threads.ToString(CultureInfo.InvariantCulture)] : (string[])[],
    ];

    private BuiltInRecipe Known => Preset is not ("quick" or "paper") ? throw new RefusedException(400, "preset: quick or paper")
        : Steps is < 1 ? throw new RefusedException(400, "steps: at least 1")
        : BuiltInRecipes.Find(Recipe) is not { } recipe ? throw RefusedException.NotFound("no such recipe; /api/recipes lists them")
        : recipe == BuiltInRecipes.Folder ? throw new RefusedException(
            400, "images of your own are named on the command line: train folder --data DIR; the run is then shown here")
        : recipe;

    // A value may not name a file: the studio reads nothing outside the folder of runs.
    private IEnumerable<SettingChange> Checked => Changes.Count > MostChanges
        ? throw new RefusedException(400, $"changes: at most {MostChanges}")
        : Changes.Select(change => change.Path.Length == 0 || !change.Path.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.')
                || change.Value.Length is 0 or > LongestValue || change.Value.Any(char.IsControl)
                || change.Value.TrimEnd('"', ' ').EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? throw new RefusedException(400, $"{change.Path}: a setting and its value as JSON or a word are expected")
            : change);
}

/// <summary>A setting of a recipe and its new value.</summary>
/// <param name="Path">Names from the outside in, with dots between them, such as <c>optimiser.rate.peak</c>.</param>
/// <param name="Value">The value, as JSON or as a plain word.</param>
public sealed record SettingChange(string Path, string Value);

/// <summary>A recipe that a run can begin with.</summary>
/// <param name="Name">What requests call it.</param>
/// <param name="Summary">A line.</param>
public sealed record RecipeEntry(string Name, string Summary)
{
    /// <summary>All but that for images of one's own.</summary>
    internal static IReadOnlyList<RecipeEntry> All { get; } = [.. BuiltInRecipes.All.Where(recipe => recipe != BuiltInRecipes.Folder)
        .Select(recipe => new RecipeEntry(recipe.Name, recipe.Summary))];
}
