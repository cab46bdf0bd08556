using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Diffusion.Math.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;

namespace Diffusion.Specs;

/// <summary>The examples in the README of the package are the bodies of these specs, and say what really comes out.</summary>
public sealed partial class PackageReadmeSpecs
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "Diffusion.Math", "README.md"));

    [Fact]
    public void A_plan_prints_as_the_readme_says()
    {
        var schedule = new NoiseSchedule.Linear();
        var sampler = new Sampler.Ddim(Eta: 0, new Clipping.Clip(), NoiseDirection.Predicted);
        var plan = sampler.Plan(schedule, new TimestepSpacing.Trailing(2));
        var text = PlanText.Print(plan);

        Assert.Contains(text.TrimEnd(), Blocks("text"));
    }

    [Fact]
    public void A_posterior_has_the_weights_that_the_readme_says()
    {
        var schedule = new NoiseSchedule.Cosine(Count: 1000);
        var posterior = Posterior.Of(earlier: schedule.At(400), later: schedule.At(500));
        // x_400 given x_500 and x_0 is N(0.6087·x_500 + 0.3767·x_0, 0.4073²)

        Assert.Equal((0.6087, 0.3767, 0.4073), (Round(posterior.OfState, 4), Round(posterior.OfClean, 4), Round(posterior.Sigma, 4)));
    }

    [Fact]
    public void A_training_example_has_the_weights_that_the_readme_says()
    {
        var level = new NoiseSchedule.Linear().LevelAt(300);
        var example = TrainingExample.At(level, new Prediction.Velocity(), new LossWeight.MinSnr(5));
        // input = 0.6277·x_0 + 0.7785·ε, target = −0.7785·x_0 + 0.6277·ε, weight 0.3940

        Assert.Equal((0.6277, 0.7785), (Round(example.InputOfClean, 4), Round(example.InputOfNoise, 4)));
        Assert.Equal(
            (-0.7785, 0.6277, 0.3940), (Round(example.Target.OfClean, 4), Round(example.Target.OfNoise, 4), Round(example.Weight, 4)));
    }

    [Fact]
    public void A_union_reads_and_writes_as_the_readme_says()
    {
        var grid = UnionJson.Read<TimestepSpacing>("""{ "kind": "karras", "count": 18 }""");
        // Karras { Count = 18, Rho = 7 }

        Assert.Equal(new TimestepSpacing.Karras(18), grid);
        Assert.Contains($"// {grid}", Readme);
    }

    [Fact]
    public void Every_example_in_the_readme_is_a_line_of_these_specs()
    {
        var lines = File.ReadLines(ThisFile()).Select(line => line.Trim()).ToHashSet();
        Assert.All(
            Blocks("csharp").SelectMany(block => block.Split('\n')).Where(line => line.Length > 0), line => Assert.Contains(line, lines));
    }

    [Fact]
    public void Every_example_in_the_readme_of_the_model_is_a_line_of_the_program_that_has_the_packages_alone()
    {
        string[] Lines(string text) => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)];
        var program = Lines(File.ReadAllText(Path.Combine(Repository.Root, "scripts", "consumer", "Program.cs")));
        var blocks = Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, "Diffusion.Model", "README.md")));
        Assert.NotEmpty(blocks);
        Assert.All(blocks.SelectMany(block => Lines(block.Groups["body"].Value)), line => Assert.Contains(line, program));
    }

    private static string[] Blocks(string language) =>
        [.. Fence().Matches(Readme).Where(match => match.Groups["language"].Value == language).Select(
            match => match.Groups["body"].Value.TrimEnd())];

    private static string ThisFile([CallerFilePath] string path = "") => path;

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<body>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
