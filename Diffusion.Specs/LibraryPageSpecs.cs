using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs;

/// <summary>The programs on the library's page are lines of these specs.</summary>
public sealed partial class LibraryPageSpecs
{
    [Fact]
    public void A_program_of_ten_lines_trains_and_samples()
    {
        using var place = new TemporaryFolder();
        foreach (var kind in new[] { "images-idx3", "labels-idx1" })
        {
            using var file = File.Create(place[$"train-{kind}-ubyte.gz"]);
            typeof(Dataset).Assembly.GetManifestResourceStream($"t10k-{kind}-ubyte.gz")!.CopyTo(file);
        }
        using var samples = TrainAndSample(place.Path, steps: 1, count: 2);
        Assert.Equal([2, 1, 28, 28], samples.shape);
        Assert.True(samples.isfinite().all().item<bool>());
    }

    [Fact]
    public void A_run_of_a_built_in_recipe_is_begun_stopped_and_gone_on_with()
    {
        using var place = new TemporaryFolder();
        using var digits = ImageSet.Of(
            new("mnist", Split.Train, Dataset.Mnist.ClassNames, "made up"), new(1, 28, 28), new byte[20 * 784], new byte[20]);
        using var stopping = new CancellationTokenSource();
        var events = new TrainingEvents { Happened = happened => StopAfterFirst(happened, stopping) };
        Assert.Throws<OperationCanceledException>(
            () => Begin(new(digits), place["run"], steps: 2, (_, _) => RunEvaluation.None, events, stopping.Token));
        GoOn(new(digits), place["run"], (_, _) => RunEvaluation.None, events, CancellationToken.None);
        Assert.Equal([1L, 2L], events.All.OfType<TrainingEvent.StepMade>().Select(step => step.Step));
        Assert.Equal([1L, 2L], events.All.OfType<TrainingEvent.CheckpointSaved>().Select(saved => saved.Step).Distinct());
        Assert.Contains(events.All, happened => happened is TrainingEvent.Resumed { Step: 1 });
        Assert.Equal(["2"], ReportTable.Read(place["run/report.csv"]).Under(["step"]).Rows.Select(row => row[0]));
    }

    private static void StopAfterFirst(TrainingEvent happened, CancellationTokenSource stopping)
    {
        if (happened is TrainingEvent.StepMade { Step: 1 })
            stopping.Cancel();
    }

    private static void Begin(
        TrainingData data, string place, long steps, Func<Recipe, TrainingData, IRunEvaluation> evaluation,
        IProgress<TrainingEvent> progress, CancellationToken stopping)
    {
        var quick = BuiltInRecipes.Find("mnist")!.Quick;
        var recipe = quick with { Name = "digits", Length = quick.Length with { Steps = steps, Batch = 16 } };
        using var trainer = Trainer.Begin(recipe, data, RunFolder.Create(place), new() { CheckpointEvery = 1000, Evaluation = evaluation });
        trainer.Train(progress, stopping);
    }

    private static void GoOn(
        TrainingData data, string place, Func<Recipe, TrainingData, IRunEvaluation> evaluation, IProgress<TrainingEvent> progress,
        CancellationToken stopping)
    {
        using var trainer = Trainer.Resume(RunFolder.Open(place), data, new() { Evaluation = evaluation });
        trainer.Train(progress, stopping);
    }

    [Fact]
    public void A_run_begins_with_the_weights_of_another_one()
    {
        using var place = new TemporaryFolder();
        using var images = Small.Images();
        using (var run = new TrainingRun(Small.Recipe, images, CPU))
            new CheckpointStore(place["old/checkpoint"]).Save(run);
        var events = new TrainingEvents();
        BeginFrom(place["old"], new(images), place["new"], 2, (_, _) => RunEvaluation.None, events, CancellationToken.None);
        Assert.Equal(place["old"], RecipeFile.Read(place["new/recipe.json"]).From!.Run);
        Assert.Equal(2, events.All.OfType<TrainingEvent.StepMade>().Count());
    }

