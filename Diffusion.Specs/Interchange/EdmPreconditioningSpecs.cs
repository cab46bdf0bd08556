using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;

namespace Diffusion.Specs.Interchange;

/// <summary>The preconditionings of EDM's snapshots, against numbers of its own classes at σ = 0.01, 0.5, 7 and 80.</summary>
public sealed class EdmPreconditioningSpecs
{
    private static readonly double[] Sigmas = [0.01, 0.5, 7, 80];

    [Theory]
    [InlineData("edm-song.json", "ncsnpp")]
    [InlineData("edm-song.json", "ncsnpp_exploding")]
    [InlineData("edm-song.json", "ddpmpp_preserving")]
    [InlineData("edm-song.json", "adm_improved")]
    [InlineData("edm2.json", "labelled")]
    [InlineData("edm2.json", "unconditional")]
    public void What_is_made_of_a_noisy_image_is_what_the_program_itself_makes_of_it(string file, string name)
    {
        using var scope = torch.NewDisposeScope();
        var known = ForeignModel.Of(file, name);
        using var model = known.Read(ImportRequest.None);
        var network = (UNet)model.Network;
        network.to(torch.float64);
        foreach (var item in ForeignModel.Part(file, "models").GetProperty(name).GetProperty("denoised").EnumerateArray())
        {
            var sigma = item[0].GetDouble();
            var state = known.State.to(torch.float64).narrow(0, 0, 1).Times(Sqrt(sigma * sigma + 0.25));
            var level = model.Recipe.Schedule.LevelOf(sigma);
            var readout = model.Recipe.Prediction.ReadoutAt(Marginal.OfSigma(sigma));
            var (output, _) = network.Halves(network.call(
                state.Times(readout.InputScale), torch.tensor([model.Recipe.Prediction.TimeAt(level)]), known.Labels?.narrow(0, 0, 1)));
            var denoised = state.Times(readout.OfState).Plus(output.Times(readout.OfOutput)).data<double>().ToArray();
            var expected = item[1].EnumerateArray().Select(number => number.GetDouble()).ToArray();
            Assert.InRange(expected.Zip(denoised, (one, other) => Abs(one - other)).Max() / expected.Max(Abs), 0, known.Tolerance);
        }
    }

    [Fact]
    public void A_variance_preserving_network_gets_its_time_in_steps()
    {
        var recipe = RecipeOf("ddpmpp_preserving");
        double[] noise = [0.9154759972671379, 144.66910562027934, 621.4041962355358, 932.5776320974633];
        foreach (var (sigma, expected) in Sigmas.Zip(noise))
        {
            var level = recipe.Schedule.LevelOf(sigma);
            Assert.Equal(expected, recipe.Network.Time.Scale * recipe.Prediction.TimeAt(level), 1e-9 * expected);
            // c_skip = 1, c_out = −σ, c_in = 1/√(σ² + 1).
            Near(new(1, -sigma, 1 / Sqrt(sigma * sigma + 1)), recipe.Prediction.ReadoutAt(Marginal.OfSigma(sigma)));
        }
        Assert.Equal(new NoiseSchedule.VariancePreserving(0.1, 20, 1e-5), recipe.Schedule);
    }

    [Fact]
    public void A_variance_exploding_network_sees_its_noise_at_full_size()
    {
        var recipe = RecipeOf("ncsnpp_exploding");
        double[] noise = [-5.298317366548036, -1.3862943611198906, 1.252762968495368, 3.6888794541139363];
        foreach (var (sigma, expected) in Sigmas.Zip(noise))
        {
            Assert.Equal(expected, recipe.Prediction.TimeAt(recipe.Schedule.LevelOf(sigma)), 1e-9);
            // c_skip = 1, c_out = σ, c_in = 1.
            Near(new(1, sigma, 1), recipe.Prediction.ReadoutAt(Marginal.OfSigma(sigma)));
        }
        Assert.Equal((new NoiseSchedule.VarianceExploding(), 1.0), (recipe.Schedule, recipe.Network.Time.Scale));
    }

    [Fact]
    public void A_network_of_improved_DDPM_is_over_its_cosine_schedule()
    {
        var recipe = RecipeOf("adm_improved", ("M", 1000));
        var schedule = Assert.IsType<NoiseSchedule.Cosine>(recipe.Schedule);
        // u_0, u_1, u_500, u_998 and u_999, from the noisiest on, which its class computes in float32.
        (int Index, double Sigma)[] levels =
        [
            (0, 20291.14453125), (1, 641.6615600585938), (500, 1.0123875141143799), (998, 0.009347748942673206),
            (999, 0.006422337144613266),
        ];
        foreach (var (index, sigma) in levels)
            Assert.Equal(sigma, schedule.At(999 - index).NoiseToSignal, 1e-3 * sigma);
        Assert.Equal((new Prediction.Noise(), new Variance.LearnedRange()), (recipe.Prediction, recipe.Variance));
        Assert.IsType<Sampler.Ancestral>(recipe.Evaluation.Sampler);
    }

