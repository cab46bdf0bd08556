using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary><c>train --from</c>: a new run that begins with the weights of another one.</summary>
public sealed class TrainFromSpecs : IDisposable
{
    private readonly SmallRun _run = SmallRun.Complete();

    public void Dispose() => _run.Dispose();

    private string[] Common => ["--out", Path.Combine(_run.Place.Path, "new"), "--threads", "1", "--device", "cpu"];

    [Fact]
    public void Without_a_recipe_it_has_that_of_the_run_its_images_and_another_seed()
    {
        var said = _run.Succeeds(["train", "--from", _run.Folder, "--steps", "4", .. Common]);
        var recipe = RecipeFile.Read(_run.Place["new/recipe.json"]);
        var source = RecipeFile.Read(_run.Place["run/recipe.json"]);
        Assert.Equal((_run.Folder, 6L, 18L), (recipe.From!.Run, recipe.From.Steps, recipe.From.Images));
        Assert.Equal((4L, source.Seed + 1, source.Data), (recipe.Length.Steps, recipe.Seed, recipe.Data));
        Assert.Equal(source.Optimiser.Rate.Over(6, 4), recipe.Optimiser.Rate);
        Assert.Contains($"begins with the weights of {recipe.From.Text}", said, StringComparison.Ordinal);
        Assert.Contains("other settings than there: seed 4 (3)", said, StringComparison.Ordinal);
        Assert.Contains($"from  {recipe.From.Text}", Plain(_run, "info", _run.Place["new"]), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_repeated_by_its_recipe_and_resumed_to_the_same_bits()
    {
        _run.Succeeds(["train", "--from", _run.Folder, .. Common]);
        _run.Succeeds(
            "train", _run.Place["new/recipe.json"], "--data", _run.Place["photos"], "--out", Path.Combine(_run.Place.Path, "twin"),
            "--threads", "1", "--device", "cpu");
        Assert.Equal(Weights("new", 6), Weights("twin", 6));
        foreach (var step in Directory.GetDirectories(_run.Place["twin/checkpoint"]).Order().Skip(1))
            Directory.Delete(step, recursive: true);
        Directory.Delete(_run.Folder, recursive: true);
        _run.Succeeds("train", "--resume", _run.Place["twin"], "--threads", "1", "--device", "cpu");
        Assert.Equal(Weights("new", 6), Weights("twin", 6));
    }

    [Fact]
    public void Other_images_bring_their_own_classes()
    {
        foreach (var (name, shade) in new[] { ("sea", 0), ("wood", 120), ("field", 200) })
            File.WriteAllBytes(_run.Place[$"places/{name}/1.png"], Encoded.AsPng(Encoded.Plain(8, 8, (byte)shade, 0, 255)));
        _run.Succeeds(["train", "--from", _run.Folder, "--data", _run.Place["places"], "--labels", "--steps", "2", .. Common]);
        var recipe = RecipeFile.Read(_run.Place["new/recipe.json"]);
        Assert.Equal((3, "small-cfg"), (recipe.Network.Labels!.Classes, recipe.Name));
        File.Delete(_run.Place["places/field/1.png"]);
        Directory.Delete(_run.Place["places/field"]);
        var said = _run.Succeeds("train", "--from", _run.Place["new"], "--data", _run.Place["places"], "--steps", "2", "--out",
            Path.Combine(_run.Place.Path, "fewer"), "--threads", "1", "--device", "cpu");
        Assert.Equal(["sea", "wood"], RecipeFile.Read(_run.Place["fewer/recipe.json"]).Data.ClassNames);
        Assert.Contains("label table: made anew for 2 classes (3 there), 2 of which keep their vectors", said, StringComparison.Ordinal);
        Assert.Contains("the images are not those of that run", said, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_begun_is_refused_in_one_line_and_leaves_nothing()
    {
        Assert.Equal("train: requires RECIPE, --resume or --from", _run.Fails("train").Split('\n')[0]);
        Assert.Contains("found another network: network.", _run.Fails(
            ["train", "folder", "--preset", "quick", "--from", _run.Folder, "--data", _run.Place["photos"], "--size", "8", .. Common]),
            StringComparison.Ordinal);
        Assert.Contains("--from: cannot be changed in a resumed run", _run.Fails("train", "--resume", _run.Folder, "--from", "digits"),
            StringComparison.Ordinal);
        Assert.Contains("--preset: the run has its own size; name a recipe beside --from",
            _run.Fails("train", "--from", _run.Folder, "--preset", "quick"), StringComparison.Ordinal);
        Assert.Contains("nowhere: found no such file or folder", _run.Fails("train", "--from", "nowhere"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "new")));
    }

    [Fact]
    public void A_dry_run_says_it_too()
    {
        var said = _run.Succeeds(["train", "--from", _run.Folder, "--dry-run", .. Common]);
        Assert.Contains("begins with the weights of", said, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_run.Place.Path, "new")));
    }

    private string Weights(string run, int step) =>
        Checkpoint.Read(_run.Place[$"{run}/checkpoint/step-{step:D9}"]).Files.First(file => file.Name == "weights.safetensors").Sha256;

    private static string Plain(SmallRun run, params string[] words)
    {
        var answer = new StringWriter { NewLine = "\n" };
        Diffusion.Host.Commands.CommandLineApp.Run(
            words, new(answer, TextWriter.Null, Diffusion.Host.CommandLine.Display.Plain), CancellationToken.None);
        return System.Text.RegularExpressions.Regex.Replace(answer.ToString(), "(?m)^(from) +", "$1  ");
    }
}
