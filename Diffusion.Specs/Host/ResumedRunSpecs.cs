using System.Globalization;
using System.Security.Cryptography;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Runs that are stopped and go on, with the samples that are drawn and the rows that are written in between.</summary>
public sealed class ResumedRunSpecs(ResumedRunSpecs.Undisturbed undisturbed) : IClassFixture<ResumedRunSpecs.Undisturbed>, IDisposable
{
    private const int Steps = 6;

    // Dropout, flips, labels that are left out, and batches of 6 in parts of 4 and 2.
    private static readonly Recipe Recipe = Small.Labelled with
    {
        Ema = [new EmaDecay.Ramp(0.99), new EmaDecay.PowerFunction(0.05)],
        Length = Small.Labelled.Length with { Steps = Steps, EvaluateEvery = new EvaluationInterval.Steps(3), MicroBatch = 4 },
        Evaluation = new() { Spacing = new TimestepSpacing.Trailing(2), Samples = 4, FinalSamples = 4, GridImages = 4 },
    };

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData(Precision.Float32, 1)]
    [InlineData(Precision.Float32, 3)]
    [InlineData(Precision.Float32, 1, 2, 3, 4, 5)]
    [InlineData(Precision.Bfloat16, 2)]
    [InlineData(Precision.Bfloat16, 5)]
    [InlineData(Precision.Bfloat16, 1, 2, 3, 4, 5)]
    public void A_run_that_is_stopped_and_goes_on_leaves_the_files_of_one_that_was_not(Precision precision, params int[] stops)
    {
        var recipe = Recipe with { Precision = precision };
        foreach (var stop in stops)
            Assert.Throws<OperationCanceledException>(() => Work(_place["run"], recipe, stop));
        Work(_place["run"], recipe, long.MaxValue);
        var expected = undisturbed.Run(recipe);
        var files = Files(expected);
        // Six checkpoints of five files, and two epochs with an average and a sheet.
        Assert.Equal(6 * 5 + 2 * 2, files.Length);
        Assert.Equal(files, Files(_place["run"]));
        Assert.Equal(Report(expected), Report(_place["run"]));
    }

    [Fact]
    public void The_time_and_the_pace_of_a_run_that_is_stopped_before_its_samples_survive()
    {
        Assert.Throws<OperationCanceledException>(() => Work(_place["run"], Recipe, 3));
        double[] Numbers(string file, string column) => [.. ReportTable.Read(_place[$"run/{file}.csv"]).Under([column]).Rows
            .Select(row => double.Parse(row[0], CultureInfo.InvariantCulture))];
        var before = Numbers("steps", "seconds")[^1];
        var said = Work(_place["run"], Recipe, long.MaxValue);
        Assert.All(Numbers("report", "images_per_second"), pace => Assert.True(pace > 0));
        Assert.True(Numbers("report", "seconds")[0] >= before);
        Assert.Equal(Numbers("report", "seconds").Order(), Numbers("report", "seconds"));
        Assert.Equal(Numbers("steps", "seconds").Order(), Numbers("steps", "seconds"));
        Assert.Contains("images/s", Assert.Single(said.Split('\n'), line => line.StartsWith("epoch 1.8:", StringComparison.Ordinal)),
            StringComparison.Ordinal);
    }

    // In processes of their own: the number of threads is one for the whole process.
    [UnixFact]
    public void A_run_that_goes_on_with_other_threads_says_so_and_ends_with_finite_weights_and_every_evaluation_once()
    {
        var program = new TrainingProcess(_place);
        string Said(params string[] words)
        {
            using var process = program.Start(words);
            process.Succeeded();
            return process.Ended().Error;
        }
        Said(program.Begin("run", steps: 6));
        Assert.DoesNotContain("bit for bit", Said([.. program.GoOn("run", threads: 1), "--steps", "7"]), StringComparison.Ordinal);
        Assert.Contains("warning: resumed on cpu with 2 threads (was cpu with 1 thread): equivalent, not bit-identical",
            Said([.. program.GoOn("run", threads: 2), "--steps", "12"]), StringComparison.Ordinal);
        Assert.Equal(["step", "4", "6", "7", "8", "12"], program.Report("run").Select(line => line.Split(',')[1]));
        using var model = TrainedModel.Open(_place["run"], torch.CPU, Assert.Fail);
        Assert.Equal(12, model.Updates);
        Assert.All(model.Network.parameters(), parameter => Assert.True(parameter.isfinite().all().item<bool>()));
    }

    [Fact]
    public void A_checkpoint_folder_that_takes_no_more_is_reported_at_every_try_fails_the_run_in_the_end_and_harms_no_earlier_checkpoint()
    {
        Succeeds(Begin(3));
        string[] earlier = [.. Directory.GetDirectories(_place["run/checkpoint"])];
        var saved = earlier.Select(Checkpoint.Read).ToList();
        // Nothing can be made under these names, whoever asks.
        string[] taken = [.. Enumerable.Range(4, 3).Select(step => _place[$"run/checkpoint/step-{step:D9}"])];
        foreach (var name in taken)
            File.WriteAllText(name, "");
        var (code, said) = Run(GoOn(Steps));
        Assert.Equal(ExitCode.Failure, code);
        Assert.All(Enumerable.Range(4, 3), step =>
            Assert.Contains($"warning: no checkpoint of step {step}: ", said, StringComparison.Ordinal));
        Assert.StartsWith("error: ", said.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(["3", "6"], Measured());
        Assert.Equal(saved, earlier.Select(Checkpoint.Read));

        foreach (var name in taken)
            File.Delete(name);
        Assert.Contains("resumed at step 3", Succeeds(GoOn(Steps)), StringComparison.Ordinal);
        Assert.Equal(["3", "6"], Measured());
        Assert.Equal(Steps, Checkpoint.Read(_place["run/checkpoint/step-000000006"]).Updates);
    }

    // Begins a run, or goes on with one, and saves after every step. Returns what was said.
    private static string Work(string place, Recipe recipe, long stop)
    {
        using var images = Small.Images();
        using var stopping = new CancellationTokenSource();
        var options = new TrainerOptions { CheckpointEvery = 1, Keep = Steps, Evaluation = BrightnessMeter.Evaluation };
        using var trainer = Directory.Exists(place)
            ? Trainer.Resume(RunFolder.Open(place), new(images), options)
            : Trainer.Begin(recipe, new(images), RunFolder.Create(place), options);
        var events = new TrainingEvents { Happened = happened => StopAfter(happened, stop, stopping) };
        trainer.Train(events, stopping.Token);
        return events.ToString();
    }

    private static void StopAfter(TrainingEvent happened, long step, CancellationTokenSource stopping)
    {
        if (happened is TrainingEvent.StepMade made && made.Step == step)
            stopping.Cancel();
    }

    // Checkpoints, averages and sheets of samples; what is left out tells the time.
    private static string[] Files(string place) =>
        [.. Directory.GetFiles(place, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Where(file => Path.GetFileName(file) != "progress.json"
                && (Path.GetDirectoryName(file) != place || Path.GetFileName(file).StartsWith("samples-", StringComparison.Ordinal)))
            .Select(file => $"{Path.GetRelativePath(place, file)} {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)))}")];

    private static ReportTable Report(string place)
    {
        var report = ReportTable.Read(Path.Combine(place, "report.csv"));
        return report.Under([.. report.Columns.Where(column => column is not ("seconds" or "images_per_second"))]);
    }

    private IEnumerable<string> Measured() => ReportTable.Read(_place["run/report.csv"]).Rows.Select(row => row[1]);

    private string[] Begin(int steps)
    {
        var recipe = Recipe with
        {
            Labels = new Conditioning.None(),
            Network = Small.Network with { InputChannels = 3, OutputChannels = 3 },
            Data = BuiltInRecipes.Folder.Quick.Data with { Size = 8 },
        };
        File.WriteAllText(_place["recipe.json"], RecipeText.Write(recipe));
        foreach (var shade in new byte[] { 40, 120, 200 })
            File.WriteAllBytes(_place[$"photos/all/{shade}.png"], Encoded.AsPng(Encoded.Plain(8, 8, shade, 90, 10)));
        return ["train", _place["recipe.json"], "--out", Path.Combine(_place.Path, "run"), "--steps", $"{steps}", "--threads", "1"];
    }

    private string[] GoOn(int steps) =>
        ["train", "--resume", _place["run"], "--steps", $"{steps}", "--threads", "1"];

    private string Succeeds(string[] words)
    {
        var (code, said) = Run(words);
        Assert.True(code == ExitCode.Success, said);
        return said;
    }

    private (ExitCode Code, string Said) Run(string[] words)
    {
        var said = new StringWriter { NewLine = "\n" };
        string[] all = [.. words, "--data", _place["photos"], "--checkpoint-every", "1", "--device", "cpu"];
        return (CommandLineApp.Run(all, new(TextWriter.Null, said, Display.Plain), CancellationToken.None), said.ToString());
    }

    /// <summary>One run of a recipe that nobody stops, for all that are compared with it.</summary>
    public sealed class Undisturbed : IDisposable
    {
        private readonly TemporaryFolder _place = new();

        public string Run(Recipe recipe)
        {
            var place = _place[$"{recipe.Precision}"];
            if (!Directory.Exists(place))
                Work(place, recipe, long.MaxValue);
            return place;
        }

        public void Dispose() => _place.Dispose();
    }
}
