using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Devices;
using Diffusion.Host.Downloads;
using Diffusion.Host.Options;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Host;

public sealed class CommandParserSpecs
{
    [Theory]
    [InlineData("cifar10")]
    [InlineData("mnist")]
    public void A_data_set_alone_is_a_whole_job(string name) =>
        Assert.Equal(new Command.Train(new RecipeSource.BuiltIn(name), new TrainOptions()), Accepted(name).Command);

    [Theory]
    [InlineData("train runs/a/recipe.json", "runs/a/recipe.json")]
    [InlineData("train RECIPE.JSON", "RECIPE.JSON")]
    public void A_recipe_is_a_file_where_it_ends_in_json(string line, string path) =>
        Assert.Equal(new RecipeSource.File(path), Training(line).Recipe);

    [Fact]
    public void A_recipe_is_else_a_name() =>
        Assert.Equal(new RecipeSource.BuiltIn("mnist"), Training("train mnist").Recipe);

    [Fact]
    public void A_resumed_run_brings_its_own_recipe()
    {
        var train = Training("train --resume runs/a --steps 90");
        Assert.Equal(new Command.Train(new RecipeSource.OfRun(), new TrainOptions { Resume = "runs/a", Steps = 90 }), train);
    }

    public static TheoryData<string, TrainOptions> EveryTrainingOption => new()
    {
        { "--data images", new() { Data = "images" } },
        { "--data=images", new() { Data = "images" } },
        { "--data @home", new() { Data = "@home" } },
        { "--out runs/a", new() { Out = "runs/a" } },
        { "--preset quick", new() { Preset = Preset.Quick } },
        { "--preset paper", new() { Preset = Preset.Paper } },
        { "--epochs 1", new() { Epochs = 1 } },
        { "--epochs 2147483647", new() { Epochs = int.MaxValue } },
        { "--steps 800000", new() { Steps = 800_000 } },
        { "--steps=3", new() { Steps = 3 } },
        { "--steps 3 --epochs 4", new() { Steps = 3, Epochs = 4 } },
        { "--batch 128", new() { Batch = 128 } },
        { "--seed 0", new() { Seed = 0 } },
        { "--seed 18446744073709551615", new() { Seed = ulong.MaxValue } },
        { "--device auto", new() },
        { "--device cpu", new() { Device = DeviceChoice.Cpu } },
        { "--device cuda", new() { Device = DeviceChoice.Cuda } },
        { "--device cuda:0", new() { Device = DeviceChoice.Cuda } },
        { "--device cuda:12", new() { Device = DeviceChoice.CudaNumber(12) } },
        { "--threads 2", new() { Threads = 2 } },
        { "--inception weights.pth", new() { Inception = "weights.pth" } },
        { "--no-download", new() { Downloads = DownloadPolicy.Offline } },
        { "--checkpoint-every 500", new() { CheckpointEvery = 500 } },
        { "--resume runs/a", new() { Resume = "runs/a" } },
        { "--resume runs/a --device cpu --threads 1 --data d",
            new() { Resume = "runs/a", Device = DeviceChoice.Cpu, Threads = 1, Data = "d" } },
        { "--set optimiser.rate.peak=1e-4", new() { Changes = [new("optimiser.rate.peak", "1e-4")] } },
        { "--set a=1 --set b.c=x=y", new() { Changes = [new("a", "1"), new("b.c", "x=y")] } },
    };

    [Theory]
    [MemberData(nameof(EveryTrainingOption))]
    public void Every_training_command_takes_every_training_option(string options, TrainOptions expected)
    {
        foreach (var name in new[] { "cifar10", "mnist" })
            Assert.Equal(new Command.Train(new RecipeSource.BuiltIn(name), expected), Accepted($"{name} {options}").Command);
    }

