using System.Security.Cryptography;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Distributed;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Networks;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Distributed;

/// <summary>Runs that several ranks train together, here threads: whatever their number, the bits are those of one.</summary>
public sealed class SharedRunSpecs : IDisposable
{
    private const int Batch = 8;

    // Dropout, flips, labels that are left out, leaves of two images that pass one by one, two averages.
    private static readonly Recipe Recipe = Small.Labelled with
    {
        Length = Small.Labelled.Length with { Steps = 4, Batch = Batch, MicroBatch = 1, Shards = 4 },
        Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Batch = 3 },
    };

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    // Its weights are normalised once for each leaf that a process has.
    [Fact]
    public void A_magnitude_preserving_network_is_not_divided_into_shards()
    {
        var recipe = Small.Recipe with
        {
            Network = Tiny.MagnitudePreserving with { InputChannels = 1, OutputChannels = 1 },
            Length = Small.Recipe.Length with { Batch = 8, Shards = 2 },
        };
        Assert.Contains(recipe.Goal.Faults(recipe), fault => fault.StartsWith("length.shards: ", StringComparison.Ordinal));
        var whole = recipe with { Length = recipe.Length with { Shards = 1 } };
        Assert.DoesNotContain(whole.Goal.Faults(whole), fault => fault.StartsWith("length.shards: ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(typeof(MatrixUpdate.Adam))]
    [InlineData(typeof(MatrixUpdate.Muon))]
    public void Any_number_of_ranks_trains_to_the_same_bits_and_goes_on_from_a_checkpoint_of_any_other_number(Type matrices)
    {
        MatrixUpdate update = matrices == typeof(MatrixUpdate.Muon) ? new MatrixUpdate.Muon() : new MatrixUpdate.Adam();
        var recipe = Recipe with { Optimiser = Recipe.Optimiser with { Matrices = update } };
        var expected = Trained(1, recipe, null, 4);
        Assert.Equal(expected, Trained(4, recipe, null, 4));
        Trained(4, recipe, null, 2, _place["half"]);
        Assert.Equal(expected, Trained(2, recipe, _place["half"], 4));
        Assert.Equal(expected, Trained(1, recipe, _place["half"], 4));
    }

    [Fact]
    public void A_run_that_is_renewed_under_way_is_so_on_every_rank()
    {
        var recipe = Recipe with { Optimiser = Recipe.Optimiser with { Rate = new LearningRate.WarmUpCosine(1e-2, 1, 4) } };
        var renewal = new Renewal(2, 5, []);
        string Trained(int ranks, bool isRenewed) => Led(ranks, isRenewed ? recipe : renewal.Of(recipe), run =>
        {
            while (run.Updates < run.Recipe.Length.Steps)
            {
                run.Advance();
                if (isRenewed && run.Updates == 2)
                    run.GoOnBy(renewal.Of(run.Recipe));
            }
            Assert.Equal((5, 5), (run.Updates, run.Schedule.Length.Steps));
            return Hash(run.Arena.Values);
        });
        var expected = Trained(1, false);
        Assert.Equal(expected, Trained(1, true));
        Assert.Equal(expected, Trained(2, true));
        Assert.Equal(expected, Trained(4, true));
        using var images = Small.Images();
        using var other = new TrainingRun(recipe, images, torch.CPU);
        Assert.Throws<ArgumentException>(() => other.GoOnBy(recipe with { Seed = 1 }));
    }

    [Fact]
    public void Ranks_draw_the_samples_of_one_each_its_share()
    {
        float[] Drawn(int ranks) => Led(ranks, Recipe, run => TrainedModel.OfRun(run, new(1, 8, 8), model =>
        {
            using var sampler = new ModelSampler(model, new() { Labels = new SampleLabels.InTurn() });
            using var samples = sampler.Draw(10);
            return samples.data<float>().ToArray();
        }));
        var expected = Drawn(1);
        Assert.Equal(10 * 64, expected.Length);
        Assert.Equal(expected, Drawn(2));
        Assert.Equal(expected, Drawn(4));
    }

    [Fact]
    public void Each_rank_keeps_its_share_of_moments_and_averages_and_no_more()
    {
        var lengths = Ranks.All(4, _ =>
        {
            using var images = Small.Images();
            using var run = new TrainingRunOfAny(Recipe, images);
            return (Own: run.Run.Optimiser.State.FirstMoment.numel(), All: run.Run.Arena.Values.numel());
        });
        Assert.Equal(lengths[0].All, lengths.Sum(rank => rank.Own));
        Assert.All(lengths, rank => Assert.InRange(rank.Own, rank.All / 4 - 64, rank.All / 4 + 256));
    }

    [Fact]
    public void A_number_of_ranks_that_does_not_divide_the_shards_is_refused() =>
        Assert.StartsWith("length.shards: found 4 shards for 3 processes", Assert.Throws<Diffusion.Model.Files.InputException>(
            () => Sharding.RefuseUneven(4, 3)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_rank_that_has_something_else_is_named_on_every_rank()
    {
        var said = Ranks.All(3, processes => Assert.Throws<DisagreementException>(
            () => Agreement.Require(processes, "recipe", processes.Rank == 2 ? "other" : "same")).Message);
        Assert.All(said, line => Assert.Equal("rank 2 has another recipe than rank 0.", line));
        Ranks.All(3, processes =>
        {
            Agreement.Require(processes, "recipe", "same");
            return 0;
        });
    }

    // Hashes of all that a checkpoint holds, and the numbers of the report.
    private string[] Trained(int ranks, Recipe recipe, string? from, int steps, string? to = null) => Led<string[]>(ranks, recipe, run =>
    {
        if (from is not null)
            Checkpoint.Restore(run, from);
        while (run.Updates < steps)
            run.Advance();
        if (to is not null)
            Checkpoint.Save(run, to, null);
        var report = run.Look();
        return
        [
            .. Enumerable.Range(0, StateVector.OtherThanEma + recipe.Ema.Count).Select(vector =>
            {
                using var whole = run.State.Whole(new(vector));
                return Hash(whole);
            }),
            .. run.Counters.Select(counter => Hash(counter.Tensor)),
            $"{report with { Spikes = 0 }} {run.HeldOutLoss()} {run.CloseInterval()}",
        ];
    }, from is not null);

    private static string Hash(torch.Tensor tensor) => Convert.ToHexStringLower(SHA256.HashData(tensor.reshape(-1).bytes));

    // Rank 0 does the work; the others follow it.
    private static T Led<T>(int ranks, Recipe recipe, Func<TrainingRun, T> work, bool isUnfilled = false) => Ranks.All(ranks, processes =>
    {
        using var images = Small.Images();
        if (processes.Rank > 0)
        {
            new Follower(processes, torch.CPU, CancellationToken.None) { Data = new(images) }.Serve();
            return default!;
        }
        using (var run = isUnfilled ? TrainingRun.Unfilled(recipe, images, torch.CPU) : new TrainingRun(recipe, images, torch.CPU))
        {
            var result = work(run);
            run.Dispose();
            new Order(OrderKind.End).Give(processes);
            return result;
        }
    })[0];

    // A run that every rank makes for itself, where rank 0 would tell the others to.
    private sealed class TrainingRunOfAny : IDisposable
    {
        public TrainingRunOfAny(Recipe recipe, Diffusion.Model.Datasets.ImageSet images)
        {
            if (World.Current.Rank > 0)
                Assert.Equal(OrderKind.Train, Order.Next(World.Current).Kind);
            Run = new(recipe, images, torch.CPU);
        }

        public TrainingRun Run { get; }

        public void Dispose()
        {
            Run.Dispose();
            if (World.Current.Rank > 0)
                Assert.Equal(OrderKind.Done, Order.Next(World.Current).Kind);
        }
    }
}
