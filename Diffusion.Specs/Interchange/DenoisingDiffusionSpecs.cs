using System.Globalization;
using System.Text.Json;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Specs.Data;
using static TorchSharp.torch;

namespace Diffusion.Specs.Interchange;

/// <summary>Checkpoints of denoising-diffusion-pytorch: what their buffers say, and what is refused.</summary>
public sealed class DenoisingDiffusionSpecs
{
    private const string File = "denoising-diffusion-pytorch.json";

    public static TheoryData<string, string> Trainings
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (var schedule in ForeignModel.Part(File, "buffers").EnumerateObject())
                foreach (var buffer in schedule.Value.EnumerateObject())
                    if (buffer.Name.StartsWith("pred_", StringComparison.Ordinal))
                        all.Add(schedule.Name, buffer.Name);
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Trainings))]
    public void The_buffers_say_schedule_prediction_and_weight(string schedule, string objective)
    {
        using var model = Read([.. Buffers(schedule, objective)]);
        var steps = Numbers(schedule, "betas").Length;
        NoiseSchedule expected = schedule switch
        {
            "linear" => NoiseSchedule.Linear.OfThousand(steps),
            "cosine" => new NoiseSchedule.Cosine(steps),
            _ => new NoiseSchedule.SigmoidSignal(steps),
        };
        Prediction prediction = objective.Split(' ')[0] switch
        {
            "pred_noise" => new Prediction.Noise(),
            "pred_x0" => new Prediction.Clean(),
            _ => new Prediction.Velocity(),
        };
        Assert.Equal((expected, prediction), (model.Recipe.Schedule, model.Recipe.Prediction));
        Assert.Equal(objective.EndsWith("min_snr", StringComparison.Ordinal), model.Recipe.Weight is LossWeight.MinSnr { Gamma: 5 });
        foreach (var (step, weight) in Numbers(schedule, objective).Index())
            Assert.Equal(weight, model.Recipe.Weight.At(expected.At(step), prediction), 1e-3 * weight);
    }

    [Fact]
    public void A_schedule_of_its_own_is_taken_step_by_step()
    {
        double[] betas = [.. Enumerable.Range(1, 12).Select(step => 0.003 * step * step)];
        var signal = Kept(betas);
        // SNR/(SNR + 1) = ᾱ is what errors of v are weighed by.
        using var model = Read([Vector("betas", betas), Vector("alphas_cumprod", signal), Vector("loss_weight", signal)]);
        Assert.Equal(new NoiseSchedule.ExplicitBetas([.. betas]), model.Recipe.Schedule);
        Assert.Equal(new Prediction.Velocity(), model.Recipe.Prediction);
    }

    [Fact]
    public void A_checkpoint_of_its_training_gives_the_average()
    {
        using var scope = NewDisposeScope();
        using var place = new TemporaryFolder();
        var known = ForeignModel.Of(File, "linear_attention");
        (string, Tensor)[] buffers = [.. Buffers("cosine", "pred_x0").SelectMany(buffer => new[] { "model.", "ema.ema_model." }
            .Select(prefix => (prefix + buffer.Name, tensor(buffer.Numbers()))))];
        known.Write(place["model-7.pt"], "ema.ema_model.model.",
            [.. known.Tensors.SelectMany(item => new[] { "model.model.", "ema.online_model.model." }
                .Select(prefix => (prefix + item.Name, zeros(item.Shape)))), .. buffers, ("ema.step", zeros(1))]);
        var notes = new List<string>();
        using var model = ModelFile.Read(place["model-7.pt"], ImportRequest.None, notes.Add);
        using var bare = known.Read(new() { As = KnownModel.Find("denoising-diffusion-pytorch") });
        foreach (var ((name, expected), (_, found)) in bare.Network.named_parameters().Zip(model.Network.named_parameters()))
            Assert.True(expected.eq(found).all().item<bool>(), name);
        Assert.Equal((new NoiseSchedule.Cosine(24), new Prediction.Clean()), (model.Recipe.Schedule, model.Recipe.Prediction));
        Assert.Contains("the weights are those under 'ema.ema_model.model.'", notes[0], StringComparison.Ordinal);
        Assert.Contains("neither the size of its images nor their range", notes[1], StringComparison.Ordinal);
        Assert.Empty(RecipeValidation.Of(model.Recipe));
    }

    [Fact]
    public void What_cannot_be_built_is_named()
    {
        Assert.Contains("found a network of denoising-diffusion-pytorch without the schedule that it was trained over; expected the "
            + "checkpoint of its training, or --as denoising-diffusion-pytorch", Refusal(_ => { }, null), StringComparison.Ordinal);
        Assert.Contains("found self-conditioning: twice as many channels enter as leave",
            Refusal(all => Resize(all, "init_conv.weight", 8, 6, 7, 7)), StringComparison.Ordinal);
        Assert.Contains("found learned or random frequencies of the log-SNR (learned_sinusoidal_cond, random_fourier_features), which its "
            + "diffusions over continuous time", Refusal(all => all.Add(Vector("time_mlp.0.weights", [1, 2])), null),
            StringComparison.Ordinal);
        Assert.Contains("found a UViT, of simple_diffusion.py", Refusal(all => all.AddRange([Vector("time_mlp.0.weights", [1, 2]),
            Vector("vit.layers.0.0.norm.g", [1])]), null), StringComparison.Ordinal);
        Assert.Contains("found a Unet1D, of sequences", Refusal(all => Resize(all, "init_conv.weight", 8, 3, 7), null),
            StringComparison.Ordinal);
        Assert.Contains("found estimates of noise and image that are weighed (WeightedObjectiveGaussianDiffusion)",
            Refusal(all => Resize(all, "final_conv.weight", 8, 8, 1, 1)), StringComparison.Ordinal);
        Assert.Contains("found attention of 64 channels (attn_heads, attn_dim_head); expected 4 heads of 32",
            Refusal(all => Resize(all, "mid_attn.fn.fn.to_qkv.weight", 192, 8, 1, 1), name: "classes"), StringComparison.Ordinal);
        Assert.Contains("'null_classes_emb' of shape [5]; expected [4]",
            Refusal(all => Resize(all, "null_classes_emb", 5), name: "classes"), StringComparison.Ordinal);
        Assert.Contains("before version 2, with group normalisation",
            Refusal(all => all.Add(Vector("downs.0.0.block1.norm.bias", [1])), name: "classes"), StringComparison.Ordinal);
        Assert.Contains("before version 2, with group normalisation",
            Refusal(all => all.Add(Vector("downs.0.0.block1.norm.bias", [1]))), StringComparison.Ordinal);
        Assert.Contains("found attention heads that differ, 2 of 4 channels and 4 of 4",
            Refusal(all => Resize(all, "mid_attn.mem_kv", 2, 4, 4, 4)), StringComparison.Ordinal);
        Assert.Contains("'betas' and 'alphas_cumprod' of no noise schedule", Refusal(
            all => all.AddRange([Vector("betas", [0.1, 2]), Vector("alphas_cumprod", [0.9, 0.5])])), StringComparison.Ordinal);
        Assert.Contains("loss weights that do not say what the network predicts; expected --set prediction=noise, clean or velocity",
            Refusal(all => all.AddRange([Vector("betas", [0.1]), Vector("alphas_cumprod", [0.9])]), null), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_numbers_in_the_buffers_are_a_schedule_or_refused()
    {
        double[] odd = [double.NaN, double.PositiveInfinity, -1, 0, 1, 0.999999, 1e-300, 2, 0.5];
        var number = Gen.Frequency((6, Gen.Choose(1, 999).Select(value => value / 1000.0)), (1, Gen.Elements(odd)));
        var vectors = from count in Gen.Choose(1, 30)
                      from betas in number.ArrayOf(count)
                      from signal in Gen.Frequency((3, Gen.Constant(Kept(betas))), (1, number.ArrayOf(count)))
                      from loss in number.ArrayOf(count)
                      select (betas, signal, loss);
        var cases = Environment.GetEnvironmentVariable("DIFFUSION_FUZZ") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : 1000;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(cases), Prop.ForAll(Arb.From(vectors), item =>
        {
            using var tensors = StoredTensors.Of("buffers",
                [Vector("betas", item.betas), Vector("alphas_cumprod", item.signal), Vector("loss_weight", item.loss)]);
            try
            {
                Assert.Equal(item.betas.Length, ((NoiseSchedule.Discrete)DiffusionBuffers.Of(tensors)!.Schedule).Steps);
            }
            catch (InputException refusal)
            {
                Assert.Equal("buffers: found 'betas' and 'alphas_cumprod' of no noise schedule; expected numbers between 0 and 1, as many "
                    + "of both.", refusal.Message);
            }
        }));
    }

    private static double[] Kept(double[] betas) =>
        [.. Enumerable.Range(1, betas.Length).Select(count => betas[..count].Aggregate(1.0, (product, beta) => product * (1 - beta)))];

    private static string Refusal(
        Action<List<StoredTensor>> change, string? known = "denoising-diffusion-pytorch", string name = "linear_attention")
    {
        var all = ForeignModel.Of(File, name).Outline.ToList();
        change(all);
        using var tensors = StoredTensors.Of("network", all);
        return Assert.Throws<InputException>(() => ModelFile.Read(
            tensors, new() { As = known is null ? null : KnownModel.Find(known) })).Message;
    }

    private static void Resize(List<StoredTensor> all, string name, params long[] shape) =>
        all[all.FindIndex(tensor => tensor.Name == name)] = new(name, TensorShape.Of(shape), target => target.zero_().Dispose());

    private static ImportedModel Read(params StoredTensor[] buffers)
    {
        using var tensors = StoredTensors.Of("network", [.. ForeignModel.Of(File, "linear_attention").Outline, .. buffers]);
        return ModelFile.Read(tensors, ImportRequest.None);
    }

    private static IEnumerable<StoredTensor> Buffers(string schedule, string objective) =>
    [
        Vector("betas", Numbers(schedule, "betas")), Vector("alphas_cumprod", Numbers(schedule, "alphas_cumprod")),
        Vector("loss_weight", Numbers(schedule, objective)),
    ];

    private static double[] Numbers(string schedule, string name) => [.. ForeignModel.Part(File, "buffers").GetProperty(schedule)
        .GetProperty(name).EnumerateArray().Select(number => number.GetDouble())];

    private static StoredTensor Vector(string name, double[] numbers) => new(name, TensorShape.Of(numbers.Length), target =>
    {
        using var values = tensor(numbers);
        target.copy_(values);
    });
}
