using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Diffusers;
using TorchSharp;

namespace Diffusion.Specs.Reference;

/// <summary>
/// The checks follow the case: they pass on a folder of other numbers, made from the published one by the peers' formulas.
/// </summary>
public sealed class OtherFolderSpecs : IDisposable
{
    private const double Decay = 0.3;

    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-reference-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Averages_of_another_decay_are_followed()
    {
        var file = Published("training.json");
        file["settings"]!["decay"] = Decay;
        var steps = file["runs"]!["epsilon"]!["steps"]!.AsArray();
        while (steps.Count > 6)
            steps.RemoveAt(6);
        double[] Probe(JsonNode step) => Numbers(step["params"]!["conv_in.weight"]!["probe"]!);
        // The constant rule begins with the weights that training began with, which its first row tells.
        var first = steps[0]!["ema"]!["constant"]!;
        var published = (double)first["decay"]!;
        var beginning = Numbers(first["conv_in.weight"]!)
            .Zip(Probe(steps[0]!), (average, weight) => (average - (1 - published) * weight) / published).ToArray();
        foreach (var (rule, decayAt) in new (string, Func<int, double>)[]
        {
            ("constant", _ => Decay),
            ("diffusers_no_warmup", update => update == 0 ? 0 : Min(Decay, (1.0 + update) / (10.0 + update))),
            ("diffusers_warmup_power_2_3", update => Min(Decay, 1 - Pow(1 + update, -2.0 / 3))),
            ("diffusers_warmup_power_3_4", update => Min(Decay, 1 - Pow(1 + update, -3.0 / 4))),
        })
        {
            var average = beginning;
            foreach (var (update, step) in steps.Index())
            {
                var decay = decayAt(update);
                average = [.. average.Zip(Probe(step!), (old, weight) => decay * old + (1 - decay) * weight)];
                step!["ema"]![rule] = new JsonObject { ["decay"] = decay, ["conv_in.weight"] = Array(average) };
            }
        }
        TrainingSpecs.CheckSteps(Saved("training.json", file), "epsilon");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Features_are_read_by_their_keys_or_as_they_stand(bool byKeys)
    {
        foreach (var item in Published("frechet.json")["kid"]!["cases"]!.AsArray())
        {
            var other = item!.DeepClone().AsObject();
            foreach (var field in byKeys ? new[] { "X", "Y" } : ["key1", "key2"])
                other.Remove(field);
            FrechetSpecs.CheckKernelDistance(Saved("case.json", other));
        }
    }

    [Theory]
    [InlineData(200, 2e-5, 0.03)]
    [InlineData(1000, 1e-6, 0.02)]
    public void Tables_whose_differences_cancel_are_met(int count, double first, double last)
    {
        // As NumPy works them out, every rounding in its place.
        double[] betas =
            [.. Enumerable.Range(0, count).Select(index => index == count - 1 ? last : first + index * ((last - first) / (count - 1)))];
        var bars = Products(betas.Select(beta => 1 - beta));
        double[] before = [1, .. bars[..^1]];
        double[] variances = [.. betas.Select((beta, time) => beta * (1 - before[time]) / (1 - bars[time]))];
        SchedulesSpecs.CheckTables(Saved("case.json", new JsonObject
        {
            ["name"] = $"ho_linear_{count}",
            ["T"] = count,
            ["beta_start"] = first,
            ["beta_end"] = last,
            ["indices"] = "all",
            ["betas"] = Array(betas),
            ["alphas_cumprod"] = Array(bars),
            ["posterior_variance"] = Array(variances),
            ["posterior_log_variance_clipped"] = Array(variances.Select((_, time) => Log(variances[Max(time, 1)]))),
            ["posterior_mean_coef1"] = Array(betas.Select((beta, time) => beta * Sqrt(before[time]) / (1 - bars[time]))),
            ["posterior_mean_coef2"] = Array(betas.Select((beta, time) => (1 - before[time]) * Sqrt(1 - beta) / (1 - bars[time]))),
            ["sqrt_recip_alphas_cumprod"] = Array(bars.Select(bar => Sqrt(1 / bar))),
            ["sqrt_recipm1_alphas_cumprod"] = Array(bars.Select(bar => Sqrt(1 / bar - 1))),
        }));
    }

    [Fact]
    public void Tables_that_were_rescaled_in_single_precision_are_met()
    {
        const int count = 500;
        double[] betas = [.. Enumerable.Range(0, count).Select(index => 1e-4 + index * ((0.02 - 1e-4) / (count - 1)))];
        var single = Rescaled(betas, value => (float)value);
        var exact = Rescaled(betas, value => value);
        SchedulesSpecs.CheckTables(Saved("case.json", new JsonObject
        {
            ["name"] = $"diffusers_linear_{count}_rescale_betas_zero_snr=True",
            ["T"] = count,
            ["beta_start"] = 1e-4,
            ["beta_end"] = 0.02,
            ["rescale_betas_zero_snr"] = true,
            ["indices"] = "all",
            ["alphas_cumprod"] = Array(exact.Bars),
            ["native_float32_alphas_cumprod"] = Array(single.Bars),
        }));
    }

    [Fact]
    public void Weights_are_compared_with_those_that_belong_to_them()
    {
        const string salt = "other/net";
        var model = Published("unet_small.json")["models"]!["small_cond"]!;
        Directory.CreateDirectory(Path.Combine(_folder, "unet-small"));
        using (var scope = torch.NewDisposeScope())
        {
            using var config = JsonDocument.Parse(model["config"]!.ToJsonString());
            using var network = ReferenceUNet.Build(DiffusersNetwork.Read(config.RootElement, "small_cond").Shape, salt);
            var weights = network.named_parameters().Select(item => (item.name, (torch.Tensor)item.parameter)).ToArray();
            Safetensors.Write(Path.Combine(_folder, "unet-small", "diffusion_pytorch_model.safetensors"), weights);
            model["weight_salt"] = salt;
            model["weight_probe"] = new JsonArray([.. weights.Select(item => item.Item2.detach().flatten() is var flat
                ? (JsonNode)new JsonArray(item.name, (double)flat[0].item<float>(), (double)flat[-1].item<float>())
                : null)]);
        }
        Saved("unet_small.json", new JsonObject { ["models"] = new JsonObject { ["small_cond"] = model.DeepClone() } });
        SafetensorsSpecs.CheckFormula(_folder);
        // Which this folder has not: then the project's own are compared, among themselves.
        SafetensorsSpecs.CheckHalf(_folder);
        SafetensorsSpecs.CheckOldNames(_folder);
    }

    private static JsonNode Published(string name) => JsonNode.Parse(File.ReadAllBytes(Repository.OwnReference(name)))!;

    private ReferenceObject Saved(string name, JsonNode content)
    {
        File.WriteAllText(Path.Combine(_folder, name), content.ToJsonString());
        return ReferenceFile.Open(Path.Combine(_folder, name));
    }

    private static double[] Numbers(JsonNode array) => [.. array.AsArray().Select(number => (double)number!)];

    private static JsonArray Array(IEnumerable<double> numbers) => new([.. numbers.Select(number => (JsonNode)number)]);

    private static double[] Products(IEnumerable<double> factors)
    {
        var product = 1.0;
        return [.. factors.Select(factor => product *= factor)];
    }

    // Lin et al. 2023, Algorithm 1, as diffusers has it, every result rounded.
    private static (double[] Betas, double[] Bars) Rescaled(double[] betas, Func<double, double> rounded)
    {
        double[] Cumulated(IEnumerable<double> factors)
        {
            var product = 1.0;
            return [.. factors.Select(factor => product = rounded(product * factor))];
        }

        double[] roots = [.. Cumulated(betas.Select(beta => rounded(1 - rounded(beta)))).Select(bar => rounded(Sqrt(bar)))];
        var (start, end) = (roots[0], roots[^1]);
        double[] bars = [.. roots.Select(root => rounded(rounded(root - end) * rounded(start / rounded(start - end))))
            .Select(root => rounded(root * root))];
        double[] rescaled = [.. bars.Select((bar, time) => rounded(1 - (time == 0 ? bar : rounded(bar / bars[time - 1]))))];
        return (rescaled, Cumulated(rescaled.Select(beta => rounded(1 - beta))));
    }
}
