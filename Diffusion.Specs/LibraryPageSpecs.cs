using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
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
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
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
        using var samples = TrainAndSample(place.Path, steps: 2, count: 3);
        Assert.Equal([3, 1, 28, 28], samples.shape);
        Assert.True(samples.isfinite().all().item<bool>());
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
        var programs = Program().Matches(page).Select(match => match.Groups["body"].Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0).ToList()).ToList();
        Assert.Equal(4, programs.Count);
        Assert.All(programs.SelectMany(program => program), line => Assert.Contains(line, lines));
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
            return new Instruction.Combine(into, [new(ratio, Slot.State), new(to.Marginal.Alpha - from.Marginal.Alpha * ratio, Slot.Denoised)]);
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("```csharp\n(?<body>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Program();
}
