using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>
/// What a person gets who asks for training with something that cannot be used: one line, exit code 1, and nothing half-written.
/// </summary>
public sealed class TrainingInputSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    private string Out => Path.Combine(_place.Path, "run");

    public void Dispose() => _place.Dispose();

    private string Refusal(string line)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = CommandLineApp.Run(
            [.. line.Split(' '), "--no-download", "--threads", "1", "--quiet"], new(output, error, Display.Plain), CancellationToken.None);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal("", output.ToString());
        Assert.False(Directory.Exists(Out));
        var said = Assert.Single(error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", said, StringComparison.Ordinal);
        return said["error: ".Length..];
    }

    [Theory]
    [InlineData("cifar10")]
    [InlineData("mnist")]
    public void A_folder_that_is_not_there_is_named(string command) =>
        Assert.Contains(_place["nowhere"], Refusal($"{command} --data {_place["nowhere"]} --out {Out}"), StringComparison.Ordinal);

    [Theory]
    [InlineData("cifar10")]
    [InlineData("mnist")]
    public void An_empty_folder_is_named_with_what_should_be_there(string command)
    {
        var said = Refusal($"{command} --data {_place.Path} --out {Out}");
        Assert.Contains(_place.Path, said, StringComparison.Ordinal);
        Assert.Contains("expected", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 8, 3 }, "train-images-idx3-ubyte")]
    [InlineData(new byte[] { 1, 2, 3, 4, 5, 6, 7, 8 }, "train-images-idx3-ubyte")]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0, 1, 2, 3 }, "train-images-idx3-ubyte.gz")]
    public void A_damaged_file_is_named(byte[] content, string name)
    {
        File.WriteAllBytes(_place[$"data/{name}"], content);
        File.WriteAllBytes(_place["data/train-labels-idx1-ubyte"], [0, 0, 8, 1, 0, 0, 0, 0]);
        Assert.Contains(name, Refusal($"mnist --data {_place["data"]} --out {Out}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cifar_batch_of_the_wrong_length_is_named()
    {
        for (var batch = 1; batch <= 5; batch++)
            File.WriteAllBytes(_place[$"data/data_batch_{batch}.bin"], new byte[3073 + (batch == 3 ? 1 : 0)]);
        Assert.Contains("data_batch_3.bin", Refusal($"cifar10 --data {_place["data"]} --out {Out}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_where_there_is_none_is_refused()
    {
        if (!torch.cuda.is_available())
            Assert.StartsWith("--device: found cuda", Refusal($"mnist --device cuda --out {Out}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_that_is_not_there_is_named() =>
        Assert.StartsWith($"{_place["my.json"]}: no file", Refusal($"train {_place["my.json"]} --out {Out}"), StringComparison.Ordinal);

    [Fact]
    public void A_slip_in_a_recipe_is_named_with_its_place()
    {
        File.WriteAllText(
            _place["my.json"], RecipeText.Write(BuiltInRecipes.Mnist.Quick).Replace("\"peak\"", "\"peek\"", StringComparison.Ordinal));
        Assert.StartsWith($"{_place["my.json"]}: optimiser.rate has an unknown field \"peek\"",
            Refusal($"train {_place["my.json"]} --out {Out}"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_setting_that_does_not_exist_is_named() =>
        Assert.StartsWith("--set optimizer.rate: there is no setting optimizer", Refusal($"mnist --set optimizer.rate=1 --out {Out}"),
            StringComparison.Ordinal);

    [Fact]
    public void A_folder_without_a_run_cannot_be_resumed() =>
        Assert.StartsWith(
            $"{_place.Path}: found a folder without recipe.json", Refusal($"train --resume {_place.Path}"), StringComparison.Ordinal);

    [Fact]
    public void Images_of_ones_own_have_to_be_named() =>
        Assert.Equal("--data: found nothing; expected the folder, archive or pack of images to train on, such as --data photos",
            Refusal($"train folder --out {Out}"));
}