    public static TheoryData<string, string> EveryFault => new()
    {
        { "cifar10 --epochs 0", "--epochs: 0 is not a positive whole number" },
        { "cifar10 --epochs -1", "--epochs: -1 is not a positive whole number" },
        { "cifar10 --epochs 1.5", "--epochs: 1.5 is not a positive whole number" },
        { "cifar10 --epochs 1e3", "--epochs: 1e3 is not a positive whole number" },
        { "cifar10 --epochs 1,000", "--epochs: 1,000 is not a positive whole number" },
        { "cifar10 --epochs ten", "--epochs: ten is not a positive whole number" },
        { "cifar10 --epochs 2147483648", "--epochs: 2147483648 is more than 2147483647" },
        { "cifar10 --epochs", "--epochs: needs a value, N" },
        { "cifar10 --epochs=", "--epochs: needs a value, N" },
        { "cifar10 --epochs 1 --epochs 2", "--epochs: given more than once" },
        { "cifar10 --epochs --steps 3", "--epochs: --steps is not a positive whole number" },
        { "cifar10 --steps 0", "--steps: 0 is not a positive whole number" },
        { "cifar10 --steps 9223372036854775808", "--steps: 9223372036854775808 is more than 9223372036854775807" },
        { "cifar10 --batch 0", "--batch: 0 is not a positive whole number" },
        { "cifar10 --batch -128", "--batch: -128 is not a positive whole number" },
        { "cifar10 --seed -1", "--seed: -1 is not a whole number" },
        { "cifar10 --seed 0x10", "--seed: 0x10 is not a whole number" },
        { "cifar10 --seed 18446744073709551616", "--seed: 18446744073709551616 is more than 18446744073709551615" },
        { "cifar10 --threads 0", "--threads: 0 is not a positive whole number" },
        { "cifar10 --checkpoint-every 0", "--checkpoint-every: 0 is not a positive whole number" },
        { "cifar10 --device gpu", "--device: gpu is not one of auto, cpu, cuda, or cuda:N for GPU number N; did you mean cuda?" },
        { "cifar10 --device CUDA", "--device: CUDA is not one of auto, cpu, cuda, or cuda:N for GPU number N; did you mean cuda?" },
        { "cifar10 --device cuda:", "--device: cuda: is not one of auto, cpu, cuda, or cuda:N for GPU number N; did you mean cuda?" },
        { "cifar10 --device cuda:-1",
            "--device: cuda:-1 is not one of auto, cpu, cuda, or cuda:N for GPU number N" },
        { "cifar10 --device tpu:0",
            "--device: tpu:0 is not one of auto, cpu, cuda, or cuda:N for GPU number N; CUDA and the CPU are supported" },
        { "cifar10 --preset qick", "--preset: qick is not one of quick, paper; did you mean quick?" },
        { "cifar10 --preset huge", "--preset: huge is not one of quick, paper" },
        { "cifar10 --data", "--data: needs a value, DIR" },
        { "cifar10 --out", "--out: needs a value, DIR" },
        { "cifar10 --inception", "--inception: needs a value, FILE" },
        { "cifar10 --resume", "--resume: needs a value, RUN" },
        { "cifar10 --set", "--set: needs a value, PATH=VALUE" },
        { "cifar10 --set rate", "--set: rate is not a setting and its value, as in optimiser.rate.peak=1e-4" },
        { "cifar10 --set =3", "--set: =3 is not a setting and its value, as in optimiser.rate.peak=1e-4" },
        { "cifar10 --set rate=", "--set: rate= is not a setting and its value, as in optimiser.rate.peak=1e-4" },
        { "cifar10 --set a..b=1", "--set: a..b=1 is not a setting and its value, as in optimiser.rate.peak=1e-4" },
        { "cifar10 --no-download yes", "yes: cifar10 takes no such argument" },
        { "cifar10 --resume r --out o", "--out: cannot be changed in a resumed run; a new run: train r/recipe.json --out o" },
        { "cifar10 --resume r --preset quick", "--preset: cannot be changed in a resumed run" },
        { "cifar10 --resume r --batch 3", "--batch: cannot be changed in a resumed run; a new run: train r/recipe.json --batch 3" },
        { "cifar10 --resume r --seed 3", "--seed: cannot be changed in a resumed run; a new run: train r/recipe.json --seed 3" },
        { "train", "train: requires RECIPE, --resume or --from" },
        { "train minst", "minst is not a recipe.json or one of mnist, mnist-cfg, mnist-ddpm, fashion-mnist, fashion-mnist-cfg, cifar10, " +
            "cifar10-cfg, cifar10-ddpm, cifar100-cfg, svhn, cifar10-edm, cifar10-hybrid, mnist-classifier, cifar10-classifier, folder; " +
            "did you mean mnist?" },
        { "train runs/a", "runs/a is not a recipe.json or one of mnist, mnist-cfg, mnist-ddpm, fashion-mnist, fashion-mnist-cfg, " +
            "cifar10, cifar10-cfg, cifar10-ddpm, cifar100-cfg, svhn, cifar10-edm, cifar10-hybrid, mnist-classifier, cifar10-classifier, " +
            "folder" },
        { "train a.json --preset paper", "--preset: a recipe.json contains its own size" },
        { "bench quality --recipe mnist,length.batch", "--recipe: mnist,length.batch is not a recipe and changes, as in " +
            "mnist,optimiser.rate.peak=2e-3,length.batch=64" },
        { "recipes minst", "minst is not one of mnist, mnist-cfg, mnist-ddpm, fashion-mnist, fashion-mnist-cfg, cifar10, cifar10-cfg, " +
            "cifar10-ddpm, cifar100-cfg, svhn, cifar10-edm, cifar10-hybrid, mnist-classifier, cifar10-classifier, folder; " +
            "did you mean mnist?" },
        { "recipes --preset quick", "--preset: requires NAME" },
        { "recipes mnist --schema", "--schema: there is one schema for all recipes; omit NAME" },
        { "train a.json --resume r", "--resume: a resumed run has its own recipe; omit RECIPE" },
        { "train a.json b.json", "b.json: train takes no such argument" },
        { "cifar10 --quiet --verbose", "--quiet: cannot be combined with --verbose" },
        { "cifar10 --epoch 3", "--epoch: cifar10 has no such option; did you mean --epochs?" },
        { "cifar10 --epoch=3", "--epoch: cifar10 has no such option; did you mean --epochs?" },
        { "cifar10 --checkpoint 3", "--checkpoint: cifar10 has no such option; did you mean --checkpoint-every?" },
        { "cifar10 --jsn", "--jsn: cifar10 has no such option; did you mean --json?" },
        { "cifar10 --colour", "--colour: cifar10 has no such option" },
        { "cifar10 -e 3", "-e: cifar10 has no such option" },
        { "cifar10 mnist", "mnist: cifar10 takes no such argument" },
        { "cifar10 --json=3", "3: cifar10 takes no such argument" },
        { "--epochs 3 cifar10", "--epochs: belongs after cifar10" },
        { "info --steps 3", "--steps: info has no such option" },
        { "info a.pth b.pth", "b.pth: info takes no such argument" },
        { "fid --flot64 a b", "--flot64: fid has no such option; did you mean --float64?" },
        { "sample --colour run", "--colour: sample has no such option" },
        { "cifar", "cifar: no such command; did you mean cifar10?" },
        { "cifar100", "cifar100: no such command; did you mean cifar10?" },
        { "minst", "minst: no such command; did you mean mnist?" },
        { "palin --steps 3", "palin: no such command; did you mean plan?" },
        { "imagenet", "imagenet: no such command" },
        { "generate runs/a", "generate: no such command; did you mean sample?" },
        { "evaluate runs/a", "evaluate: no such command; did you mean fid?" },
        { "resume runs/a", "resume: no such command; did you mean train --resume RUN?" },
        { "inpaint runs/a", "inpaint: no such command; did you mean edit?" },
        { "avrage runs/a", "avrage: no such command; did you mean ema?" },
        { "cifar10 --lr 1e-4", "--lr: cifar10 has no such option; did you mean --set optimiser.rate.peak=1e-4?" },
        { "cifar10 --learning-rate 1e-4", "--learning-rate: cifar10 has no such option; did you mean --set optimiser.rate.peak=1e-4?" },
        { "cifar10 --no-downlod", "--no-downlod: cifar10 has no such option; did you mean --offline?" },
        { "sample a --n 4", "--n: sample has no such option; did you mean --count?" },
        { "sample a --num 4", "--num: sample has no such option; did you mean --count?" },
        { "sample a --guidance 1 --guidance-scale 2", "--guidance-scale: cannot be combined with --guidance" },
        { "imagenet --help", "imagenet: no such command" },
        { "--hepl", "--hepl: no such option; did you mean --help?" },
        { "--quiet", "no command; diffusion --help lists them" },
    };

