using System.Text.Json.Nodes;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>A run whose images have alpha, from the command line.</summary>
public sealed class AlphaRunSpecs : IDisposable
{
    private readonly SmallRun _run = new();

    public AlphaRunSpecs()
    {
        File.Delete(_run.Place["photos/all/40.png"]);
        byte[] row = [0, .. Enumerable.Range(0, 8).SelectMany(x => new byte[] { 200, 100, 50, (byte)(x < 4 ? 0 : 255) })];
        File.WriteAllBytes(_run.Place["photos/all/icon.png"],
            Encoded.AsPng(8, 8, 6, [.. Enumerable.Repeat(row, 8).SelectMany(bytes => bytes)]));
    }

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_run_with_alpha_is_trained_resumed_sampled_edited_and_exported_with_it()
    {
        var said = _run.Begin(SmallRun.Recipe with { Length = SmallRun.Recipe.Length with { Steps = 2 } }, "--channels", "rgba");
        Assert.Contains("Data: 3 images of 4×8×8", said, StringComparison.Ordinal);
        Assert.Contains("1 with transparency, which is kept", said, StringComparison.Ordinal);
        var recipe = RecipeFile.Read(_run.Place["run/recipe.json"]);
        Assert.Equal((4, 4, null), (recipe.Network.InputChannels, recipe.Network.OutputChannels, recipe.Data.Background));
        _run.GoOn("--steps", "3");
        Assert.Equal("3", ReportTable.Read(_run.Place["run/report.csv"]).Rows[^1][1]);
        foreach (var sheet in new[] { "run/data.png", "run/samples-step-000003.png" })
            Assert.True(AlphaOf(sheet).Length > 1, sheet);

        Sample("drawn/", 2);
        Sample("drawn.npz", 2);
        Sample("drawn.png", 2);
        using var arrays = ImageArray.Read(_run.Place["drawn.npz"]);
        Assert.Equal([2, 4, 8, 8], arrays.Images.shape);
        Assert.Equal(Pixels.ToImages(arrays.Images)[1].Alpha, AlphaOf("drawn/000001.png"));

        _run.Succeeds(
            ["edit", _run.Folder, _run.Place["photos/all/icon.png"], "--mask", "right", "-o", _run.Place["e.png"], .. SmallRun.Common]);
        // The half that is kept is not seen.
        Assert.Contains((byte)0, AlphaOf("e.png"));
        _run.Succeeds("export", _run.Folder, Path.Combine(_run.Place.Path, "exported"), "--to", "diffusers");
        var config = JsonNode.Parse(File.ReadAllText(Directory.GetFiles(_run.Place["exported"], "config.json", SearchOption.AllDirectories)
            .First(file => file.Contains("unet", StringComparison.Ordinal))))!;
        Assert.Equal((4, 4), ((int)config["in_channels"]!, (int)config["out_channels"]!));
    }

    [Fact]
    public void What_keeps_transparency_has_nothing_laid_under_it()
    {
        string[] words = ["train", "folder", "--data", _run.Place["photos"], "--out", _run.Place["no"], .. SmallRun.Common];
        Assert.Contains("--background: --channels rgba keeps transparency, and nothing is laid under it; omit one of them",
            _run.Fails([.. words, "--channels", "rgba", "--background", "black"]), StringComparison.Ordinal);
        Assert.Contains("data.background: black under images whose alpha is kept, as network.inputChannels of 4 says; omit one of them",
            _run.Fails([.. words, "--channels", "rgba", "--set", "data.background=black"]), StringComparison.Ordinal);
        Assert.Contains("--channels: found rgba; expected nothing: the images of MNIST have 1 channel",
            _run.Fails(["train", "mnist", "--channels", "rgba", "--out", _run.Place["no"], .. SmallRun.Common]), StringComparison.Ordinal);
        Assert.Contains("--channels: data check looks at colours; omit grey",
            _run.Fails("data", "check", _run.Place["photos"], "--channels", "grey"), StringComparison.Ordinal);
    }

    private byte[] AlphaOf(string file) =>
        ImageDecoder.Decode(file, File.ReadAllBytes(_run.Place[file]), ImageReading.WithAlpha).Image.Alpha!;

    private void Sample(string path, int count) => _run.Succeeds(
        ["sample", _run.Folder, "--count", $"{count}", "-o", Path.Combine(_run.Place.Path, path), .. SmallRun.Common]);
}
