using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Host.Samplers;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Data;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

/// <summary>Plans in files, from the command that writes them to every command that samples.</summary>
public sealed class PlanFileVerbSpecs : IDisposable
{
    private static readonly NoiseSchedule Schedule = Small.Recipe.Schedule;

    private readonly TemporaryFolder _place = new();

    public PlanFileVerbSpecs()
    {
        using var images = Small.Images();
        using var run = new TrainingRun(Small.Labelled with { Data = Small.Recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        run.Advance();
        new CheckpointStore(_place["run/checkpoint"]).Save(run);
    }

    public void Dispose() => _place.Dispose();

    private static SamplerPlan UniPc { get; } = SamplerCatalogue.Find("unipc")!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(3));

    [Fact]
    public void A_plan_is_printed_with_its_hash_and_written_to_a_file_that_is_read_again()
    {
        var printed = JsonNode.Parse(Succeeds("plan", "--sampler", "ddim", "--steps", "4", "--json"))!;
        var plan = PlanDocument.Parse(printed.ToJsonString());
        Assert.Equal(PlanHash.Of(plan.Plan), (string?)printed["hash"]);
        var answer = JsonNode.Parse(Succeeds("plan", "--sampler", "ddim", "--steps", "4", "-o", _place["four.json"], "--json"))!;
        Assert.Equal((plan.Hash, 4), ((string?)answer["hash"], (int)answer["nfe"]!));
        Assert.Equal(plan.Plan, PlanPlace.Read(_place["four.json"]).Plan);
        Assert.Equal(printed.ToJsonString(),
            JsonNode.Parse(Succeeds("plan", "--plan", _place["four.json"], "--to", "json"))!.ToJsonString());
        Assert.Equal(PlanPython.Print(plan.Plan).Trim(), Succeeds("plan", "--plan", _place["four.json"], "--to", "python").Trim());
        Succeeds("plan", "--steps", "4", "--to", "python", "-o", _place["four.py"]);
        Assert.Equal(PlanPython.Print(plan.Plan), File.ReadAllText(_place["four.py"]));
        Assert.Equal("[999,749,499,249]", JsonNode.Parse(
            Succeeds("plan", "--steps", "4", "--spacing", "trailing", "--to", "diffusers"))!["timesteps"]!.ToJsonString());
        Assert.Contains("a plan of another schedule: step 1 asks at time",
            Fails("plan", "--plan", _place["four.json"], "--schedule", "cosine"));
        Succeeds("plan", "--plan", _place["four.json"], "--schedule", "linear");
    }

    [Fact]
    public void Samples_of_a_plan_in_a_file_are_those_of_its_sampler_and_their_sheet_draws_them_again()
    {
        PlanPlace.Write(_place["mine.json"], PlanDocument.Of(UniPc with { Name = "mine" }));
        string[] count = ["--count", "3"];
        Sample(["--sampler", "unipc", "--steps", "3", .. count], "named.png");
        var answer = JsonNode.Parse(Sample(["--plan", _place["mine.json"], "--json", .. count], "given.png"))!;
        Assert.Equal(Sheet("named.png").Rgb, Sheet("given.png").Rgb);
        Assert.Equal(("mine 3", PlanHash.Of(UniPc with { Name = "mine" })), ((string?)answer["sampler"], (string?)answer["plan"]));
        // The sheet holds the plan, not the place of a file.
        File.Delete(_place["mine.json"]);
        var (request, notes) = RequestFile.Read(_place["given.png"]);
        Assert.Equal(new PlanChoice.Given(UniPc with { Name = "mine" }), request.Plan);
        Assert.Contains(notes, note => note.Keyword == "plan" && note.Text == (string?)answer["plan"]);
        Sample(["--request", _place["given.png"]], "again.png");
        Assert.Equal(Sheet("given.png").Rgb, Sheet("again.png").Rgb);
        // Another sampler takes the plan's place, and a setting has none to change.
        Sample(["--request", _place["given.png"], "--sampler", "unipc", "--steps", "3"], "other.png");
        Assert.Equal(Sheet("given.png").Rgb, Sheet("other.png").Rgb);
        Assert.Contains("plan: found a plan and settings of a sampler",
            Fails("sample", _place["run"], "--request", _place["given.png"], "--steps", "5", "-o", _place["none.png"]));
    }

    [Fact]
    public void A_run_has_plans_of_its_own_by_name_and_by_number_of_calls()
    {
        Assert.Contains("expected a .json file: the model has no plans of its own",
            Fails("sample", _place["run"], "--plan", "3", "-o", _place["a.png"]));
        Directory.CreateDirectory(_place["run/plans"]);
        PlanPlace.Write(_place["run/plans/few.json"], PlanDocument.Of(UniPc));
        foreach (var (word, file) in (ReadOnlySpan<(string, string)>)[("3", "number.png"), ("few", "name.png")])
            Sample(["--plan", word, "--count", "2"], file);
        Assert.Equal(Sheet("number.png").Rgb, Sheet("name.png").Rgb);
        Assert.Contains("plan: found 4; expected a .json file, or one of the model's plans, few",
            Fails("sample", _place["run"], "--plan", "4", "-o", _place["a.png"]));
        Succeeds("vary", _place["run"], "plan", "3", "few", "--count", "2", "-o", _place["vary.png"], "--device", "cpu");
        Assert.Equal(2, JsonNode.Parse(Note("vary.png", "request"))!.AsArray().Count(row => (string?)row!["plan"]!["kind"] == "given"));
        Succeeds("interpolate", _place["run"], "--plan", "3", "-o", _place["between.png"], "--device", "cpu");
    }

    [Fact]
    public void What_cannot_be_sampled_by_is_refused_in_one_line_and_nothing_is_written()
    {
        PlanPlace.Write(_place["cosine.json"], PlanDocument.Of(
            SamplerCatalogue.Find("ddim")!.Sampler.Plan(new NoiseSchedule.Cosine(), new TimestepSpacing.Trailing(3))));
        PlanPlace.Write(_place["learned.json"], PlanDocument.Of(
            SamplerCatalogue.Find("ddpm-learned")!.Sampler.Plan(Schedule, new TimestepSpacing.Trailing(3))));
        File.WriteAllText(
            _place["changed.json"], PlanPlace.TextOf(PlanDocument.Of(UniPc)).Replace("\"initialScale\": 1", "\"initialScale\": 2"));
        File.WriteAllText(_place["none.json"], "{}");
        File.WriteAllText(_place["named.json"], PlanPlace.TextOf(PlanDocument.Of(UniPc with { Name = "a" })).Replace("\"a\"", "\"a|b\""));
        foreach (var (file, reason) in (ReadOnlySpan<(string, string)>)[
            ("cosine", "a plan of another schedule"), ("learned", "a plan that takes its variance from the network"),
            ("changed", "hash is"), ("none", "found no plan: the plan lacks the field \"name\", a text; expected"),
            ("named", "found a plan that cannot be used: Its name is 'a|b'; a name is 1 to 60 letters"),
            ("missing", "no such file or folder")])
        {
            var line = Fails("sample", _place["run"], "--plan", _place[$"{file}.json"], "-o", _place["out.png"], "--device", "cpu");
            Assert.Contains(reason, line);
            Assert.Contains($"{file}.json", line);
        }
        Assert.False(File.Exists(_place["out.png"]));
        Assert.Equal("error: --steps: cannot be combined with --plan", Fails("sample", _place["run"], "--plan", "a.json", "--steps", "3"));
    }

    private string Sample(string[] options, string file) =>
        Succeeds(["sample", _place["run"], "-o", _place[file], "--device", "cpu", "--threads", "1", .. options]);

    private RgbImage Sheet(string file) => ImageDecoder.Decode(file, File.ReadAllBytes(_place[file]));

    private string Note(string file, string keyword) =>
        ImageNotes.Read(File.ReadAllBytes(_place[file]))!.Notes.Last(note => note.Keyword == keyword).Text;

    private static string Succeeds(params string[] words)
    {
        var (code, output, error) = Call(words);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private static string Fails(params string[] words)
    {
        var (code, output, error) = Call(words);
        Assert.True(code != ExitCode.Success, output);
        return error.TrimEnd().Split('\n')[^1];
    }

    private static (ExitCode Code, string Output, string Error) Call(string[] words)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        return (CommandLineApp.Run(words, new(output, error, Display.Plain), CancellationToken.None), output.ToString(), error.ToString());
    }
}
