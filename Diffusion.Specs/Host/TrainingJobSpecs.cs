using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Runs;
using Diffusion.Host.Training;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
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
        Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Samples = 4, FinalSamples = 4, GridImages = 4 },
    };

    private readonly TemporaryFolder _place = new();
    private readonly StringWriter _said = new();
    private readonly ImageSet _images = Small.Images();
    private readonly TrainingRun _run;
    private readonly RunFolder _folder;

    public TrainingJobSpecs() => (_run, _folder) = (new(Recipe, _images, torch.CPU), RunFolder.Create(_place["run"]));

    public void Dispose()
    {
        _folder.Dispose();
        _run.Dispose();
        _images.Dispose();
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
        Assert.Equal(["step", "4", "8", "12"], File.ReadAllLines(_place["run/report.csv"]).Select(line => line.Split(',')[1]));
    }

    [Fact]
    public void A_sheet_that_cannot_be_written_is_told_of_and_done_without()
    {
        Directory.CreateDirectory(_place["run/samples-step-000008.png"]);
        Work();
        Assert.Contains("samples-step-000008.png cannot be written", _said.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(_place["run/samples-step-000012.png"]));
    }

    [Fact]
    public void Too_many_steps_in_a_row_without_finite_gradients_end_the_run_with_the_parameter_and_the_last_good_checkpoint()
    {
        // Sampling still works.
        ((UNet)_run.Network).register_forward_pre_hook((network, state, time, labels) =>
            network.training && _run.Updates >= 4 ? (state * float.NaN, time, labels) : null);
        var end = Assert.Throws<DivergenceException>(Work);
        Assert.Contains("diverged by step 8, 4 steps skipped: gradients were not finite; the loss is not finite, and the largest weight is", end.Message, StringComparison.Ordinal);
        Assert.Contains("the last good checkpoint is step-000000007", end.Message, StringComparison.Ordinal);
        Assert.Equal((4, 4), (_run.Look().Skipped, _run.Look().SkippedInARow));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(11)]
    public void Whatever_happens_in_a_step_the_steps_before_it_are_saved(int step)
    {
        var isBroken = true;
        ((UNet)_run.Network).register_forward_pre_hook((network, _, _, _) =>
            isBroken && network.training && _run.Updates == step ? throw new InvalidOperationException("An image cannot be read.") : null);
        Assert.Equal("An image cannot be read.", Assert.Throws<InvalidOperationException>(() => Work(every: null)).Message);
        Assert.Contains($"failed at step {step}; continue with: diffusion train --resume {_place["run"]}", _said.ToString(), StringComparison.Ordinal);
        var saved = new CheckpointStore(_place["run/checkpoint"]).Latest(Assert.Fail)!;
        Assert.Equal(step, Checkpoint.Read(saved).Updates);
        // The step that failed has left nothing behind.
        isBroken = false;
        using var other = new TrainingRun(Recipe, _images, torch.CPU);
        Checkpoint.Restore(other, saved);
        while (other.Updates < 12)
            other.Advance();
        using var straight = new TrainingRun(Recipe, _images, torch.CPU);
        while (straight.Updates < 12)
            straight.Advance();
        Assert.Equal(straight.Arena.Values.data<float>().ToArray(), other.Arena.Values.data<float>().ToArray());
    }

    [Fact]
    public void A_failure_while_sampling_leaves_a_checkpoint_too()
    {
        ((UNet)_run.Network).register_forward_pre_hook((network, _, _, _) =>
            !network.training && _run.Updates == 8 && _isSampling ? throw new InvalidOperationException("No memory.") : null);
        Assert.Throws<InvalidOperationException>(() => Work(every: null));
        Assert.Equal(8, Checkpoint.Read(new CheckpointStore(_place["run/checkpoint"]).Latest(Assert.Fail)!).Updates);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(11)]
    public void A_folder_that_is_removed_while_training_is_made_again(int step)
    {
        RunFolder.Write(_folder.Recipe, stream => RecipeFile.Write(stream, Recipe));
        ((UNet)_run.Network).register_forward_pre_hook((network, _, _, _) =>
        {
            if (network.training && _run.Updates == step && Directory.Exists(_folder.Path))
                Directory.Delete(_folder.Path, recursive: true);
            return null;
        });
        Work(every: null);
        Assert.Single(_said.ToString().Split('\n'), line => line.Contains("was removed while training", StringComparison.Ordinal));
        Assert.Equal(Recipe, RecipeFile.Read(_folder.Recipe));
        Assert.Equal(["step", "4", "8", "12"], File.ReadAllLines(_folder.Report).Select(line => line.Split(',')[1]));
        Assert.Equal(12, Checkpoint.Read(new CheckpointStore(_place["run/checkpoint"]).Latest(Assert.Fail)!).Updates);
        Assert.Contains("a run in use by another process", Assert.Throws<InputException>(() => RunFolder.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_again_fails_the_run()
    {
        ((UNet)_run.Network).register_forward_pre_hook((network, _, _, _) =>
        {
            if (network.training && _run.Updates == 6 && Directory.Exists(_folder.Path))
            {
                Directory.Delete(_folder.Path, recursive: true);
                File.WriteAllText(_folder.Path, "");
            }
            return null;
        });
        Assert.Contains($"{_folder.Path}", Assert.ThrowsAny<IOException>(() => Work(every: null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Short_memory_is_told_of_once()
    {
        ((UNet)_run.Network).register_forward_pre_hook(ShortMemory.For(2));
        Work();
        Assert.Contains("warning: out of memory at batch 6: continuing with micro-batches of 2, same effective batch of 6", _said.ToString(), StringComparison.Ordinal);
        Assert.Single(_said.ToString().Split('\n'), line => line.Contains("memory", StringComparison.Ordinal));
    }

    // Samples are drawn between the two trials of an evaluation.
    private bool _isSampling;

    private void Work() => Work(every: 1);

    private void Work(long? every)
    {
        using var evaluation = new Watched(new EpochEvaluation(Recipe, _images.Provenance, new BrightnessMeter()), isSampling => _isSampling = isSampling);
        using var report = CsvReport.Create(_folder.Report, evaluation.Columns);
        var session = new Session(new(TextWriter.Null, _said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None);
        var job = new TrainingJob(_run, _folder, evaluation, report, new(every, TimeSpan.Zero) { HealthCheckEvery = 3 });
        job.Work(session, new PlainDisplay(session, TimeProvider.System));
    }

    private sealed class Watched(EpochEvaluation inner, Action<bool> isSampling) : IEpochEvaluation
    {
        public Sequence<string> Columns => inner.Columns;

        public Sequence<string> Remarks => inner.Remarks;

        public string Provenance => inner.Provenance;

        public Work Work(long step) => inner.Work(step);

        public EpochFindings Run(TrainingRun run, Sheet sheet, IActivity activity, CancellationToken stopping)
        {
            isSampling(true);
            try
            {
                return inner.Run(run, sheet, activity, stopping);
            }
            finally
            {
                isSampling(false);
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
