using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Host;

public sealed class PlanVerbSpecs
{
    private static readonly string Samplers = string.Join(", ", SamplerCatalogue.Entries.Select(entry => entry.Name));

    private static readonly NoiseSchedule Linear = new NoiseSchedule.Linear();
    private static readonly Clipping Clip = new Clipping.Clip();
    private static readonly Clipping Unlimited = new Clipping.None();

    public static TheoryData<string, SamplerPlan> EveryChoice => new()
    {
        { "--sampler ddim --steps 10", new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Leading(10)) },
        { "--steps 10", new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Leading(10)) },
        { "--steps 10 --eta 0.5", new Sampler.Ddim(0.5, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Leading(10)) },
        { "--steps 10 --limit none",
            new Sampler.Ddim(0, Unlimited, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Leading(10)) },
        { "--steps 10 --grid trailing",
            new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Trailing(10)) },
        { "--spacing ddim10", new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.WholeStride(10)) },
        { "--spacing 5,3,2", new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(Linear, new TimestepSpacing.Sections([5, 3, 2])) },
        { "--sampler ddpm", new Sampler.Ancestral(new Variance.Large(), Clip).Plan(Linear, new TimestepSpacing.All()) },
        { "--sampler ddpm-small", new Sampler.Ancestral(new Variance.Small(), Clip).Plan(Linear, new TimestepSpacing.All()) },
        { "--sampler heun --steps 8 --schedule cosine",
            new Sampler.Heun(Unlimited).Plan(new NoiseSchedule.Cosine(), new TimestepSpacing.Karras(8)) },
        { "--sampler lms --steps 8 --order 2", new Sampler.Lms(2, Unlimited).Plan(Linear, new TimestepSpacing.Trailing(8)) },
        { "--sampler heun --steps 8 --grid trailing --limit clip", new Sampler.Heun(Clip).Plan(Linear, new TimestepSpacing.Trailing(8)) },
        { "--sampler edm --steps 18 --schedule edm --churn 0",
            Sampler.Edm.Of(new(0, 0.01, 1, 1.007)).Plan(new NoiseSchedule.Edm(), new TimestepSpacing.Karras(18)) },
        { "--sampler edm --steps 18 --schedule edm --churn 40",
            Sampler.Edm.Of(new(40, 0.01, 1, 1.007)).Plan(new NoiseSchedule.Edm(), new TimestepSpacing.Karras(18)) },
    };

    public static TheoryData<string, string> EveryFault => new()
    {
        { "--sampler dim", $"--sampler: dim is not one of {Samplers}; did you mean ddim?" },
        { "--sampler plms", $"--sampler: plms is not one of {Samplers}; multistep samplers here are lms, dpm++2m and unipc" },
        { "--sampler huen", $"--sampler: huen is not one of {Samplers}; did you mean heun?" },
        { "--eta -1", "--eta: -1 is not a number from 0 to 1" },
        { "--eta 1.01", "--eta: 1.01 is not a number from 0 to 1" },
        { "--eta NaN", "--eta: NaN is not a number from 0 to 1" },
        { "--eta 0,5", "--eta: 0,5 is not a number from 0 to 1" },
        { "--churn -1", "--churn: -1 is not a number from 0 to 1000000" },
        { "--sampler heun --eta 1", "--eta: heun has no such setting; samplers that have it: ddim, euler-ancestral" },
        { "--order 2", "--order: ddim has no such setting; samplers that have it: lms, dpm2m, dpm3m, dpm2s, dpm3s, dpm++2m, dpm++3m, "
            + "dpm++2s, dpm++3s, sde-dpm++2m, unipc, unipc3" },
        { "--sampler edm --eta 1", "--eta: edm has no such setting; samplers that have it: ddim, euler-ancestral" },
        { "--sampler lms --order 9", "--order: Order is 9; it must be in [1, 4]" },
        { "--schedule cosin", "--schedule: cosin is not one of linear, cosine, quadratic, sigmoid, sigmoid-signal, constant, " +
            "warm-up, harmonic, zero-snr, vp, ve, edm, flow, JSON such as {\"kind\":\"cosine\"}, or a .json file; did you mean cosine?" },
        { "--schedule {\"kind\":\"consine\"}", "--schedule: kind is \"consine\"; it must be one of \"constant\", \"cosine\", \"edm\", " +
            "\"flow\", \"harmonic\", \"linear\", \"quadratic\", \"sigmoid\", \"sigmoid-signal\", \"ve\", \"vp\", \"warm-up\", " +
            "\"zero-snr\", \"explicitAlphaBars\", \"explicitBetas\", \"rectifiedFlow\", \"respaced\", " +
            "\"sigmoidBeta\", \"sigmoidSignal\", \"varianceExploding\", \"variancePreserving\", \"warmUp\", " +
            "\"zeroTerminalSnr\"; did you mean cosine?" },
        { "--schedule {\"kind\":\"cosine\",\"count\":0}", "--schedule: count is 0; it must be at least 1" },
        { "--schedule {\"kind\":\"cosine\",\"count\":5} --steps 6", "plan: 6 steps do not fit a schedule of 5 levels" },
        { "--steps 0", "--steps: 0 is not a positive whole number" },
        { "--steps 1001", "plan: 1001 steps do not fit a schedule of 1000 levels" },
        { "--spacing ddim", "--spacing: ddim is not one of leading, trailing, linspace, uniform, quadratic, karras, logsnr, or a " +
            "list such as 50, ddim50 or 10,15,20" },
        { "--spacing ddim501", "plan: No whole stride visits 501 of 1000 levels" },
        { "--spacing 10 --steps 10", "--steps: cannot be combined with a --spacing that lists the steps" },
        { "--grid karras", "--grid: requires --steps" },
        { "--sampler euler --steps 3 --schedule zero-snr",
            "plan: The level at time 999 has no signal; its sigma would be infinite. Begin at a later level" },
    };

    [Theory]
    [MemberData(nameof(EveryChoice))]
    public void A_plan_is_that_of_the_sampler_and_the_levels_asked_for(string options, SamplerPlan plan) =>
        Assert.Equal(new Command.Plan(plan), Accepted(options));

    [Theory]
    [MemberData(nameof(EveryFault))]
    public void A_fault_is_one_line_that_names_the_option(string options, string reason) =>
        Assert.Equal(new ParsedLine.Refused(reason), Parse(options));

    [Fact]
    public void A_schedule_may_be_written_out_or_be_in_a_file()
    {
        var expected = new Sampler.Ddim(0, Clip, NoiseDirection.Rederived).Plan(new NoiseSchedule.Cosine(50), new TimestepSpacing.All());
        Assert.Equal(new Command.Plan(expected), Accepted("""--schedule {"kind":"cosine","count":50}"""));
        using var folder = new Data.TemporaryFolder();
        var file = Path.Combine(folder.Path, "own.json");
        File.WriteAllText(file, """{ "kind": "cosine", "count": 50, /* fewer */ }""");
        Assert.Equal(PlanText.Print(expected), Printed(file).Split("\nplan ")[0]);
        File.WriteAllText(file, RecipeText.Write(BuiltInRecipes.Find("mnist")!.Quick with { Schedule = new NoiseSchedule.Cosine(50) }));
        Assert.Equal(PlanText.Print(expected), Printed(file).Split("\nplan ")[0]);
        File.WriteAllText(file, """{ "kind": "cosine", "count": 0 }""");
        Assert.Equal($"error: {file}: count is 0; it must be at least 1", Printed(file));
        Assert.StartsWith("error: none.json: no file that can be read; expected a noise schedule", Printed("none.json"));
        File.WriteAllText(file, """{ "kind": "cosine", "count": 5 }""");
        Assert.Equal($"error: {file}: 6 steps do not fit a schedule of 5 levels", Printed(file, "--steps", "6"));
    }

    private static string Printed(string file, params string[] more)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        CommandLineApp.Run(["plan", "--schedule", file, .. more], new(output, error, Display.Plain), CancellationToken.None);
        return $"{output}{error}".Trim();
    }

    [Fact]
    public void Every_sampler_plans_over_every_schedule_of_whole_levels_that_leaves_some_signal()
    {
        foreach (var (word, schedule) in NoiseChoice.Schedules.Where(choice => choice.Schedule is NoiseSchedule.Discrete discrete
            && discrete.AlphaBars[^1] > 0))
            foreach (var sampler in SamplerCatalogue.Entries)
                Assert.Equal(6, Accepted($"--sampler {sampler.Name} --schedule {word} --steps 6").Steps.Steps.Count);
    }

    [Fact]
    public void Every_sampler_plans_over_every_schedule_without_levels()
    {
        foreach (var (word, _) in NoiseChoice.Schedules.Where(choice => choice.Schedule is not NoiseSchedule.Discrete))
            foreach (var sampler in SamplerCatalogue.Entries)
                // A solver that cannot reach clean data ends at the last level, with one step less.
                Assert.InRange(Accepted($"--sampler {sampler.Name} --schedule {word} --steps 6").Steps.Steps.Count, 5, 6);
    }

    [Fact]
    public void Every_grid_visits_as_many_levels_as_asked_for()
    {
        foreach (var (word, _) in NoiseChoice.Spacings)
            Assert.Equal(20, Accepted($"--grid {word} --steps 20").Steps.Steps.Count);
    }

    [Fact]
    public void A_plan_prints_as_text() => Golden.Project.Text(Output("--sampler ddim --steps 4", ResultForm.Text), "Plan.Ddim4");

    [Fact]
    public void A_plan_for_a_script_is_the_plan_itself()
    {
        var document = PlanDocument.Parse(Output("--sampler dpm++2m --steps 4", ResultForm.Json));
        var plan = Accepted("--sampler dpm++2m --steps 4").Steps;
        Assert.Equal((plan, PlanHash.Of(plan)), (document.Plan, document.Hash));
    }

    private static string Output(string options, ResultForm form)
    {
        var output = new StringWriter { NewLine = "\n" };
        var session = new Session(new(output, TextWriter.Null, Display.Plain), Verbosity.Normal, form, CancellationToken.None);
        Assert.Equal(ExitCode.Success, Accepted(options).Run(session));
        return output.ToString();
    }

    private static Command.Plan Accepted(string options) =>
        Assert.IsType<Command.Plan>(Assert.IsType<ParsedLine.Accepted>(Parse(options)).Command);

    private static ParsedLine Parse(string options) => CommandParser.Parse(["plan", .. options.Split(' ')]);
}