    [Theory]
    [MemberData(nameof(EveryFault))]
    public void A_fault_is_one_line_that_names_the_word(string line, string reason) =>
        Assert.Equal(new ParsedLine.Refused(reason), Parse(line));

    [Theory]
    [InlineData("cifar10", Verbosity.Normal, ResultForm.Text)]
    [InlineData("cifar10 --quiet", Verbosity.Quiet, ResultForm.Text)]
    [InlineData("--quiet cifar10", Verbosity.Quiet, ResultForm.Text)]
    [InlineData("cifar10 --verbose", Verbosity.Verbose, ResultForm.Text)]
    [InlineData("cifar10 --json", Verbosity.Normal, ResultForm.Json)]
    [InlineData("--json info --quiet", Verbosity.Quiet, ResultForm.Json)]
    public void How_to_talk_is_said_before_or_after_the_command(string line, Verbosity verbosity, ResultForm form)
    {
        var accepted = Accepted(line);
        Assert.Equal((verbosity, form), (accepted.Verbosity, accepted.Form));
    }

    [Theory]
    [InlineData("sample a --guidance-scale 4.2", "sample a --guidance 3.2")]
    [InlineData("sample a --guidance-scale 0", "sample a --guidance -1")]
    [InlineData("sweep guidance a --guidance-scale 0,1,1.1", "sweep guidance a --guidance -1,0,0.1")]
    public void The_guidance_scale_is_one_more_than_w(string scale, string w) => Assert.Equal(Accepted(w).Command, Accepted(scale).Command);

