using System.Globalization;
using Diffusion.Host.Html;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Posters;

/// <summary>A trained model that figures of a poster are drawn with.</summary>
/// <param name="Word">How a command line names it: the name of a model that comes with the program, or a folder.</param>
/// <param name="Recipe">Every setting.</param>
public sealed record PosterModel(string Word, Recipe Recipe)
{
    /// <summary>The label whose samples are shown on their own.</summary>
    public const int ShownLabel = 4;

    /// <summary>The models that come with the program, the first one of each data set.</summary>
    public static Sequence<PosterModel> Carried => CarriedModels.Names.Select(Open).DistinctBy(model => model.Set).ToSequence();

    /// <summary>The folder of the run.</summary>
    public string Folder => CarriedModels.Resolve(Word);

    /// <summary>The data set's name in a recipe.</summary>
    public string Set => Recipe.Data.Set;

    /// <summary>The data set's name in print.</summary>
    public string Title => Dataset.Find(Set)?.Title ?? Recipe.Name;

    /// <summary>Whether it can be sampled with a label and without one, as classifier-free guidance needs.</summary>
    public bool IsGuided => Recipe.Labels is Conditioning.Labelled { Dropout: > 0 };

    /// <summary>Whether it knows labels.</summary>
    public bool IsConditional => Recipe.Labels is not Conditioning.None;

    /// <summary>What label <see cref="ShownLabel"/> is called, with its number.</summary>
    public string LabelText => Dataset.Find(Set)?.ClassNames is { Count: > ShownLabel } names && names[ShownLabel] != $"{ShownLabel}"
        ? $"{ShownLabel} ({names[ShownLabel]})" : $"{ShownLabel}";

    /// <summary>How it was trained, in a line.</summary>
    public string Training
    {
        get
        {
            var settings = SettingRows.Of(Recipe).ToDictionary(setting => setting.Path, setting => setting.Value);
            string Of(string path) => settings.GetValueOrDefault(path, "");
            var length = Recipe.Length;
            return string.Join(", ",
                $"{Of("prediction.kind")} prediction", $"{Of("schedule.kind")} schedule",
                string.Create(CultureInfo.InvariantCulture,
                    $"{Counted.Grouped(length.Steps, "step")} of {Counted.Of(length.Batch, "image")}, "
                        + $"{length.Steps * length.Batch:N0} in all"),
                Recipe.Labels is Conditioning.Labelled { Dropout: var dropout }
                    ? string.Create(CultureInfo.InvariantCulture, $"labels dropped with p = {dropout}") : "no labels",
                $"channels {string.Join("-", Recipe.Network.Levels.Select(level => level.Channels))}", $"seed {Recipe.Seed}");
        }
    }

    /// <summary>Opens a model; its weights are not read.</summary>
    /// <param name="word">A name, or a folder.</param>
    /// <exception cref="InputException">It is no model that images can be sampled from.</exception>
    public static PosterModel Open(string word)
    {
        var folder = CarriedModels.Resolve(word);
        var recipe = Path.Combine(folder, RunFolder.RecipeName);
        if (!File.Exists(recipe))
            throw new InputException(
                word, Directory.Exists(folder) ? $"a folder without {RunFolder.RecipeName}"
                    : File.Exists(folder) ? "a file" : "no such file or folder", "the folder of a run");
        var model = new PosterModel(word, RecipeFile.Read(recipe));
        return model.Recipe.Goal is Goal.Denoise ? model : throw new InputException(word, "a classifier", "a model to sample from");
    }
}
