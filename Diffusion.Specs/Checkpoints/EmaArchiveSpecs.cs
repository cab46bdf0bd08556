using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Checkpoints;

public sealed class EmaArchiveSpecs : IDisposable
{
    private const double Between = 0.075;

    private static readonly Recipe Recipe = Small.Recipe with
    {
        Optimiser = new() { Rate = new LearningRate.WarmUp(3e-3, 4) },
        Ema = [new EmaDecay.Ramp(0.99), new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)],
        Length = Small.Recipe.Length with { Steps = 80 },
    };

    private readonly TemporaryFolder _place = new();
    private readonly ImageSet _images = Small.Images();

    public void Dispose()
    {
        _images.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void An_average_of_a_length_that_nobody_kept_is_put_together_as_if_it_had_been_kept()
    {
        using var scope = NewDisposeScope();
        var archive = Trained(Recipe);
        using var direct = new TrainingRun(Recipe with { Ema = [new EmaDecay.PowerFunction(Between)] }, _images, CPU);
        while (direct.Updates < 80)
            direct.Advance();
        using var network = new UNet(Recipe.Network, new Seed(1));
        Assert.Equal(new ComposedEma(80, 40), archive.Compose(Between, network));
        using var composed = new ParameterArena(network);
        var (expected, last) = (direct.Optimiser.Ema[0], direct.Arena.Values);
        var distance = (composed.Values - expected).norm().item<float>();
        Assert.True(distance < 0.02 * (last - expected).norm().item<float>(), $"{distance} of {(last - expected).norm().item<float>()}");
    }

    [Fact]
    public void An_average_that_was_kept_is_found_again()
    {
        using var scope = NewDisposeScope();
        var archive = Trained(Recipe with { Length = Recipe.Length with { Steps = 20 } });
        using var network = new UNet(Recipe.Network, new Seed(1));
        archive.Compose(0.1, network);
        using var file = Diffusion.Model.Formats.Tensors.Safetensors.Open(archive.Stored[^1].Path);
        Assert.All(network.named_parameters(), item =>
            Assert.True((item.parameter - file.Load(item.name)).abs().max().item<float>() < 1e-5));
    }

    [Fact]
    public void A_long_run_keeps_a_limited_number_and_always_the_last()
    {
        var stored = Trained(
            Recipe with { Length = Recipe.Length with { EvaluateEvery = new EvaluationInterval.Steps(1), Steps = 75 } }).Stored;
        Assert.Equal([.. Enumerable.Range(1, 18).Select(part => 4L * part), 75], stored.Select(average => average.Updates).Distinct());
        Assert.Equal([0.05, 0.1], stored.Select(average => average.Width).Distinct());
    }

    [Fact]
    public void A_run_without_power_functions_keeps_nothing()
    {
        Assert.Empty(Trained(Small.Recipe).Stored);
        Assert.Throws<InvalidOperationException>(() => new EmaArchive(_place.Path).Compose(0.1, new UNet(Small.Network, new Seed(1))));
    }

    private EmaArchive Trained(Recipe recipe)
    {
        var archive = new EmaArchive(_place["averages"]);
        using var run = new TrainingRun(recipe, _images, CPU);
        while (run.Updates < recipe.Length.Steps)
        {
            run.Advance();
            if (run.Schedule.IsAt(run.Updates))
                archive.Keep(run);
        }
        return archive;
    }
}
