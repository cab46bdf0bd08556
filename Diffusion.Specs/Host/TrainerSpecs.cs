using Diffusion.Host.Displays;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Trouble on the way: disks that cannot be written, numbers that are none, memory that is short.</summary>
public sealed class TrainerSpecs : IDisposable
{
    private static readonly Recipe Recipe = Small.Recipe with
    {
        Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Samples = 4, FinalSamples = 4, GridImages = 4 },
    };

    private readonly TemporaryFolder _place = new();
    private readonly TrainingEvents _events = new();
    private readonly ImageSet _images = Small.Images();

    private readonly RunFolder _folder;
    private long? _every = 1;

    public TrainerSpecs() => _folder = RunFolder.Create(_place["run"]);

    private Trainer Trained => field ??= Trainer.Begin(Recipe, new(_images), _folder, new()
    {
        CheckpointEvery = _every,
        HealthCheckEvery = 3,
        Evaluation = (recipe, data) => new Watched(BrightnessMeter.Evaluation(recipe, data), isSampling => _isSampling = isSampling),
    });

    private TrainingRun Run => Trained.Run;

    public void Dispose()
    {
        Trained.Dispose();
        _images.Dispose();
        _place.Dispose();
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_reported_and_tried_again_later()
    {
        // A file in the way of step 6.
        File.WriteAllText(_place["run/checkpoint/step-000000006"], "");
        Work();
        Assert.Contains("no checkpoint of step 6", _events.ToString(), StringComparison.Ordinal);
        Assert.Equal([6L], _events.All.OfType<TrainingEvent.CheckpointFailed>().Select(failed => failed.Step));
        Assert.Contains(5L, _events.All.OfType<TrainingEvent.CheckpointSaved>().Select(saved => saved.Step));
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
        Assert.Equal(12, Run.Updates);
        Assert.Equal(["step", "4", "8", "12"], File.ReadAllLines(_place["run/report.csv"]).Select(line => line.Split(',')[1]));
    }

    [Fact]
    public void A_sheet_that_cannot_be_written_is_reported_and_done_without()
    {
        Directory.CreateDirectory(_place["run/samples-step-000008.png"]);
        Work();
        Assert.Contains("samples-step-000008.png cannot be written", _events.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(_place["run/samples-step-000012.png"]));
    }

    [Fact]
    public void Too_many_steps_in_a_row_without_finite_gradients_end_the_run_with_the_parameter_and_the_last_good_checkpoint()
    {
        // Sampling still works.
        ((UNet)Run.Network).register_forward_pre_hook((network, state, time, labels) =>
            network.training && Run.Updates >= 4 ? (state.Times(double.NaN), time, labels) : null);
        var end = Assert.Throws<DivergenceException>(Work);
        Assert.Contains("diverged by step 8, 4 steps skipped: gradients were not finite; the loss is not finite, and the largest weight is",
            end.Message, StringComparison.Ordinal);
        Assert.Contains("the last good checkpoint is step-000000007", end.Message, StringComparison.Ordinal);
        Assert.Equal((4, 4), (Run.Look().Skipped, Run.Look().SkippedInARow));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(11)]
    public void Whatever_happens_in_a_step_the_steps_before_it_are_saved(int step)
    {
        _every = null;
        var isBroken = true;
        ((UNet)Run.Network).register_forward_pre_hook((network, _, _, _) =>
            isBroken && network.training && Run.Updates == step ? throw new InvalidOperationException("An image cannot be read.") : null);
        Assert.Equal("An image cannot be read.", Assert.Throws<InvalidOperationException>(() => Work()).Message);
        Assert.Contains(
            $"failed at step {step}; continue with: diffusion train --resume {_place["run"]}", _events.ToString(),
            StringComparison.Ordinal);
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
        _every = null;
        ((UNet)Run.Network).register_forward_pre_hook((network, _, _, _) =>
            !network.training && Run.Updates == 8 && _isSampling ? throw new InvalidOperationException("No memory.") : null);
        Assert.Throws<InvalidOperationException>(() => Work());
        Assert.Equal(8, Checkpoint.Read(new CheckpointStore(_place["run/checkpoint"]).Latest(Assert.Fail)!).Updates);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(11)]
    public void A_folder_that_is_removed_while_training_is_made_again(int step)
    {
        _every = null;
        ((UNet)Run.Network).register_forward_pre_hook((network, _, _, _) =>
        {
            if (network.training && Run.Updates == step && Directory.Exists(_folder.Path))
                Directory.Delete(_folder.Path, recursive: true);
            return null;
        });
        Work();
        Assert.Single(_events.ToString().Split('\n'), line => line.Contains("was deleted during training", StringComparison.Ordinal));
        Assert.Equal(Run.Recipe, RecipeFile.Read(_folder.Recipe));
        Assert.Equal(["step", "4", "8", "12"], File.ReadAllLines(_folder.Report).Select(line => line.Split(',')[1]));
        Assert.Equal(12, Checkpoint.Read(new CheckpointStore(_place["run/checkpoint"]).Latest(Assert.Fail)!).Updates);
        Assert.Contains("a run in use by another process", Assert.Throws<InputException>(() => RunFolder.Open(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_again_fails_the_run()
    {
        _every = null;
        ((UNet)Run.Network).register_forward_pre_hook((network, _, _, _) =>
        {
            if (network.training && Run.Updates == 6 && Directory.Exists(_folder.Path))
            {
                Directory.Delete(_folder.Path, recursive: true);
                File.WriteAllText(_folder.Path, "");
            }
            return null;
        });
        Assert.Contains($"{_folder.Path}", Assert.ThrowsAny<IOException>(() => Work()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Going_on_reads_what_the_folder_holds_once_and_tells_where_it_goes_on()
    {
        Work();
        Trained.Dispose();
        var hashed = new List<string>();
        Checkpoint.Hashing.Value = hashed.Add;
        var events = new TrainingEvents();
        using (var trainer = Trainer.Resume(
            RunFolder.Open(_place["run"]), new(_images), new() { Evaluation = (_, _) => RunEvaluation.None }))
        {
            Checkpoint.Hashing.Value = null;
            trainer.Train(events);
        }
        var last = _place["run/checkpoint/step-000000012"];
        Assert.Equal(Checkpoint.ReadHeader(last).Files.Select(file => Path.Combine(last, file.Name)), hashed);
        Assert.IsType<TrainingEvent.Resumed>(events.All[0]);
        Assert.Equal(12, events.All.OfType<TrainingEvent.Resumed>().Single().Step);
        Assert.Empty(events.All.OfType<TrainingEvent.StepMade>());
        Assert.Empty(events.Warnings);
    }

    [Fact]
    public void A_run_tells_of_every_step_every_evaluation_and_every_checkpoint_in_their_order()
    {
        Work();
        Assert.Equal(Enumerable.Range(1, 12)
            .Select(step => (long)step), _events.All.OfType<TrainingEvent.StepMade>().Select(step => step.Step));
        var done = _events.All.OfType<TrainingEvent.EvaluationDone>().ToList();
        Assert.Equal([4L, 8L, 12L], done.Select(evaluation => evaluation.Row.Training.Updates));
        Assert.All(done, evaluation => Assert.Equal("brightness", evaluation.Row.Found.Figures.Single().Name));
        Assert.All(done, evaluation => Assert.IsType<TrainingEvent.CheckpointSaved>(_events.All[_events.All.IndexOf(evaluation) + 1]));
        Assert.Equal(12, _events.All.OfType<TrainingEvent.CheckpointSaved>().Count());
        Assert.Equal(3, _events.All.OfType<TrainingEvent.ReportWritten>().Count());
        Assert.All(_events.All, happened => Assert.Single(happened.Text.Split('\n')));
        // Progress shows the loss of the row.
        Assert.Equal(
            ReportTable.Read(_place["run/steps.csv"]).Under(["loss"]).Rows.Select(row => row[0]),
            _events.All.OfType<TrainingEvent.StepMade>().Select(step => NumberText.Exact(step.Loss)));
    }

    [Fact]
    public void A_run_that_is_refused_leaves_its_folder_to_another_one()
    {
        var refused = Recipe with { Network = Recipe.Network with { InputChannels = 3 } };
        Assert.Throws<InputException>(() => Trainer.Check(refused, new(_images), new()));
        using var other = RunFolder.Create(_place["other"]);
        other.Dispose();
        Assert.Throws<InputException>(() => Trainer.Begin(refused, new(_images), RunFolder.Create(_place["other"])));
        RunFolder.Create(_place["other"]).Dispose();
    }

    [Fact]
    public void Short_memory_is_reported_once()
    {
        ((UNet)Run.Network).register_forward_pre_hook(ShortMemory.For(2));
        Work();
        Assert.Contains("out of memory at batch 6: continuing with micro-batches of 2, same effective batch of 6", _events.ToString(),
            StringComparison.Ordinal);
        Assert.Single(_events.ToString().Split('\n'), line => line.Contains("memory", StringComparison.Ordinal));
    }

    // Samples are drawn between the two trials of an evaluation.
    private bool _isSampling;

    private void Work() => Trained.Train(_events);

    private sealed class Watched(IRunEvaluation inner, Action<bool> isSampling) : IRunEvaluation
    {
        public Sequence<string> Columns => inner.Columns;

        public Sequence<string> Remarks => inner.Remarks;

        public string Provenance => inner.Provenance;

        public EvaluationWork WorkAt(long step) => inner.WorkAt(step);

        public EvaluationResult Run(TrainingRun run, RunEvaluationWatch watch)
        {
            isSampling(true);
            try
            {
                return inner.Run(run, watch);
            }
            finally
            {
                isSampling(false);
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
