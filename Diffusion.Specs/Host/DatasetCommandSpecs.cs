using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Spacings;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;

namespace Diffusion.Specs.Host;

/// <summary>Every data set of the catalogue at the command line, from files made in its official layout.</summary>
public sealed class DatasetCommandSpecs : IDisposable
{
    private const string Quietly = "--no-download --device cpu --threads 1";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fashion-mnist", "fd_lenet")]
    [InlineData("cifar100", "fd_cifarnet")]
    [InlineData("cifar100-coarse", "fd_cifarnet")]
    public void A_recipe_trains_on_a_set_for_two_steps(string name, string column)
    {
        var dataset = Dataset.Find(name)!;
        OfficialFiles.Write(dataset, Files, train: 6, test: 3);
        var channels = dataset.Shape.Channels;
        File.WriteAllText(_folder["recipe.json"], RecipeText.Write(Small.Labelled with
        {
            Data = DataRecipe.Of(dataset),
            Network = Small.Network with
            {
                InputChannels = channels, OutputChannels = channels, Labels = new(dataset.ClassNames.Count, NullLabel.Learned),
            },
            Length = new() { Steps = 2, EvaluateEvery = new EvaluationInterval.Times(1), Batch = 2 },
            Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Samples = 2, FinalSamples = 2, GridImages = 2 },
        }));
        var (code, _, error) = Run($"train {_folder["recipe.json"]} --data {Files} --out {_folder["run"]} {Quietly}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains($"Data: {dataset.Title}, 6 training and 3 test images from {Files}.", error, StringComparison.Ordinal);
        Assert.Single(ReportTable.Read(_folder["run/report.csv"]).Under([column]).Rows);
        Assert.Equal(dataset.ClassNames, RecipeFile.Read(_folder["run/recipe.json"]).Data.ClassNames);
    }

    [Fact]
    public void Fid_takes_a_set_by_its_name_and_a_folder_of_grey_images()
    {
        OfficialFiles.Write(Dataset.FashionMnist, Files, train: 4, test: 12);
        WriteGrey(count: 5);
        var options = $"--data {Files} --features lenet --allow-small --json {Quietly}";
        var (code, output, error) = Run($"fid fashion-mnist:test {_folder["images"]} {options}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Contains("Data: Fashion-MNIST, 4 training and 12 test images", error, StringComparison.Ordinal);
        Assert.True(double.IsFinite((double)JsonNode.Parse(output)!["measures"]!["fd_lenet"]!));
    }

    [Fact]
    public void A_folder_of_grey_images_gets_the_same_column_in_training_as_in_fid()
    {
        WriteGrey(count: 3);
        File.WriteAllText(_folder["recipe.json"], RecipeText.Write(Small.Recipe with
        {
            Data = new() { Set = "folder" },
            Network = Small.Network with { InputChannels = 3, OutputChannels = 3 },
            Length = new() { Steps = 1, EvaluateEvery = new EvaluationInterval.Times(1), Batch = 2 },
            Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Samples = 2, FinalSamples = 2, GridImages = 2 },
        }));
        var (code, _, error) = Run($"train {_folder["recipe.json"]} --data {_folder["images"]} --out {_folder["run"]} {Quietly}");
        Assert.True(code == ExitCode.Success, error);
        Assert.Single(ReportTable.Read(_folder["run/report.csv"]).Under(["fd_lenet"]).Rows);
    }

    [Fact]
    public void A_set_that_nobody_knows_is_answered_with_those_there_are()
    {
        File.WriteAllText(_folder["recipe.json"], RecipeText.Write(Small.Recipe with { Data = new() { Set = "cifar-100" } }));
        var (code, _, error) = Run($"train {_folder["recipe.json"]} --out {_folder["run"]} {Quietly}");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains($"data.set: found 'cifar-100'; expected {Dataset.Names} or folder", error, StringComparison.Ordinal);
    }

    private string Files => Path.GetDirectoryName(_folder["files/any"])!;

    private void WriteGrey(int count)
    {
        for (var image = 0; image < count; image++)
        {
            var grey = (byte)(40 * image);
            File.WriteAllBytes(_folder[$"images/{image}.png"], Encoded.AsPng(Encoded.Plain(28, 28, grey, grey, grey)));
        }
    }

    private static (ExitCode Code, string Output, string Error) Run(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = Entrance.Run(line.Split(' '), new(output, error, Display.Plain), CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }
}
