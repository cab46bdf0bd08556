using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Diffusion.Specs.Data;
using Diffusion.Specs.Reference;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Interchange;

/// <summary>Networks under the preconditioning of EDM as folders of diffusers, and back; labels as the table that is there.</summary>
public sealed class DiffusersEdmSpecs : IDisposable
{
    // The arguments of the two classes, in versions 0.30.3 and 0.40.
    private const string Euler = "sigma_min sigma_max sigma_data sigma_schedule num_train_timesteps prediction_type rho final_sigmas_type";

    private const string Multistep = Euler + " solver_order thresholding dynamic_thresholding_ratio sample_max_value algorithm_type "
        + "solver_type lower_order_final euler_at_final";

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    public static TheoryData<string> Shapes => ["plain", "labelled", "projected", "wide groups", "with scale and shift"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_noisy_image_is_denoised_alike_here_there_and_after_the_way_back(string name)
    {
        using var scope = torch.NewDisposeScope();
        var (own, recipe) = Written(Shape(name), 0.37);
        var config = Json("scheduler/scheduler_config.json");
        var (there, imported) = DiffusersFolder.Read(_place["folder"], _ => Assert.Fail());
        using var owned = there;
        Assert.Null(there.Shape.Labels?.Width);
        var image = torch.rand([2, 1, 8, 8], generator: new torch.Generator(5));
        foreach (var sigma in new[] { 0.011, 0.3, 2, 39 })
            foreach (var label in LabelsOf(own.Shape))
            {
                var state = image.Times(Sqrt(sigma * sigma + 0.2));
                var expected = Denoised(own, recipe, state, sigma, label);
                AssertNear(expected, Denoised(there, imported, state, sigma, label));
                AssertNear(expected, AsThere(there, config, state, sigma, label));
            }
    }

    public static TheoryData<string> Schedulers =>
        [.. ForeignModel.Part("diffusers-edm.json", "schedulers").EnumerateObject().Select(scheduler => scheduler.Name)];

    [Theory]
    [MemberData(nameof(Schedulers))]
    public void The_library_itself_denoises_and_draws_the_same(string name)
    {
        using var scope = torch.NewDisposeScope();
        var numbers = ForeignModel.Part("diffusers-edm.json", "schedulers").GetProperty(name);
        var scheduler = DiffusersEdmScheduler.Read(new(numbers.GetProperty("config"), name));
        using var network = ReferenceUNet.Build(
            DiffusersNetwork.Read(ForeignModel.Part("diffusers-edm.json", "config"), name).Shape, "edm");
        network.to(torch.float64);
        if (scheduler.IsNegated)
            DiffusersWeights.Negate(network);
        var prediction = new Prediction.Preconditioned(scheduler.DataSigma);
        using var denoiser = new Denoiser(network, prediction, new Guidance.None(), torch.tensor([0L, 2L]), Precision.Float32);
        foreach (var item in numbers.GetProperty("denoised").EnumerateArray())
            AssertNear(Image(item[1]), denoiser.Denoise(Image(item[2]), scheduler.Schedule.LevelOf(item[0].GetDouble())));
        var steps = numbers.GetProperty("steps").GetInt32();
        TimestepSpacing grid = scheduler.Grid is TimestepSpacing.Karras karras
            ? karras with { Count = steps } : new TimestepSpacing.LogSnr(steps);
        var plan = scheduler.Sampler.Plan(scheduler.Schedule, grid) with { InitialScale = numbers.GetProperty("start").GetDouble() };
        var start = torch.tensor(Formula.UnitVariance("edm:input", 128).Select(value => (double)(float)value).ToArray()).view(2, 1, 8, 8);
        var drawn = new Interpreter<torch.Tensor>(new TensorSpace(), denoiser, new Given(start)).Run(plan);
        // Every step there is rounded to float32.
        AssertNear(Image(numbers.GetProperty("end")), drawn, 1e-5);
    }

    [Theory]
    [InlineData("euler", "EDMEulerScheduler", Euler)]
    [InlineData("dpm++3m", "EDMDPMSolverMultistepScheduler", Multistep)]
    [InlineData("edm", "EDMDPMSolverMultistepScheduler", Multistep)]
    public void Every_argument_of_the_class_is_written(string sampler, string name, string arguments)
    {
        var scheduler = DiffusersEdmScheduler.Of(Preconditioned(0.5) with
        {
            Evaluation = new() { Sampler = SamplerCatalogue.Find(sampler)!.Sampler, Spacing = new TimestepSpacing.Karras(18) },
        })!;
        var written = scheduler.ToJson();
        Assert.Equal(name, (string?)written["_class_name"]);
        Assert.Equal(arguments.Split(' ').Order(StringComparer.Ordinal), written.Select(item => item.Key).Where(key => key[0] != '_')
            .Order(StringComparer.Ordinal));
        Assert.Equal("""[0.01,40,0.5,"karras",1000,"epsilon",7,"zero"]""",
            new JsonArray([.. Euler.Split(' ').Select(key => written[key]!.DeepClone())]).ToJsonString());
        Assert.Contains(scheduler.Losses(), loss => loss.EndsWith("set_timesteps(18)", StringComparison.Ordinal));
        Assert.Equal(sampler == "edm", scheduler.Losses().Any(loss =>
            loss.Contains($"the exported {name} draws as dpm++2m does", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("midpoint", "dpmsolver++", 2, true, false, "LowerOrderFinal")]
    [InlineData("heun", "dpmsolver++", 3, false, true, "LastOfOrderOne")]
    [InlineData("midpoint", "sde-dpmsolver++", 1, false, false, "Full")]
    public void What_a_solver_is_said_to_be_is_what_draws_and_is_written_back(
        string type, string algorithm, int order, bool lowers, bool ends, string ending)
    {
        var config = new JsonObject
        {
            ["_class_name"] = "EDMDPMSolverMultistepScheduler", ["sigma_min"] = 0.1, ["sigma_max"] = 50, ["sigma_data"] = 0.6, ["rho"] = 5,
            ["solver_type"] = type, ["algorithm_type"] = algorithm, ["solver_order"] = order, ["lower_order_final"] = lowers,
            ["euler_at_final"] = ends, ["thresholding"] = true, ["dynamic_thresholding_ratio"] = 0.9, ["sample_max_value"] = 2,
            ["final_sigmas_type"] = "sigma_min",
        };
        var read = Read(config);
        Assert.Equal((new NoiseSchedule.Edm(0.1, 50), 0.6), (read.Schedule, read.DataSigma));
        var solver = Assert.IsType<Sampler.DpmMultistep>(read.Sampler);
        Assert.Equal((order, ending, new Clipping.Dynamic(new Quantile(0.9, 2))), (solver.Order, $"{solver.Ending}", solver.Clipping));
        Assert.Equal((algorithm[0] == 's', type == "heun"),
            (solver.Form is SolverVariable.StochasticData, solver.Rule == SolverType.Heun));
        Assert.Equal(new TimestepSpacing.ToFirstLevel(new TimestepSpacing.Karras(50, 5)), read.Grid);
        var written = read.ToJson();
        foreach (var (key, value) in config)
            Assert.Equal(value!.ToJsonString(), written[key]!.ToJsonString());
        Assert.Equal(read, Read(written));
    }

    [Fact]
    public void A_network_that_predicts_v_there_has_the_other_sign()
    {
        using var scope = torch.NewDisposeScope();
        var (own, recipe) = Written(Small.Network, 0.5);
        var config = Json("scheduler/scheduler_config.json");
        config["prediction_type"] = "v_prediction";
        config["sigma_schedule"] = "exponential";
        File.WriteAllText(_place["folder/scheduler/scheduler_config.json"], config.ToJsonString());
        var (there, imported) = DiffusersFolder.Read(_place["folder"], _ => Assert.Fail());
        using var owned = there;
        Assert.Equal(new TimestepSpacing.LogSnr(50), imported.Evaluation.Spacing);
        var state = torch.rand([2, 1, 8, 8], generator: new torch.Generator(5));
        var (here, back) = (Denoised(own, recipe, state, 2, null), Denoised(there, imported, state, 2, null));
        var skipped = state.Times(recipe.Prediction.ReadoutAt(Marginal.OfSigma(2)).OfState);
        AssertNear(skipped.Times(2) - here, back);
    }

    [Theory]
    [InlineData("variance_type", "1", "settings without a meaning here: variance_type")]
    [InlineData("prediction_type", "\"sample\"", "prediction_type = \"sample\"; expected epsilon or v_prediction")]
    [InlineData("sigma_min", "0", "expected a range of noise")]
    [InlineData("sigma_max", "0.001", "expected a range of noise")]
    [InlineData("sigma_data", "-1", "expected a range of noise")]
    [InlineData("rho", "0", "expected a range of noise")]
    [InlineData("solver_order", "9", "expected a solver")]
    [InlineData("algorithm_type", "\"deis\"", "expected dpmsolver++ or sde-dpmsolver++")]
    [InlineData("sigma_schedule", "\"beta\"", "expected karras or exponential")]
    public void What_a_scheduler_cannot_mean_is_refused_by_name(string key, string value, string reason) => Assert.Contains(reason,
        Assert.Throws<InputException>(() => Read(new()
        {
            ["_class_name"] = "EDMDPMSolverMultistepScheduler",
            [key] = JsonNode.Parse(value),
        })).Message, StringComparison.Ordinal);

    [Fact]
    public void What_the_library_cannot_say_of_a_network_is_refused_by_name()
    {
        var labels = new LabelShape(3, NullLabel.Learned) { Entry = LabelEntry.BeforeLayers };
        Assert.Contains("labels that enter before the layers of the time", Refusal(Small.Network with { Labels = labels }),
            StringComparison.Ordinal);
        Assert.Contains("labels that enter before the layers of the time",
            Refusal(Small.Network with { Labels = labels with { Width = 5 } }), StringComparison.Ordinal);
        Assert.Contains("residual blocks as those of Song et al. 2021",
            Refusal(Small.Network with { Residual = new() { Groups = 4, LeastGroupWidth = 4 } }), StringComparison.Ordinal);
        Assert.Contains("residual blocks as those of Song et al. 2021",
            Refusal(Small.Network with { Residual = new() { Groups = 4, Divisor = Sqrt(2) } }), StringComparison.Ordinal);
        Assert.Contains("a learned one; expected a fixed one: diffusers' schedulers of EDM read none", Assert.Throws<InputException>(() =>
            DiffusersEdmScheduler.Of(Preconditioned(0.5) with { Variance = new Variance.LearnedRange() })).Message,
            StringComparison.Ordinal);
        Assert.Null(DiffusersEdmScheduler.Of(Small.Recipe));
    }

    [Fact]
    public void Over_another_schedule_the_noise_has_the_range_of_that_schedule()
    {
        var schedule = new NoiseSchedule.Cosine(100);
        var scheduler = DiffusersEdmScheduler.Of(Preconditioned(0.5) with { Schedule = schedule })!;
        Assert.Equal((schedule.At(0).NoiseToSignal, schedule.At(99).NoiseToSignal),
            (scheduler.Schedule.SigmaMin, scheduler.Schedule.SigmaMax));
    }

    private (UNet Network, Recipe Recipe) Written(UNetShape shape, double dataSigma)
    {
        var network = ReferenceUNet.Build(shape, "edm");
        var recipe = Preconditioned(dataSigma) with { Network = shape };
        DiffusersFolder.Write(Path.Combine(_place.Path, "folder"), network, recipe, new(8, 8));
        return (network, recipe);
    }

    private static Recipe Preconditioned(double dataSigma) => Small.Recipe with
    {
        Prediction = new Prediction.Preconditioned(dataSigma),
        Schedule = new NoiseSchedule.Edm(0.01, 40),
        Evaluation = new() { Sampler = new Sampler.Euler(new Clipping.None()), Spacing = new TimestepSpacing.Karras(6) },
    };

    private static UNetShape Shape(string name) => name switch
    {
        "labelled" => Small.Network with { Labels = new(3, NullLabel.Absent) },
        "projected" => Small.Network with { Labels = new(3, NullLabel.Learned) { Width = 5 } },
        // As many groups as without a least width.
        "wide groups" => Small.Network with { Residual = new() { Groups = 4, LeastGroupWidth = 2, Epsilon = 1e-5 } },
        "with scale and shift" => Small.Network with
        {
            Residual = new() { Groups = 4, Injection = TimeInjection.ScaleAndShift },
            Time = new(FrequencyOrder.CosineFirst, 0),
        },
        _ => Small.Network,
    };

    // Every label, and none where there is a null label.
    private static IEnumerable<long?> LabelsOf(UNetShape shape) => shape.Labels is not { } labels ? [null]
        : Enumerable.Range(0, labels.Rows).Select(label => label == labels.Classes ? null : (long?)label);

    private static torch.Tensor Denoised(UNet network, Recipe recipe, torch.Tensor state, double sigma, long? label)
    {
        var readout = recipe.Prediction.ReadoutAt(Marginal.OfSigma(sigma));
        var time = torch.tensor([recipe.Prediction.TimeAt(recipe.Schedule.LevelOf(sigma))]);
        using var guard = torch.no_grad();
        return state.Times(readout.OfState).Plus(
            network.call(state.Times(readout.InputScale), time, label is { } given ? torch.tensor([given]) : null).Times(readout.OfOutput));
    }

    // precondition_inputs, precondition_noise and precondition_outputs of EDMEulerScheduler, around a network that always has a label.
    private static torch.Tensor AsThere(UNet network, JsonObject config, torch.Tensor state, double sigma, long? label)
    {
        var data = (double)config["sigma_data"]!;
        var total = sigma * sigma + data * data;
        using var guard = torch.no_grad();
        var labels = network.Shape.Labels is { } shape ? torch.tensor([label ?? shape.Classes]) : null;
        var output = network.call(state.Over(Sqrt(total)), torch.tensor([0.25 * Log(sigma)]), labels);
        return state.Times(data * data / total).Plus(output.Times(sigma * data / Sqrt(total)));
    }

    private static torch.Tensor Image(JsonElement numbers) =>
        torch.tensor(numbers.EnumerateArray().Select(number => number.GetDouble()).ToArray()).view(2, 1, 8, 8);

    private static void AssertNear(torch.Tensor expected, torch.Tensor found, double tolerance = 1e-6) => Assert.InRange(
        (expected - found).abs().max().to(torch.float64).item<double>() / Max(1, expected.abs().max().to(torch.float64).item<double>()), 0,
        tolerance);

    private sealed record Given(torch.Tensor Start) : INoiseSource<torch.Tensor>
    {
        public torch.Tensor Draw(int number) => Start.clone();
    }

    private string Refusal(UNetShape shape) => Assert.Throws<InputException>(() => Written(shape, 0.5)).Message;

    private JsonObject Json(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(_place["folder"], name)))!.AsObject();

    private static DiffusersEdmScheduler Read(JsonObject json) =>
        DiffusersEdmScheduler.Read(DiffusersConfig.Of(Encoding.UTF8.GetBytes(json.ToJsonString()), "scheduler"));
}
