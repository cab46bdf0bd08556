using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Devices;
using Diffusion.Host.Diagnostics;
using Diffusion.Host.GpuChecks;
using Diffusion.Host.Training;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using Diffusion.Specs.Host;
using Diffusion.Specs.Runtime;
using TorchSharp;

namespace Diffusion.Specs.GpuChecks;

/// <summary>The check of a GPU: parts within a time, each with results of its own, whatever becomes of the others.</summary>
[Collection(Alone.Name)]
public sealed class GpuCheckSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    private GpuCheckOptions Asked(double minutes, params string[] parts) => new(
        System.IO.Path.Combine(_place.Path, "results"), TimeSpan.FromMinutes(minutes), DeviceChoice.Cpu)
    {
        IsOffline = true,
        Only = parts.ToSequence(),
    };

    private (ExitCode Code, string Said) Run(GpuCheckOptions options, IPartRunner runner, string? noPython = "there is no python3")
    {
        var said = new StringWriter { NewLine = "\n" };
        var code = new Command.GpuCheck(options) { Runner = runner, FindPython = _ => noPython }
            .Run(new(new(TextWriter.Null, said, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None));
        return (code, said.ToString());
    }

    private string Summary => File.ReadAllText(_place["results/summary.md"]);

    [Fact]
    public void Without_a_gpu_it_says_so_in_a_line_and_nothing_is_made()
    {
        if (torch.cuda.is_available())
            return;
        var error = new StringWriter();
        var code = CommandLineApp.Run(["gpu-check", "--out", Path.Combine(_place.Path, "results")],
            new(TextWriter.Null, error, Display.Plain), CancellationToken.None);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Matches(@"^error: gpu-check: found no CUDA device.*; expected .*libtorch with CUDA .*; --device cpu rehearses .*\n$",
            error.ToString().ReplaceLineEndings("\n"));
        Assert.False(Directory.Exists(Path.Combine(_place.Path, "results")));
    }

    [Fact]
    public void Training_samples_distances_figures_and_report_are_made_on_a_cpu_and_shown_on_one_page()
    {
        OfficialFiles.Write(Dataset.Cifar10, Path.GetDirectoryName(_place["data/any"])!, 40, 20);
        var options = Asked(1, "train", "samples", "distances", "grid", "strip", "curves", "report") with { Data = _place["data"] };
        var (code, said) = Run(options, new InProcess());
        Assert.True(code == ExitCode.Success, said);
        foreach (var file in (string[])["samples.npz", "distances.csv", "grid.png", "strip.png", "curves.png", "report.html", "train.json"])
            Assert.True(File.Exists(_place[$"results/{file}"]), file);
        Assert.Contains("A rehearsal on the CPU", Summary, StringComparison.Ordinal);
        Assert.Contains("| fd_cifarnet |", Summary, StringComparison.Ordinal);
        Assert.Contains("![Samples](grid.png)", Summary, StringComparison.Ordinal);
        Assert.All(options.Only, part => Assert.Matches($@"\| {part} \| .* \| done \|", Summary));
    }

    [Fact]
    public void A_part_that_fails_or_cannot_be_started_is_reported_and_the_others_go_on()
    {
        var runner = new Scripted(part => part switch
        {
            "probe" => new(1, "error: out of memory", false),
            "agreement" => throw new IOException("no such program"),
            "bench-sample" => new(130, "step 3", true),
            _ => new(0, "", false),
        });
        var (code, _) = Run(Asked(2), runner);
        Assert.Equal(ExitCode.Failure, code);
        Assert.Matches(@"\| probe \| .* \| failed \| .* \| error: out of memory \|", Summary);
        Assert.Matches(@"\| agreement \| .* \| failed \| .* \| no such program \|", Summary);
        Assert.Matches(@"\| bench-sample \| .* \| stopped \| .* \| not done after .*: step 3 \|", Summary);
        Assert.Matches(@"\| pytorch-float32 \| .* \| skipped \| .* \| there is no python3 \|", Summary);
        Assert.Matches(@"\| bench-train-2 \| .* \| done \|", Summary);
    }

    [Fact]
    public void A_second_call_does_what_is_missing_and_nothing_else()
    {
        var first = new Scripted(part => new(part == "agreement" ? 1 : 0, "failed", false));
        Run(Asked(2, "probe", "agreement", "bench-sample"), first);
        Assert.Equal(["probe", "agreement", "bench-sample"], first.Begun);
        var second = new Scripted(_ => new(0, "", false));
        Assert.Equal(ExitCode.Success, Run(Asked(2, "probe", "agreement", "bench-sample"), second).Code);
        Assert.Equal(["agreement"], second.Begun);
        Assert.Matches(@"\| agreement \| .* \| done \|", Summary);
    }

    [Fact]
    public void What_a_killed_call_had_finished_is_on_disk()
    {
        Assert.Throws<InvalidOperationException>(() => Run(Asked(2, "probe", "agreement"),
            new Scripted(part => part == "probe" ? new(0, "", false) : throw new InvalidOperationException("killed"))));
        Assert.Matches(@"\| probe \| .* \| done \|", Summary);
        var again = new Scripted(_ => new(0, "", false));
        Run(Asked(2, "probe", "agreement"), again);
        Assert.Equal(["agreement"], again.Begun);
    }

    [Fact]
    public void Parts_that_need_a_model_are_skipped_where_none_was_trained()
    {
        Run(Asked(2, "train", "samples"), new Scripted(_ => new(1, "error: no data", false)));
        Assert.Matches(@"\| samples \| .* \| skipped \| .* \| \S+ holds no trained model \|", Summary);
    }

    [Fact]
    public void The_time_is_divided_among_the_parts_that_run()
    {
        var plan = new GpuPlan(new GpuCheckOptions(_place["gpu"], TimeSpan.FromMinutes(25), DeviceChoice.Cuda));
        GpuCheckRun Of(string? noPython) => new(plan, new(_place["gpu"]), new Scripted(_ => new(0, "", false))) { NoPython = noPython };
        double MinutesOf(GpuCheckRun run, string name) => run.Budget.Single(part => part.Part.Name == name).Time.TotalMinutes;
        Assert.Equal(25, Of(null).Budget.Sum(part => part.Time.TotalMinutes), 6);
        Assert.Equal(25, Of("none").Budget.Where(part => part.Part.Program == PartProgram.Own).Sum(part => part.Time.TotalMinutes), 6);
        Assert.InRange(MinutesOf(Of(null), "train"), 9, 11);
        Assert.InRange(MinutesOf(Of("none"), "train"), 11.5, 13);
    }

    [Fact]
    public void The_training_has_the_time_that_earlier_parts_left_and_later_ones_do_not_need()
    {
        var folder = GpuFolder.Open(_place["gpu"], "cuda");
        var runner = new Scripted(_ => new(0, "", false));
        new GpuCheckRun(new(new GpuCheckOptions(_place["gpu"], TimeSpan.FromMinutes(25), DeviceChoice.Cuda)), folder, runner)
        {
            NoPython = null,
        }.Work(new(new(TextWriter.Null, TextWriter.Null, Display.Plain), Verbosity.Normal, ResultForm.Text, CancellationToken.None));
        var minutes = runner.Words["train"].SkipWhile(word => word != "--minutes").ElementAt(1);
        Assert.InRange(double.Parse(minutes, System.Globalization.CultureInfo.InvariantCulture), 18, 20);
    }

    [UnixFact]
    public void A_part_in_a_process_says_how_it_ended_and_whether_it_was_late()
    {
        var files = new PartFiles(_place["part.json"], _place["part.log"]);
        var end = new PartProcess().Run(PartProgram.Own, ["--quiet", "no-such-command"], files, TimeSpan.FromMinutes(1),
            CancellationToken.None);
        Assert.Equal((1, false), (end.Code, end.IsLate));
        Assert.Contains("no-such-command", end.LastLine, StringComparison.Ordinal);
        Assert.Contains("no-such-command", File.ReadAllText(files.Log), StringComparison.Ordinal);
        // Its input ends, and so does it.
        Assert.True(new PartProcess().Run(
            PartProgram.Own, ["bench", "busy", "--neighbour"], files, TimeSpan.Zero, CancellationToken.None).IsLate);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("cuda")]
    public void Every_part_of_this_program_is_a_command_line_that_is_understood(string device)
    {
        var plan = new GpuPlan(new GpuCheckOptions("results", TimeSpan.FromMinutes(25), DeviceChoice.Parse(device)!.Value));
        Assert.Equal(plan.Parts.Count, plan.Parts.Select(part => part.Name).Distinct().Count());
        Assert.All(plan.Parts.Where(part => part.Program == PartProgram.Own), part => Assert.IsType<ParsedLine.Accepted>(
            CommandParser.Parse([.. part.Words.Select(word => word == GpuPart.TimePlace ? "9.5" : word)])));
        Assert.Equal(device == "cuda", plan.Parts.Any(part => part.Words.Contains(GpuPart.TimePlace)));
    }

    [Fact]
    public void A_gpu_trains_the_quick_recipe_on_the_network_of_the_paper()
    {
        var plan = new GpuPlan(new GpuCheckOptions("results", TimeSpan.FromMinutes(25), DeviceChoice.Cuda) { IsOffline = true });
        var words = plan.Parts.Single(part => part.Trains is not null).Words.Where(word => word is not ("--minutes" or GpuPart.TimePlace));
        var train = Assert.IsType<Command.Train>(Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse([.. words])).Command);
        var recipe = RunSetup.NewRecipe(train.Recipe, train.Options, new(torch.CPU, 1));
        Assert.Equal(GpuRecipe.Recipe, recipe);
        Assert.Equal(UNetShape.Paper with { Labels = recipe.Network.Labels }, recipe.Network);
        Assert.IsType<Prediction.Flow>(recipe.Prediction);
    }

    [Fact]
    public void The_program_carries_the_script_of_the_repository()
    {
        PyTorchScript.Write(_place.Path);
        Assert.Equal(File.ReadAllText(Path.Combine(Repository.Root, "docs", "bench", "pytorch_unet.py")),
            File.ReadAllText(_place[PyTorchScript.FileName]));
    }

    [Fact]
    public void Numbers_of_benchmarks_stand_beside_those_of_pytorch()
    {
        var runner = new Scripted(_ => new(0, "", false))
        {
            Answers =
            {
                ["bench-train-2"] = """
                    {"machine":"cuda, a card","results":[{"name":"quick 2 bfloat16 pace","value":300.0,"unit":"images/s"},
                    {"name":"quick 2 bfloat16 channels last pace","value":450.5,"unit":"images/s"},
                    {"name":"quick 2 bfloat16 channels last step","value":4.4,"unit":"ms"}]}
                    """.ReplaceLineEndings(""),
                ["pytorch-bfloat16"] = """{"batch":2,"precision":"bfloat16","compiled":false,"images_per_second":225.25}""",
            },
        };
        Run(Asked(2, "bench-train-2", "pytorch-bfloat16"), runner, noPython: null);
        Assert.Contains("Machine: cuda, a card.", Summary, StringComparison.Ordinal);
        Assert.Contains("| 2 | bfloat16 channels last | 450.5 | 4.4 |", Summary, StringComparison.Ordinal);
        Assert.Contains("| 2 | bfloat16 | eager | 225.3 | 450.5 | 2 |", Summary, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_with_other_files_and_a_check_of_another_device_are_refused()
    {
        File.WriteAllText(_place["results/notes.txt"], "mine");
        Assert.Contains("a folder that holds other files", Assert.ThrowsAny<IOException>(() => Run(Asked(1), new InProcess())).Message,
            StringComparison.Ordinal);
        GpuFolder.Open(_place["gpu/x"], "cuda");
        Assert.Contains("found a check of cuda", Assert.ThrowsAny<IOException>(() => GpuFolder.Open(_place["gpu/x"], "cpu")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Results_of_a_device_agree_with_themselves_and_a_wrong_one_is_seen()
    {
        Assert.All(Agreement.All, agreement => Assert.InRange(agreement.On(torch.CPU), 0, agreement.Tolerance));
        Assert.All(Agreement.All.Where(agreement => agreement.Expected is null && !agreement.Name.Contains("Inception")), agreement =>
        {
            var wrong = agreement with { Expected = device => agreement.Compute(device).mul_(Number.Of(1.001)) };
            Assert.True(wrong.On(torch.CPU) > agreement.Tolerance, agreement.Name);
        });
    }

    // As the program does in a process of its own.
    private sealed class InProcess : IPartRunner
    {
        public PartEnd Run(PartProgram program, Sequence<string> words, PartFiles files, TimeSpan limit, CancellationToken stopping)
        {
            var (output, error) = (new StringWriter(), new StringWriter());
            var code = CommandLineApp.Run([.. words, .. words[0] is "train" or "fid" or "sample" ? (string[])["--threads", "1"] : []],
                new(output, error, Display.Plain), stopping);
            File.WriteAllText(files.Result, output.ToString());
            return new((int)code, error.ToString().TrimEnd().Split('\n')[^1], false);
        }
    }

    private sealed class Scripted(Func<string, PartEnd> end) : IPartRunner
    {
        public List<string> Begun { get; } = [];

        public Dictionary<string, Sequence<string>> Words { get; } = [];

        public Dictionary<string, string> Answers { get; } = [];

        public PartEnd Run(PartProgram program, Sequence<string> words, PartFiles files, TimeSpan limit, CancellationToken stopping)
        {
            var part = Path.GetFileNameWithoutExtension(files.Result);
            Begun.Add(part);
            Words[part] = words;
            if (Answers.TryGetValue(part, out var answer))
                File.WriteAllText(files.Result, answer);
            return end(part);
        }
    }
}