    [Theory]
    [InlineData("")]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-?")]
    [InlineData("help")]
    [InlineData("cifar10 --help")]
    [InlineData("--help cifar10")]
    [InlineData("help cifar10")]
    [InlineData("cifar10 --epochs 0 --help")]
    [InlineData("cifar10 --epoch --help")]
    public void Help_can_be_asked_for_anywhere(string line) =>
        Assert.Equal(line.Contains("cifar10", StringComparison.Ordinal) ? "cifar10" : null,
            Assert.IsType<Command.Help>(Accepted(line).Command).Name);

    [Fact]
    public void The_version_is_a_line() =>
        Assert.Matches(@"^diffusion \d+\.\d+\.\d+$", Assert.IsType<Command.Print>(Accepted("--version").Command).Text);

    [Property]
    public void Any_words_are_accepted_or_refused_in_one_line(string[] words)
    {
        if (Parse(words.OfType<string>().ToArray()) is ParsedLine.Refused refused)
            Assert.NotEmpty(refused.Reason);
    }

    private static Command.Train Training(string line) => Assert.IsType<Command.Train>(Accepted(line).Command);

    private static ParsedLine.Accepted Accepted(string line) => Assert.IsType<ParsedLine.Accepted>(Parse(line));

    private static ParsedLine Parse(string line) => Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static ParsedLine Parse(string[] words) => CommandParser.Parse(words);
}
