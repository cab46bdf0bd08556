using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class AverageVerbSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_run_with_another_average_can_be_sampled_from()
    {
        Train([new EmaDecay.PowerFunction(0.05), new EmaDecay.PowerFunction(0.1)]);
        var (code, output) = Run("average", _place["run"], "--width", "0.08");
        Assert.Equal((ExitCode.Success, $"{_place["run"]}-width-0.08: EMA of width 0.08 at step 12, reconstructed from 6 snapshots"),
            (code, output));
        using var model = TrainedModel.Open($"{_place["run"]}-width-0.08", CPU, _ => Assert.Fail());
        Assert.Equal((12L, new EmaDecay.PowerFunction(0.08)), (model.Updates, model.Recipe.Ema[0]));
    }

    [Fact]
    public void A_run_that_kept_no_averages_is_refused_and_nothing_is_left()
    {
        Train([new EmaDecay.Constant(0.9)]);
        var (code, output) = Run("average", _place["run"], "--width", "0.08");
        Assert.Equal(ExitCode.Failure, code);
        Assert.Equal($"error: {_place["run"]}: found a run without EMA snapshots; expected a run whose recipe has an ema of " +
            "the kind powerFunction", output);
        Assert.False(Directory.Exists($"{_place["run"]}-width-0.08"));
    }

    [Fact]
    public void A_width_is_asked_for()
    {
        var (code, output) = Run("average", _place["run"]);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains("--width", output, StringComparison.Ordinal);
    }

    private void Train(Diffusion.Math.Values.Sequence<EmaDecay> averages)
    {
        var recipe = Small.Recipe with { Ema = averages };
        File.WriteAllText(_place["run/recipe.json"], RecipeText.Write(recipe));
        using var images = Small.Images();
        using var run = new TrainingRun(recipe, images, CPU);
        var archive = new EmaArchive(_place["run/averages"]);
        while (run.Updates < recipe.Length.Steps)
        {
            run.Advance();
            if (run.Schedule.IsAt(run.Updates))
                archive.Keep(run);
        }
    }

    private static (ExitCode Code, string Output) Run(params string[] words)
    {
        using var output = new StringWriter();
        var code = CommandLineApp.Run(words, new(output, output, Display.Plain), CancellationToken.None);
        return (code, output.ToString().Trim());
    }
}
