using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

public sealed class UNetSpecs(UNetCases cases) : IClassFixture<UNetCases>
{
    private const double DoubleTolerance = 1e-9;
    private const double SingleTolerance = 3e-5;

    public static TheoryData<string, string> Models
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (file, model) in UNetCases.Names)
                data.Add(file, model);
            return data;
        }
    }

    public static TheoryData<string> Files => [.. UNetCases.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public void Files_hold_nothing_that_no_spec_interprets(string name)
    {
        var file = ReferenceFile.Open(name);
        file.Ignore("source", "split", "models", "timestep_embedding");
        file.Complete();
        foreach (var (_, model) in UNetCases.Names.Where(found => found.File == name))
        {
            var numbers = new UNetCase(name, model).Numbers;
            numbers.Ignore(
                "num_parameters", "state_dict", "weight_probe", "input_probe", "input_key", "input_shape", "class_labels", "runs",
                "intermediates", "gradient");
            numbers.Complete();
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Parameters_have_the_names_shapes_and_order_of_the_peer(string file, string model)
    {
        var (numbers, network) = (cases[file, model].Numbers, cases[file, model].Network(float32));
        var expected = numbers["state_dict"]
            .EnumerateArray().Select(entry => $"{entry[0].GetString()} {entry[1].GetRawText().Replace(" ", "")}");
        var found = network.named_parameters().Select(entry => $"{entry.name} [{string.Join(",", entry.parameter.shape)}]");
        Assert.Equal(expected, found);
        Assert.Equal(network.state_dict().Keys, network.named_parameters().Select(entry => entry.name));
        Assert.Equal(numbers.Integer("num_parameters"), network.ParameterCount);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Weights_and_inputs_are_those_the_peer_was_given(string file, string model)
    {
        using var scope = NewDisposeScope();
        var known = cases[file, model];
        var weights = known.Network(float32).state_dict();
        foreach (var probe in known.Numbers["weight_probe"].EnumerateArray())
        {
            var weight = weights[probe[0].GetString()!].data<float>();
            Assert.Equal(((float)probe[1].GetDouble(), (float)probe[2].GetDouble()), (weight[0], weight[weight.Count - 1]));
        }
        Assert.Equal(known.Numbers.Numbers("input_probe"), known.State(float64).flatten()[..4].data<double>().ToArray());
        Assert.Equal(known.Shape.Labels is null, known.Numbers["class_labels"].ValueKind == JsonValueKind.Null);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_in_double_precision_are_the_peers(string file, string model)
    {
        foreach (var run in cases[file, model].Numbers.Objects("runs"))
        {
            using var scope = NewDisposeScope();
            var output = Run(cases[file, model], run, float64);
            if (run["output_float64"].ValueKind == JsonValueKind.Object)
                new TensorSummary(run.Object("output_float64")).AssertNear(output, DoubleTolerance);
            else
                AssertNear(run.Numbers("output_float64"), output, DoubleTolerance, run.Path);
            new TensorSummary(run.Object("output_native_double_summary"))
                .AssertNear(output, run.Number("native_double_max_abs_diff") + DoubleTolerance);
            run.Ignore("float32_max_abs_diff", "output_float32_summary");
            run.Complete();
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Outputs_in_single_precision_are_the_peers(string file, string model)
    {
        foreach (var run in cases[file, model].Numbers.Objects("runs"))
        {
            using var scope = NewDisposeScope();
            var output = Run(cases[file, model], run, float32);
            new TensorSummary(run.Object("output_float32_summary"))
                .AssertNear(output, SingleTolerance + run.Number("float32_max_abs_diff"));
            if (run["output_float64"].ValueKind == JsonValueKind.Object)
                new TensorSummary(run.Object("output_float64")).AssertNear(output, SingleTolerance);
            else
                AssertNear(run.Numbers("output_float64"), output, SingleTolerance, run.Path);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Activations_inside_are_the_peers(string file, string model)
    {
        if (IsVariant(file, model))
            return;
        using var scope = NewDisposeScope();
        var intermediates = cases[file, model].Numbers.Object("intermediates");
        var modules = intermediates.Object("modules");
        using var watch = new ActivationWatch(
            cases[file, model].Network(float64),
            intermediates["modules"].EnumerateObject().Select(module => module.Name),
            (name, activation) => new TensorSummary(modules.Object(name)).AssertNear(activation, DoubleTolerance));
        Run(cases[file, model], intermediates, float64);
        Assert.Empty(watch.Unseen);
        intermediates.Ignore("order_note");
        intermediates.Complete();
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_in_double_precision_are_the_peers(string file, string model) =>
        CheckGradients(file, model, float64, DoubleTolerance);

    [Theory]
    [MemberData(nameof(Models))]
    public void Gradients_in_single_precision_are_the_peers(string file, string model) =>
        CheckGradients(file, model, float32, SingleTolerance);

    [Theory]
    [MemberData(nameof(Files))]
    public void Times_are_embedded_as_by_the_peer(string name)
    {
        if (!ReferenceFile.Open(name).Has("timestep_embedding"))
            return;
        foreach (var table in ReferenceFile.Open(name).Objects("timestep_embedding"))
        {
            using var scope = NewDisposeScope();
            var order = table["flip_sin_to_cos"].GetBoolean() ? FrequencyOrder.CosineFirst : FrequencyOrder.SineFirst;
            using var embedding = new SinusoidalEmbedding(table.Integer("dim"), new(order, table.Number("freq_shift")));
            AssertNear(table.Numbers("float64"), embedding.call(tensor(table.Numbers("timesteps"))), 1e-12, table.Path);
            table.Ignore("float32_max_abs_diff");
            table.Complete();
        }
    }

    [Fact]
    public void A_convolution_that_is_folded_into_the_doubling_is_seen()
    {
        const string name = "up_blocks.0.upsamplers.0.conv";
        using var scope = NewDisposeScope();
        using var none = no_grad();
        using var network = new UNet(new() { Levels = [UNetLevel.Plain(32), UNetLevel.Plain(32)] }, new Seed(0));
        var sizes = new List<long>();
        using var watch = new ActivationWatch(network, [name], (_, activation) => sizes.Add(activation.shape[3]));
        foreach (var side in (long[])[8, 32])
            network.call(zeros(1, 3, side, side), zeros(1), null);
        Assert.Equal([8, 32], sizes);
    }

    // Of two models with the same parameters the file tells the inside of one only.
    private bool IsVariant(string file, string model)
    {
        var numbers = cases[file, model].Numbers;
        return !numbers.Has("intermediates")
            && !numbers.Has("gradient") && UNetCases.Names.Any(other => (other.File, other.Model != model) == (file, true)
                && cases[file, other.Model].Numbers.Has("gradient")
                && cases[file, other.Model].Numbers["state_dict"].GetRawText() == numbers["state_dict"].GetRawText());
    }

    private void CheckGradients(string file, string model, ScalarType type, double tolerance)
    {
        var known = cases[file, model];
        if (IsVariant(file, model))
            return;
        using var scope = NewDisposeScope();
        var gradient = known.Numbers.Object("gradient");
        Assert.StartsWith("sum(output**2)", gradient.Text("loss"));
        var (network, state) = (known.Network(type), known.State(type).requires_grad_());
        network.zero_grad();
        var loss = network.call(state, UNetCase.Times(gradient, state), known.Labels()).Squared().sum();
        loss.backward();
        AssertNear([gradient.Number("loss_value")], loss.to(float64), tolerance * gradient.Number("loss_value"), gradient.Path);
        new TensorSummary(gradient.Object("input_grad")).AssertNearRelative(state.grad!, tolerance);
        var gradients = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad!);
        foreach (var parameter in gradient["params"].EnumerateObject())
            new TensorSummary(new(parameter.Value, $"{gradient.Path}.{parameter.Name}"))
                .AssertNearRelative(gradients[parameter.Name], tolerance);
        var total = Sqrt(gradients.Values.Sum(value => value.to(float64).Squared().sum().item<double>()));
        Assert.Equal(gradient.Number("total_grad_l2"), total, tolerance * total);
        gradient.Complete();
    }

    private static Tensor Run(UNetCase known, ReferenceObject run, ScalarType type)
    {
        using var none = no_grad();
        var state = known.State(type);
        return known.Network(type).call(state, UNetCase.Times(run, state), known.Labels());
    }

    private static void AssertNear(double[] expected, Tensor found, double tolerance, string what)
    {
        var values = found.detach().to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        var worst = expected.Zip(values, (one, other) => Abs(one - other)).Max();
        Assert.True(worst <= tolerance, FormattableString.Invariant($"{what}: off by {worst:E2}, allowed {tolerance:E2}"));
    }
}
