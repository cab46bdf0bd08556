using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Recipes;
using Diffusion.Host.Runs;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class FolderTrainingSpecs
{
    private static readonly Recipe Short = BuiltIn.FolderQuick with
    {
        Data = BuiltIn.FolderQuick.Data with { Side = 8 },
        Network = Training.Small.Network with { InputChannels = 3, OutputChannels = 3 },
        Length = new() { Steps = 2, StepsPerEpoch = 1, Batch = 2 },
        Evaluation = new() { Sampler = new Sampler.Euler(new Clipping.Clip()), Grid = new TimestepSpacing.Trailing(2), Samples = 2, FinalSamples = 2, Pictures = 2 },
    };

    [Fact]
    public void Pictures_of_any_size_in_a_folder_can_be_trained_on()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["photos/sea/one.png"], Encoded.AsPng(Encoded.Plain(12, 9, 0, 0, 255)));
        File.WriteAllBytes(place["photos/wood/two.jpg"], Encoded.AsJpeg(Encoded.Plain(20, 33, 0, 255, 0)));
        File.WriteAllText(place["short.json"], RecipeText.Write(Short));
        var (error, run) = (new StringWriter(), Path.Combine(place.Path, "run"));
        var code = Entrance.Run(
            ["train", place["short.json"], "--data", place["photos"], "--out", run, "--threads", "1"],
            new(TextWriter.Null, error, Display.Plain), CancellationToken.None);
        Assert.Contains($"Data: 2 pictures of 3×8×8 from {place["photos"]}.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(["1", "2"], ReportTable.Read(Path.Combine(run, "report.csv")).Rows.Select(row => row[0]));
        Assert.True(File.Exists(Path.Combine(run, "samples-epoch-002.png")));
    }
}
