using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Runs;
using Diffusion.Host.Training;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Trouble on the way: disks that cannot be written, numbers that are none, memory that is short.</summary>
public sealed class TrainingJobSpecs : IDisposable
{
    private static readonly Recipe Recipe = Small.Recipe with
    {
        Evaluation = new() { Grid = new TimestepSpacing.Trailing(2), Samples = 4, FinalSamples = 4, Pictures = 4 },
    };

    private readonly TemporaryFolder _place = new();
    private readonly StringWriter _said = new();
    private readonly ImageSet _pictures = Small.Pictures();
    private readonly TrainingRun _run;
    private readonly RunFolder _folder;

    public TrainingJobSpecs() => (_run, _folder) = (new(Recipe, _pictures, torch.CPU), RunFolder.Create(_place["run"]));

    public void Dispose()
    {
        _folder.Dispose();
        _run.Dispose();
        _pictures.Dispose();
        _said.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_told_of_and_tried_again_later()
    {
        // A file in the way of step 6.
        File.WriteAllText(_place["run/checkpoint/step-000000006"], "");
        Work();
        Assert.Contains("warning: no checkpoint of step 6", _said.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("step 5:", _said.ToString(), StringComparison.Ordinal);
        var store = new CheckpointStore(_place["run/checkpoint"]);
        Assert.Equal(_place["run/checkpoint/step-000000012"], store.Latest(Assert.Fail));
        Assert.Empty(Directory.GetFileSystemEntries(_place["run/checkpoint"], "*.partial"));
    }

    [Fact]
    public void A_run_none_of_whose_checkpoints_could_be_written_fails_in_the_end_and_has_its_report()
    {
        File.WriteAllText(_place["run/checkpoint"], "");
        var trouble = Assert.Throws<IOException>(Work);
        Assert.Contains("checkpoint cannot be written", trouble.Message, StringComparison.Ordinal);
        Assert.Equal(12, _run.Updates);
        Assert.Equal(["epoch", "1", "2", "3"], File.ReadAllLines(_place["run/report.csv"]).Select(line => line.Split(',')[0]));
    }

    [Fact]
    public void A_sheet_that_cannot_be_written_is_told_of_and_done_without()
    {
        Directory.CreateDirectory(_place["run/samples-epoch-002.png"]);
        Work();
        Assert.Contains("samples-epoch-002.png cannot be written", _said.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(_place["run/samples-epoch-003.png"]));
    }

    [Fact]
    public void Too_many_steps_in_a_row_without_finite_gradients_end_the_run_with_the_parameter_and_the_last_good_checkpoint()
    {
        // Sampling still works.
        ((UNet)_run.Network).register_forward_pre_hook((network, state, time, labels) =>
            network.training && _run.Updates >= 4 ? (state * float.NaN, time, labels) : null);
        var end = Assert.Throws<DivergenceException>(Work);
        Assert.Contains("the last 5 steps up to 9 were skipped", end.Message, StringComparison.Ordinal);
        Assert.Contains($"first in {_run.Arena.Slices[0].Name}", end.Message, StringComparison.Ordinal);
        Assert.Contains(_place["run/checkpoint/step-000000008"], end.Message, StringComparison.Ordinal);
        Assert.Equal((5, 5), (_run.Look().Skipped, _run.Look().SkippedInARow));
    }

    [Fact]
    public void Short_memory_is_told_of_once()
    {
        ((UNet)_run.Network).register_forward_pre_hook(ShortMemory.For(2));
        Work();
        Assert.Contains("warning: memory is too short for 6 pictures at once: from now on 2, with the same updates of 6", _said.ToString(), StringComparison.Ordinal);
        Assert.Single(_said.ToString().Split('\n'), line => line.Contains("memory", StringComparison.Ordinal));
    }

    private void Work()
    {
        using var evaluation = new EpochEvaluation(Recipe, _pictures.Provenance, new BrightnessMeter());
        using var report = CsvReport.Create(_folder.Report, evaluation.Columns);
        var session = new Session(new(TextWriter.Null, _said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None);
        var job = new TrainingJob(_run, _folder, evaluation, report, new(1, TimeSpan.Zero) { HealthCheckEvery = 3 });
        job.Work(session, new PlainDisplay(session, TimeProvider.System));
    }
}
