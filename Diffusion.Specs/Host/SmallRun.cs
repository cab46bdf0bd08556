using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>The program, in this process, at runs of a folder of three tiny images.</summary>
internal sealed class SmallRun : IDisposable
{
    /// <summary>Six steps in three epochs, at a rate that ends with the run.</summary>
    public static readonly Recipe Recipe = BuiltInRecipes.Cifar10Ddpm.Quick with
    {
        Name = "small",
        Data = BuiltInRecipes.Folder.Quick.Data with { Size = 8 },
        Network = Training.Small.Network with { InputChannels = 3, OutputChannels = 3 },
        Optimiser = new() { Rate = new LearningRate.WarmUpCosine(1e-3, 1, 6) },
        Ema = [new EmaDecay.Ramp(0.99), new EmaDecay.PowerFunction(0.05)],
        Length = new() { Steps = 6, EvaluateEvery = new EvaluationInterval.Steps(2), Batch = 3 },
        Evaluation = new() { Sampler = new Sampler.Euler(new Clipping.Clip()), Spacing = new TimestepSpacing.Trailing(2), Samples = 2,
            FinalSamples = 2, GridImages = 2 },
        Seed = 3,
    };

    private static readonly Lazy<string> Trained = new(Train);

    /// <summary>A place with images.</summary>
    public SmallRun()
    {
        foreach (var shade in new byte[] { 40, 120, 200 })
            File.WriteAllBytes(Place[$"photos/all/{shade}.png"], Encoded.AsPng(Encoded.Plain(8, 8, shade, 90, 10)));
    }

    /// <summary>A place with images and the run of <see cref="Recipe"/>, at its end.</summary>
    public static SmallRun Complete()
    {
        var run = new SmallRun();
        foreach (var file in Directory.GetFiles(Trained.Value, "*", SearchOption.AllDirectories))
            File.Copy(file, run.Place[Path.Combine("run", Path.GetRelativePath(Trained.Value, file))]);
        using (var folder = RunFolder.Open(run.Folder))
            DataPlace.Remember(folder, run.Place["photos"]);
        return run;
    }

    public TemporaryFolder Place { get; } = new();

    public string Folder => Place["run"];

    public void Dispose() => Place.Dispose();

    /// <summary>Begins a run of a recipe.</summary>
    public string Begin(Recipe recipe, params string[] more)
    {
        File.WriteAllText(Place["recipe.json"], RecipeText.Write(recipe));
        return Succeeds(
            ["train", Place["recipe.json"], "--data", Place["photos"], "--out", Path.Combine(Place.Path, "run"), .. Common, .. more]);
    }

    /// <summary>Goes on with it.</summary>
    public string GoOn(params string[] more) => Succeeds(Resuming(more));

    /// <summary>Fails to go on with it, with one line of error, and exit code 1.</summary>
    public string Refusal(params string[] more) => Fails(Resuming(more));

    public string[] Resuming(params string[] more) => ["train", "--resume", Folder, .. Common, .. more];

    public string Succeeds(params string[] words)
    {
        var (code, said) = Run(words);
        Assert.True(code == ExitCode.Success, said);
        return said;
    }

    public string Fails(params string[] words)
    {
        var (code, said) = Run(words);
        Assert.True(code == ExitCode.Failure, said);
        var error = Assert.Single(said.Split('\n'), line => line.StartsWith("error: ", StringComparison.Ordinal))["error: ".Length..];
        return error;
    }

    public (ExitCode Code, string Said) Run(params string[] words)
    {
        var said = new StringWriter { NewLine = "\n" };
        return (CommandLineApp.Run(words, new(TextWriter.Null, said, Display.Plain), CancellationToken.None), said.ToString());
    }

    public ReportTable Report => ReportTable.Read(Place["run/report.csv"]);

    public IEnumerable<string> Column(string name) => Report.Under([name]).Rows.Select(row => row[0]);

    /// <summary>The recipe of the last checkpoint.</summary>
    public Recipe Last => Checkpoint.ReadHeader(new CheckpointStore(Place["run/checkpoint"]).Latest(Assert.Fail)!).Recipe;

    /// <summary>The weights of a checkpoint.</summary>
    public string Weights(int step) =>
        Checkpoint.Read(Place[$"run/checkpoint/step-{step:D9}"]).Files.First(file => file.Name == "weights.safetensors").Sha256;

    /// <summary>A line that the program printed, as a shell would split it; the folder of the run holds no quote.</summary>
    public static string[] Pasted(string line) =>
        [.. line[(line.IndexOf("diffusion ", StringComparison.Ordinal) + "diffusion ".Length)..].Split('\'').SelectMany((part, index) =>
            index % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    // Once for all specs; the folder goes with the process.
    private static string Train()
    {
        var run = new SmallRun();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => run.Dispose();
        run.Begin(Recipe);
        return run.Folder;
    }

    /// <summary>On one thread of the CPU.</summary>
    public static string[] Common => ["--threads", "1", "--device", "cpu"];
}
