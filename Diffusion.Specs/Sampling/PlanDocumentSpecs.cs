using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Noise;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

public sealed class PlanDocumentSpecs
{
    private static readonly NoiseSchedule Schedule = new NoiseSchedule.Cosine();

    private static readonly MixtureWorld World = MixtureWorld.Of(new Blob(1, [-0.7], 0.1), new Blob(3, [0.5], 0.2));

    [Fact]
    public void A_plan_comes_back_from_its_file_to_the_last_bit()
    {
        foreach (var entry in SamplerCatalogue.Entries)
        {
            var plan = PlanOf(entry.Sampler, 6);
            var document = PlanDocument.Of(plan, Origin);
            var read = PlanDocument.Parse(document.ToJson().ToJsonString());
            Assert.Equal(plan, read.Plan);
            Assert.Equal((PlanHash.Of(plan), Origin), (read.Hash, read.Found));
        }
        // What was printed before files had a hash is a plan too.
        Assert.Equal(PlanOf("ddim", 3), PlanDocument.Parse(UnionJson.Write(PlanOf("ddim", 3))).Plan);
    }

    [Theory]
    [InlineData("""{}""", "$ lacks the field \"name\"")]
    [InlineData("""[""", "the text cannot be read as JSON")]
    [InlineData("""{"name":"a","initialScale":1,"steps":[]}""", "at least one value")]
    [InlineData("""{"name":"a","initialScale":0,"steps":[STEP]}""", "InitialScale is 0; it must be finite and above 0")]
    [InlineData("""{"name":"a","initialScale":1e999,"steps":[STEP]}""", "$.initialScale is 1e999; it must be a finite number")]
    [InlineData("""{"name":"a\"\"\"","initialScale":1,"steps":[STEP]}""", "a name is 1 to 60 letters")]
    [InlineData("""{"name":"","initialScale":1,"steps":[STEP]}""", "a name is 1 to 60 letters")]
    [InlineData("""{"name":"a","initialScale":1,"steps":[STEP],"hash":"0a"}""", "$.hash is 0a, and that of the steps is")]
    [InlineData("""{"name":"a","initialScale":1,"steps":[STEP],"extra":1}""", "unknown field \"extra\"")]
    public void What_is_no_plan_is_refused_with_the_reason(string text, string reason) =>
        Assert.Contains(reason, RefusalOf(text.Replace("STEP", StepOf(Ask, Answer), StringComparison.Ordinal)), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"kind":"combine","into":"state","terms":[{"weight":1,"slot":"nowhere"}]}""",
        "reads the slot 'nowhere' before it is written")]
    [InlineData("""{"kind":"combine","into":"state","terms":[]}""", "at least one value")]
    [InlineData("""{"kind":"combine","into":"os.system","terms":[{"weight":1,"slot":"state"}]}""",
        "slots are letters, digits and underscores")]
    [InlineData("""{"kind":"denoise","into":"a","from":"state","level":{"time":0,"marginal":{"alpha":1,"sigma":0}}}""", "without noise")]
    [InlineData("""{"kind":"denoise","into":"a","from":"state","level":{"time":0,"marginal":{"alpha":1,"sigma":-1}}}""", "sigma is -1")]
    [InlineData("""{"kind":"denoise","into":"a","from":"state","level":{"time":-3,"marginal":{"alpha":1,"sigma":1}}}""",
        "Step 1 asks the network at time -3; times are 0 to 1,000,000")]
    [InlineData("""{"kind":"denoise","into":"a","from":"state","level":{"time":1e9,"marginal":{"alpha":1,"sigma":1}}}""", "times are 0 to")]
    [InlineData("""{"kind":"denoise","into":"a","from":"state","level":{"time":3,"marginal":{"alpha":1,"sigma":1e7}}}""",
        "alpha and sigma are at most 1,000,000")]
    [InlineData("""{"kind":"gradient","into":"a","from":"state","level":{"time":0,"marginal":{"alpha":1,"sigma":1}}}""",
        "asks a classifier")]
    [InlineData("""{"kind":"recall","into":"a"}""", "edits an image")]
    [InlineData("""{"kind":"run","into":"a"}""", "kind is \"run\"")]
    public void An_instruction_that_cannot_be_carried_out_is_refused(string instruction, string reason) => Assert.Contains(
        reason,
        RefusalOf(Whole(StepOf(Ask, instruction))), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"time":-1,"marginal":{"alpha":1,"sigma":0.5}}""", "Step 1 begins or ends at time -1; times are 0")]
    [InlineData("""{"time":-1,"marginal":{"alpha":0,"sigma":0}}""", "neither signal nor noise")]
    public void The_levels_of_a_step_are_levels_too(string level, string reason) => Assert.Contains(reason, RefusalOf(Whole(
        $$"""{"from":{{Level}},"to":{{level}},"instructions":[{{Ask}},{{Answer}}]}""")), StringComparison.Ordinal);

    [Fact]
    public void A_file_cannot_ask_for_more_than_any_sampler_needs()
    {
        string Of(int steps, int instructions) =>
            Whole(string.Join(',', Enumerable.Repeat(StepOf([.. Enumerable.Repeat(Ask, instructions)]), steps)));
        Assert.Contains("10001 steps; at most 10000", RefusalOf(Of(10_001, 1)), StringComparison.Ordinal);
        Assert.Contains("101 instructions; at most 100", RefusalOf(Of(1, 101)), StringComparison.Ordinal);
        Assert.Contains("It never asks the network", RefusalOf(Whole(StepOf())), StringComparison.Ordinal);
        RefusalOf(new string('[', 100_000));
        RefusalOf($$"""{"name":"a","initialScale":1,"steps":{{new string('[', 5000)}}{{new string(']', 5000)}}}""");
    }

    [Fact]
    public void A_plan_fits_the_schedule_that_it_was_made_over_and_no_other()
    {
        NoiseSchedule[] schedules = [Schedule, new NoiseSchedule.Linear(), new NoiseSchedule.Edm(), new NoiseSchedule.RectifiedFlow()];
        foreach (var own in schedules)
            foreach (var entry in SamplerCatalogue.Entries)
            {
                var choice = SamplerChoice.Of(entry.Sampler, own);
                var plan = new SamplerChange { Steps = 7 }.Of(choice, own).Plan(own);
                Assert.Null(PlanFit.MismatchOf(plan, own));
                Assert.All(schedules.Where(other => other != own), other => Assert.NotNull(PlanFit.MismatchOf(plan, other)));
            }
        var linear = SamplerCatalogue.Find("ddim")!.Sampler.Plan(new NoiseSchedule.Linear(), new TimestepSpacing.Trailing(4));
        Assert.Equal("step 1 asks at time 999 about sigma/alpha = 157.407, which is 20291.2 in the schedule",
            PlanFit.MismatchOf(linear, Schedule));
    }

    [Fact]
    public void Diffusers_gets_the_levels_of_a_plan()
    {
        var plan = SamplerCatalogue.Find("euler")!.Sampler.Plan(new NoiseSchedule.Linear(), new TimestepSpacing.Trailing(4));
        var json = PlanDiffusers.ToJson(plan);
        Assert.Equal("[999,749,499,249]", json["timesteps"]!.ToJsonString());
        Assert.Equal(
            plan.Steps.Select(step => step.From.Marginal.NoiseToSignal), json["sigmas"]!.AsArray().Select(sigma => (double)sigma!));
        Assert.Contains("no signal", Assert.Throws<ArgumentException>(() => PlanDiffusers.ToJson(
            SamplerCatalogue.Find("ddim")!.Sampler.Plan(new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear()),
                new TimestepSpacing.Trailing(3)))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, double[]> PythonResults => new()
    {
        // What golden/python/run.py printed: the scripts beside it, carried out by Python 3 and NumPy.
        { "unipc",
            [0.6294937187856, 0.6417335047285, 0.4878854293391, -0.6898541337913, -0.7210917411459,
                0.3090262994749, 0.5956519829055, 0.6560885306207] },
        { "euler-ancestral",
            [-0.2538991741878, 0.4136854766512, 0.4728096907913, 0.5158997128304, 0.5366234143672,
                -0.7367893438722, 0.5061752013136, 0.4910458106662] },
        { "ddim-thresholded",
            [0.5785054864123, 0.5880105231828, 0.4547977023131, -0.4466878200695, -0.6088744753079,
                0.2262496534159, 0.5517309710899, 0.5990614571358] },
    };

    [Theory]
    [MemberData(nameof(PythonResults))]
    public void The_script_for_Python_gives_the_same_trajectory(string name, double[] printed)
    {
        var plan = name switch
        {
            "unipc" => PlanOf("unipc", 6),
            "euler-ancestral" => PlanOf("euler-ancestral", 5),
            _ => PlanOf(SamplerCatalogue.Find("ddim")!.Sampler with { Clipping = new Clipping.Dynamic(new(0.9, 2)) }, 4),
        };
        // The script is the one that was run.
        Golden.Project.Text(PlanPython.Print(plan), $"python/{name}");
        var sampled = new Interpreter<double[]>(World.Space, World, new Waves()).Run(plan);
        Assert.Equal(printed.Length, sampled.Length);
        Assert.All(printed.Zip(sampled), pair => Assert.Equal(pair.First, pair.Second, 1e-10));
    }

    [Fact]
    public void No_name_of_a_slot_is_a_word_of_the_script()
    {
        var noise = new Slot("noise");
        var level = Schedule.LevelAt(500);
        var step = new SamplerStep(level, NoiseLevel.Clean,
        [
            new Instruction.Denoise(noise, Slot.State, level), new Instruction.Denoise(new("noise_"), Slot.State, level),
            new Instruction.Denoise(new("lambda"), Slot.State, level), new Instruction.Combine(Slot.State, [new(1, noise)]),
        ]);
        var script = PlanPython.Print(new("own", 1, [step]));
        Assert.All(["    noise_ = denoise(state", "    noise__ = denoise(state", "    lambda_ = denoise(state", "state = 1 * noise_\n"],
            line => Assert.Contains(line, script, StringComparison.Ordinal));
    }

    private static PlanOrigin Origin { get; } = new("digits, step 1", "00ff", "unipc trailing 6", "unipc 100", "0a")
    {
        Seed = ulong.MaxValue, Count = 64, Trials = 9, Freedom = "levels", Guidance = "none",
        Before = 0.25, After = 0.125, UnseenBefore = 0.5,
        UnseenAfter = 0.0625,
    };

    private const string Level = """{"time":5,"marginal":{"alpha":0.6,"sigma":0.8}}""";

    private const string Ask = $$"""{"kind":"denoise","into":"denoised","from":"state","level":{{Level}}}""";

    private const string Answer = """{"kind":"combine","into":"state","terms":[{"weight":1,"slot":"denoised"}]}""";

    private static string Whole(string steps) => $$"""{"name":"a","initialScale":1,"steps":[{{steps}}]}""";

    private static string StepOf(params string[] instructions) =>
        $$"""{"from":{{Level}},"to":{{Level}},"instructions":[{{string.Join(',', instructions)}}]}""";

    private static string RefusalOf(string text) => Assert.ThrowsAny<JsonException>(() => PlanDocument.Parse(text)).Message;

    private static SamplerPlan PlanOf(string name, int steps) => PlanOf(SamplerCatalogue.Find(name)!.Sampler, steps);

    private static SamplerPlan PlanOf(Sampler sampler, int steps) => sampler.Plan(Schedule, new TimestepSpacing.Trailing(steps));

    /// <summary>Numbers that any language can compute, in place of noise.</summary>
    private sealed record Waves : INoiseSource<double[]>
    {
        public double[] Draw(int number) => [.. Enumerable.Range(1, 8).Select(place => 1.5 * Sin((number + 1) * place))];
    }
}