    // EDM multiplies a one-hot label by √classes in SongUNet alone, and drops labels by zeros.
    [Theory]
    [InlineData("ddpmpp", 2)]
    [InlineData("adm", 1)]
    public void A_layer_of_one_hot_labels_is_a_table_of_every_label_and_of_none(string name, double scale)
    {
        using var scope = torch.NewDisposeScope();
        var stored = ForeignModel.Of("edm.json", name).Stored;
        using var tensors = StoredTensors.Of("snapshot", stored, ModuleOf("edm.json", name, ("label_dropout", 0.1)));
        using var model = ModelFile.Read(tensors, ImportRequest.None);
        var classes = model.Recipe.Network.Labels!.Classes;
        torch.Tensor? Of(string part)
        {
            if (stored.FirstOrDefault(tensor => tensor.Name == $"model.map_label.{part}") is not { } tensor)
                return null;
            var whole = torch.empty(tensor.Shape.ToArray(), torch.float64);
            tensor.CopyInto(whole);
            return whole;
        }
        var inputs = torch.cat([torch.eye(classes, dtype: torch.float64).Times(scale), torch.zeros(1, classes, torch.float64)], 0);
        var expected = torch.nn.functional.linear(inputs, Of("weight")!, Of("bias"));
        var table = model.Network.named_parameters().Single(item => item.name == "class_embedding.weight").parameter;
        Assert.Equal(expected.shape, table.shape);
        Assert.InRange((expected - table).abs().max().item<double>(), 0, 1e-6);
    }

    [Fact]
    public void What_a_snapshot_holds_and_nobody_can_build_is_named()
    {
        Assert.Contains("found encoder_type = 'skip'; expected 'standard' or 'residual'", Refusal("edm-song.json", "ncsnpp",
            ("encoder_type", "skip")), StringComparison.Ordinal);
        Assert.Contains("found decoder_type = 'skip'; expected 'standard'", Refusal("edm-song.json", "ncsnpp",
            ("decoder_type", "skip")), StringComparison.Ordinal);
        Assert.Contains("found resample_filter = [1, 2, 1]; expected [1, 1] or [1, 3, 3, 1]", Refusal("edm-song.json", "ncsnpp",
            ("resample_filter", new JsonArray(1, 2, 1))), StringComparison.Ordinal);
        Assert.Contains("found a network under OtherPrecond; expected one under EDMPrecond", Refusal("edm-song.json", "ncsnpp",
            ("precond", "OtherPrecond")), StringComparison.Ordinal);
        Assert.Contains("found a network of EDM2 for latents of 4 channels", Refusal("edm2.json", "labelled",
            ("img_channels", 4)), StringComparison.Ordinal);
        Assert.Contains("cannot be divided into attention heads of 3", Refusal("edm2.json", "labelled",
            ("channels_per_head", 3)), StringComparison.Ordinal);
    }

    // Each is a number of another size, a text, a list or nothing at times.
    [Theory]
    [InlineData("edm-song.json", "ncsnpp")]
    [InlineData("edm-song.json", "adm_improved")]
    [InlineData("edm2.json", "labelled")]
    public void Any_arguments_are_a_network_or_refused_in_one_line(string file, string name)
    {
        string[] values =
        [
            "0", "1", "2", "3", "-1", "1000000", "1e300", "0.5", "-0.5", "null", "true", "\"residual\"", "\"x\"", "[]", "[0]", "[1, 1]",
            "[1, 2]", "[1, 3, 3, 1]", "[4, 8]", "[1000000]", "[null, \"a\"]", "[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
        ];
        string[] names = [.. ForeignModel.Part(file, "models").GetProperty(name).GetProperty("kwargs").EnumerateObject()
            .Select(argument => argument.Name), "M", "sigma_data", "clip_act", "res_balance", "C_1", "beta_d", "channel_mult_emb"];
        var changes = Gen.Zip(Gen.Elements(names), Gen.Elements(values)).ArrayOf()
            .Select(all => all.Take(4).DistinctBy(change => change.Item1).ToArray());
        var count = Environment.GetEnvironmentVariable("DIFFUSION_FUZZ") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : 60;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Arb.From(changes), all =>
        {
            try
            {
                using var scope = torch.NewDisposeScope();
                using var tensors = TensorsOf(file, name, [.. all.Where(change => change.Item1 is not ("precond" or "model_type"
                    or "img_channels")).Select(change => (change.Item1, JsonNode.Parse(change.Item2)!))]);
                using var model = ModelFile.Read(tensors, ImportRequest.None);
            }
            catch (InputException refusal)
            {
                Assert.StartsWith("snapshot: found ", refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refusal.Message);
            }
        }));
    }

    private static Recipe RecipeOf(string name, params (string, JsonNode)[] changes)
    {
        using var tensors = TensorsOf("edm-song.json", name, changes);
        using var model = ModelFile.Read(tensors, ImportRequest.None);
        Assert.Empty(RecipeValidation.Of(model.Recipe));
        return model.Recipe;
    }

    private static string Refusal(string file, string name, params (string, JsonNode)[] changes)
    {
        using var tensors = TensorsOf(file, name, changes);
        return Assert.Throws<InputException>(() => ModelFile.Read(tensors, ImportRequest.None)).Message;
    }

    private static StoredTensors TensorsOf(string file, string name, (string Name, JsonNode Value)[] changes) =>
        StoredTensors.Of("snapshot", ForeignModel.Of(file, name).Outline, ModuleOf(file, name, changes));

    private static PickledModule ModuleOf(string file, string name, params (string Name, JsonNode Value)[] changes)
    {
        var arguments = JsonNode.Parse(ForeignModel.Part(file, "models").GetProperty(name).GetProperty("kwargs").GetRawText())!.AsObject();
        foreach (var (argument, value) in changes)
            arguments[argument] = value;
        return ForeignModel.ModuleOf(JsonDocument.Parse(arguments.ToJsonString()).RootElement);
    }

    private static void Near(Readout expected, Readout found)
    {
        Assert.Equal(expected.OfState, found.OfState, 1e-12);
        Assert.Equal(expected.OfOutput, found.OfOutput, 1e-12 * Abs(expected.OfOutput));
        Assert.Equal(expected.InputScale, found.InputScale, 1e-12);
    }
}
