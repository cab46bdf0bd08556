using Diffusion.Host.Diagnostics;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Host;

/// <summary>Runs at rates that no network bears.</summary>
public sealed class DivergedRunSpecs : IDisposable
{
    private readonly SmallRun _run = new();

    public void Dispose() => _run.Dispose();

    private static Recipe At(double peak, int steps, int perEpoch, int warmup = 1) => SmallRun.Recipe with
    {
        Optimiser = new() { Rate = new LearningRate.WarmUp(peak, warmup) },
        Length = new() { Steps = steps, EvaluateEvery = new EvaluationInterval.Steps(perEpoch), Batch = 3 },
    };

    private string Diverges(Recipe recipe)
    {
        File.WriteAllText(_run.Place["recipe.json"], RecipeText.Write(recipe));
        return _run.Fails("train", _run.Place["recipe.json"], "--data", _run.Place["photos"], "--out", Path.Combine(_run.Place.Path, "run"),
            "--threads", "1", "--checkpoint-every", "2");
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(12, 4)]
    [InlineData(12, 12)]
    [InlineData(60, 30)]
    public void A_run_of_any_length_ends_with_its_row_and_a_line_that_can_be_pasted(int steps, int perEpoch)
    {
        var line = Diverges(At(1e9, steps, perEpoch));
        Assert.StartsWith("the run diverged by step ", line, StringComparison.Ordinal);
        Assert.InRange(line.Length, 0, 520);
        Assert.NotEmpty(_run.Report.Rows);
        Assert.Equal("0", _run.Column("samples").Last());
        // Of weights that have diverged no samples are drawn.
        var isThereAGoodOne = Directory.GetFiles(_run.Folder, Checkpoint.HeaderName, SearchOption.AllDirectories)
            .Any(path => Checkpoint.ReadHeader(Path.GetDirectoryName(path)!).IsGood);
        Assert.Equal(isThereAGoodOne, PlaceDescription.Of(_run.Folder).Facts.Any(fact => fact.Name == "to sample"));
        _run.Succeeds(SmallRun.Pasted(line));
        Assert.Equal($"{steps}", _run.Column("step").Last());
        Assert.NotEqual("0", _run.Column("samples").Last());
        Assert.Equal(1e-3, ((LearningRate.WarmUp)_run.Last.Optimiser.Rate).Peak);
    }

    [Fact]
    public void The_last_good_checkpoint_is_never_rotated_out_by_bad_ones()
    {
        _run.Begin(At(1e-3, 4, 2));
        var good = _run.Weights(4);
        var said = _run.Run(_run.Resuming("--steps", "30", "--keep", "1", "--checkpoint-every", "1", "--set", "optimiser.rate.peak=1e3"));
        Assert.Contains("diverged", said.Said, StringComparison.Ordinal);
        Assert.Equal(good, _run.Weights(4));
        Assert.Equal(["step-000000004"], Directory.GetDirectories(_run.Place["run/checkpoint"])
            .Where(path => Checkpoint.ReadHeader(path).IsGood).Select(Path.GetFileName));
        Assert.Contains(Directory.GetDirectories(_run.Place["run/checkpoint"]), path => !Checkpoint.ReadHeader(path).IsGood);
        var error = said.Said.Split('\n').Single(line => line.StartsWith("error: ", StringComparison.Ordinal));
        Assert.Contains("the last good checkpoint is step-000000004", error, StringComparison.Ordinal);
        var again = _run.Succeeds(SmallRun.Pasted(error));
        Assert.Contains("resumed at step 4", again, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(1, 15).Select(evaluation => $"{2 * evaluation}"), _run.Column("step"));
    }

    [Fact]
    public void A_checkpoint_says_how_good_its_weights_are()
    {
        using var run = SmallRun.Complete();
        var header = Checkpoint.Read(run.Place["run/checkpoint/step-000000006"]);
        Assert.True(header.IsGood);
        Assert.InRange(header.HeldOut!.Value!.Value, 1e-3, header.HeldOut.Clipping / 5);
    }
}
