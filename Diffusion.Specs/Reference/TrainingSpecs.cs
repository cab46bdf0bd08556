using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

public sealed partial class TrainingSpecs
{
    private const double DoubleTolerance = 1e-9;
    private const double SingleTolerance = 2e-5;

    private static readonly ReferenceObject File = ReferenceFile.Open("training.json");

    public static TheoryData<string> Runs => [.. File["runs"].EnumerateObject().Select(run => run.Name)];

    [Theory]
    [MemberData(nameof(Runs))]
    public void Every_step_in_double_precision_is_the_peers(string name) => CheckSteps(File, name);

    internal static void CheckSteps(ReferenceObject file, string name)
    {
        using var scope = NewDisposeScope();
        var training = new Replay(file, name, float64);
        foreach (var step in file.Object("runs").Object(name).Objects("steps"))
        {
            Assert.Equal(step.Numbers("t"), training.Times(step.Integer("step") - 1).Select(time => (double)time));
            var (loss, norm) = training.Advance(step.Integer("step") - 1);
            Near(step.Number("loss"), loss, DoubleTolerance, $"{step.Path}.loss");
            Near(step.Number("grad_norm_before_clip"), norm, DoubleTolerance * norm, $"{step.Path}.grad_norm");
            foreach (var parameter in step["params"].EnumerateObject())
            {
                var (numbers, value) = (step.Object("params").Object(parameter.Name), training.Of(parameter.Name, training.Arena.Values));
                Near(numbers.Number("l2"), value.norm().item<double>(), DoubleTolerance, $"{step.Path}.{parameter.Name}");
                AssertProbe(numbers.Numbers("probe"), value, $"{step.Path}.{parameter.Name}");
                numbers.Complete();
            }
            Near(
                step.Number("total_param_l2"), training.Arena.Values.norm().item<double>(), DoubleTolerance, $"{step.Path}.total_param_l2");
            AssertAverages(step, training);
            step.Complete();
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Losses_in_single_precision_are_the_peers(string name)
    {
        var run = File.Object("runs").Object(name);
        if (!run.Has("float32_losses"))
            return;
        using var scope = NewDisposeScope();
        var training = new Replay(File, name, float32);
        var norms = run.Numbers("float32_grad_norms");
        foreach (var (step, expected) in run.Numbers("float32_losses").Index())
        {
            var (loss, norm) = training.Advance(step);
            Near(expected, loss, SingleTolerance, $"{run.Path}, step {step}");
            Near(norms[step], norm, 10 * SingleTolerance * norms[step], $"{run.Path}, norm of step {step}");
        }
        run.Ignore("steps", "native_double_max_loss_diff", "float32_max_loss_diff", "float32_max_param_probe_diff");
        run.Complete();
    }

    [Fact]
    public void The_file_holds_nothing_that_no_spec_interprets()
    {
        var file = ReferenceFile.Open("training.json");
        file.Ignore("source", "split", "settings", "weight_salt", "shape", "x0_key", "x0_scale", "t_key", "eps_key", "runs", "config");
        file.Complete();
        Assert.Equal(["B", "C", "S", "clip", "decay", "lr", "salt", "steps"],
            file["settings"].EnumerateObject().Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    private static void AssertAverages(ReferenceObject step, Replay training)
    {
        var averages = step.Object("ema");
        foreach (var (index, (rule, decay)) in training.Rules.Index())
        {
            var numbers = averages.Object(rule);
            Near(numbers.Number("decay"), decay.At(step.Integer("step") - 1), 1e-15, $"{averages.Path}.{rule}.decay");
            AssertProbe(numbers.Numbers("conv_in.weight"), training.Of("conv_in.weight", training.Ema[index]), $"{averages.Path}.{rule}");
            if (numbers.Has("total_l2"))
                Near(numbers.Number("total_l2"), training.Ema[index].norm().item<double>(), DoubleTolerance,
                    $"{averages.Path}.{rule}.total_l2");
            numbers.Complete();
        }
        averages.Complete();
    }

    private static void AssertProbe(double[] expected, Tensor value, string place)
    {
        var flat = value.flatten();
        foreach (var (number, at) in expected.Zip([0, flat.numel() / 2, flat.numel() - 1]))
            Near(number, flat[at].item<double>(), DoubleTolerance, place);
    }

    private static void Near(double expected, double found, double tolerance, string place) =>
        Assert.True(Abs(expected - found) <= tolerance, $"{place}: {found:R} instead of {expected:R}");

    // The project's own step and optimiser, fed with the numbers of the file.
    private sealed class Replay
    {
        private readonly Recipe _recipe;
        private readonly TrainingStep _step;
        private readonly Optimiser _optimiser;
        private readonly Tensor _clean;
        private readonly long[] _shape;
        private readonly int _batch;

        private readonly ReferenceObject _file;

        public Replay(ReferenceObject file, string name, ScalarType type)
        {
            _file = file;
            var settings = file.Object("settings");
            var ceiling = settings.Number("decay");
            Rules = [.. file.Object("runs")
                .Object(name).Objects("steps")[0]["ema"].EnumerateObject().Select(rule => (rule.Name, RuleOf(rule.Name, ceiling)))];
            _shape = [.. _file.Numbers("shape").Select(size => (long)size)];
            _batch = settings.Integer("B");
            var network = ReferenceUNet.Build(DiffusersNetwork.Read(file["config"], "training.json").Shape, _file.Text("weight_salt"));
            network.to(type);
            _recipe = new Recipe
            {
                Name = name,
                Data = new() { Set = "formula" },
                Network = network.Shape,
                Prediction = name switch
                {
                    "epsilon" => new Prediction.Noise(),
                    "v_prediction" => new Prediction.Velocity(),
                    "sample" => new Prediction.Clean(),
                    _ => throw new NotSupportedException($"No prediction is called '{name}'."),
                },
                Optimiser = new() { Rate = new LearningRate.WarmUp(settings.Number("lr"), 0), ClipNorm = settings.Number("clip") },
                Ema = Rules.Select(rule => rule.Decay).ToSequence(),
                Length = new() { Steps = settings.Integer("steps"), EvaluateEvery = new EvaluationInterval.Steps(1), Batch = _batch },
                Evaluation = new(),
            };
            Arena = new(network);
            _optimiser = new(Arena, _recipe.Optimiser, _recipe.Ema);
            _step = new(_recipe, Learner.Of(_recipe, network));
            _clean = Numbers(Formula.Symmetric(_file.Text("x0_key"), Count).Select(number => _file.Number("x0_scale") * number), type);
        }

        /// <summary>The rules of the file, by the names it gives them.</summary>
        public IReadOnlyList<(string Name, EmaDecay Decay)> Rules { get; }

        public ParameterArena Arena { get; }

        public Sequence<Tensor> Ema => _optimiser.Ema;

        public long[] Times(int step) =>
            [.. Enumerable.Range(_batch * step, _batch).Select(index => (long)(Formula.Bits(_file.Text("t_key"), index) % 1000))];

        public Tensor Of(string name, Tensor flat) => Arena.Slices.Single(slice => slice.Name == name).Of(flat);

        public (double Loss, double Norm) Advance(int step)
        {
            using var scope = NewDisposeScope();
            var noise = Numbers(Formula.UnitVariance(_file.Text("eps_key").Replace("{k}", $"{step}"), Count), _clean.dtype);
            NoiseLevel[] levels = [.. Times(step).Select(time => _recipe.Schedule.LevelAt(time))];
            var loss = _step.Backward(new(_clean, noise, new ExampleWeights(_recipe, levels, _clean), null)).to(float64).item<double>();
            var norm = Arena.Gradients.norm().to(float64).item<double>();
            _optimiser.Apply(step);
            return (loss, norm);
        }

        private static EmaDecay RuleOf(string name, double ceiling) => name switch
        {
            "constant" => new EmaDecay.Steady(ceiling),
            "diffusers_no_warmup" => new EmaDecay.Ramp(ceiling),
            _ when Power().Match(name) is { Success: true } power => new EmaDecay.InverseGamma(ceiling,
                double.Parse(power.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) / double.Parse(
                    power.Groups[2].Value, System.Globalization.CultureInfo.InvariantCulture)),
            _ => throw new NotSupportedException($"No average is called '{name}'."),
        };

        private int Count => (int)_shape.Aggregate(1L, (product, size) => product * size);

        private Tensor Numbers(IEnumerable<double> numbers, ScalarType type) => tensor(numbers.ToArray(), _shape).to(type);
    }

    [System.Text.RegularExpressions.GeneratedRegex("^diffusers_warmup_power_([0-9]+)_([0-9]+)$")]
    private static partial System.Text.RegularExpressions.Regex Power();
}