    private static void BeginFrom(
        string earlier, TrainingData data, string place, long steps, Func<Recipe, TrainingData, IRunEvaluation> evaluation,
        IProgress<TrainingEvent> progress, CancellationToken stopping)
    {
        var source = InitialWeights.Find(earlier, damage => Console.Error.WriteLine(damage));
        var onward = source.Onward() with { Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-4, 100, (int)steps) } };
        onward = onward with { Length = onward.Length with { Steps = steps } };
        using var trainer = Trainer.Begin(onward, data, RunFolder.Create(place), new() { Evaluation = evaluation }, source);
        trainer.Train(progress, stopping);
    }

    [Fact]
    public void A_trained_model_is_sampled_by_its_recipe_changed_one_by_one()
    {
        using var place = new TemporaryFolder();
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Labelled with { Data = Small.Recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        new CheckpointStore(place["run/checkpoint"]).Save(run);
        using var samples = SampleAgain(place["run"], steps: 2, count: 3);
        Assert.Equal([3, 1, 8, 8], samples.shape);
    }

    [Fact]
    public void Images_of_two_places_are_compared_in_three_lines()
    {
        using var place = new TemporaryFolder();
        using var digits = Dataset.Mnist.Sample(Split.Test);
        foreach (var (name, first) in new[] { ("real", 0), ("samples", 10) })
        {
            Directory.CreateDirectory(place[name]);
            for (var index = first; index < first + 10; index++)
                Png.Save(place[$"{name}/{index}.png"],
                    ImageGrid.Compose(Pixels.ToNumbers(digits.Images.narrow(0, index, 1)), GridLayout.Of(1) with { Gap = 0 }), []);
        }
        var distance = Distance(null, place["real"], place["samples"]);
        Assert.Equal("fd_lenet", distance.Name);
        Assert.True(distance.Value > 1, $"{distance}");
        using var network = FeatureExtractor.LeNet(CPU);
        using var real = EvaluationInput.Open(place["real"]);
        using var samples = EvaluationInput.Open(place["samples"]);
        var measurement = Measurement.Of(network, real, samples, new FrechetMetric(), new MeanDistance(), new PrecisionRecallMetric());
        Assert.Equal(distance, measurement.Values[0]);
        Assert.InRange(measurement["mean_lenet"], 0.1, distance.Value);
    }

    [Fact]
    public void A_new_sampler_keeps_a_single_point_and_beats_ddim_at_as_many_network_calls()
    {
        var schedule = new NoiseSchedule.Linear();
        var plan = Midpoint(schedule, new TimestepSpacing.Trailing(20));

        var point = new GaussianWorld(Mean: 0.3, Sigma: 0).Run(plan);
        Assert.Equal((0.3, 0.0), (Round(point.Mean, 9), Round(point.Sigma, 9)));

        var ddim = new Sampler.Ddim(0, new Clipping.None(), NoiseDirection.Predicted).Plan(schedule, new TimestepSpacing.Trailing(20));
        var data = new GaussianWorld(Mean: 0.3, Sigma: 0.5);
        Assert.True(Abs(data.Run(plan).Sigma - 0.5) < Abs(data.Run(ddim).Sigma - 0.5));
        Assert.Equal(ddim.NetworkCalls, plan.NetworkCalls);
    }

    [Fact]
    public void Every_line_of_a_program_on_the_page_is_a_line_of_these_specs()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "library.md"));
        var lines = File.ReadLines(ThisFile()).Select(line => line.Trim()).ToHashSet();
        var programs = Program().Matches(page).Select(
            match => match.Groups["body"].Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList()).ToList();
        Assert.Equal(9, programs.Count);
        // The values that its words name, too.
        Assert.Contains("`(_, _) => RunEvaluation.None`", page, StringComparison.Ordinal);
        Assert.All(programs.SelectMany(program => program), line => Assert.Contains(line, lines));
    }

    private static MetricValue Distance(string? weights, string real, string samples)
    {
        using var network = weights is null ? FeatureExtractor.LeNet(CPU) : FeatureExtractor.Inception(weights);
        var measurement = Measurement.Of(network, real, samples);
        return measurement.Values[0];
    }

    private sealed record MeanDistance : Metric
    {
        public override string Name => "mean-distance";

        public override string Summary => "the squared distance of the mean features";

        public override Sequence<string> Columns(ExtractorIdentity features, int classes) => [features.NameOf("mean")];

        public override MetricNumbers Between(FeatureSet reference, FeatureSet samples) =>
            new([FrechetDistance.Between(reference.Fit, samples.Fit, Spectrum.RootTrace).Means]);
    }

    private static Tensor SampleAgain(string folder, int steps, int count)
    {
        using var model = TrainedModel.Open(folder, CPU, damage => Console.Error.WriteLine(damage));
        using var sampler = new ModelSampler(model, new() { Steps = steps, GuidanceW = 3, Labels = new SampleLabels.One(1) });
        return sampler.Draw(count);
    }

    private static Tensor TrainAndSample(string folder, int steps, int count)
    {
        using var digits = Dataset.Mnist.Read(folder, Split.Train);
        var recipe = new Recipe
        {
            Name = "digits",
            Data = new() { Set = "mnist" },
            Network = new() { InputChannels = 1, OutputChannels = 1, Levels = [UNetLevel.Plain(32), UNetLevel.Attending(64)] },
            Optimiser = new() { Rate = new LearningRate.WarmUp(1e-3, 100) },
            Ema = [new EmaDecay.Ramp(0.999)],
            Length = new() { Steps = steps, EvaluateEvery = new EvaluationInterval.Steps(steps), Batch = 32 },
            Evaluation = new() { Spacing = new TimestepSpacing.Trailing(50) },
        };
        using var run = new TrainingRun(recipe, digits, CPU);
        while (run.Updates < recipe.Length.Steps)
            run.Advance();
        var plan = recipe.Evaluation.Sampler.Plan(recipe.Schedule, recipe.Evaluation.Spacing);
        var sampling = new SamplingRun(plan, recipe.Prediction, new Seed(1));
        return run.WithEma(0, (UNet network) => sampling.Draw(network, [1, 28, 28], count));
    }

    private static SamplerPlan Midpoint(NoiseSchedule schedule, TimestepSpacing grid)
    {
        var path = NoisePath.Of(schedule, grid);
        var pairs = path.Steps.Chunk(2).Select(pair => Step(pair[0].From, pair[0].To, pair[^1].To));
        return new SamplerPlan("midpoint", path.InitialScale, pairs.ToSequence());

        SamplerStep Step(NoiseLevel from, NoiseLevel middle, NoiseLevel to) => new(from, to,
        [
            new Instruction.Denoise(Slot.Denoised, Slot.State, from),
            Move(Slot.Predicted, from, middle),
            new Instruction.Denoise(Slot.Denoised, Slot.Predicted, middle),
            Move(Slot.State, from, to),
        ]);

        // x_s = (σ_s/σ_t)·x_t + (α_s − α_t·σ_s/σ_t)·x̂_0: the straight way to the estimate, as DDIM goes it
        Instruction Move(Slot into, NoiseLevel from, NoiseLevel to)
        {
            var ratio = to.Marginal.Sigma / from.Marginal.Sigma;
            return new Instruction.Combine(
                into, [new(ratio, Slot.State), new(to.Marginal.Alpha - from.Marginal.Alpha * ratio, Slot.Denoised)]);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("```csharp\n(?<body>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();
}
