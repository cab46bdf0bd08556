using System.Text.Json;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using Diffusion.Specs.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Interchange;

public sealed class ForeignNetworkSpecs
{
    // What the files do not say, and a person does.
    private static readonly Dictionary<string, ImportRequest> Requests = new()
    {
        ["improved"] = As("improved-diffusion"),
        ["improved_shift"] = As("improved-diffusion", ("network.heads", "1")),
        ["guided"] = As("guided-diffusion", ("network.heads", "null"), ("network.headChannels", "16")),
        ["guided_new_order"] = As("guided-diffusion-new-order", ("network.heads", "null"), ("network.headChannels", "16")),
        ["classifier"] = As("guided-diffusion", ("network.headChannels", "16")),
        ["linear_attention"] = As("denoising-diffusion-pytorch"),
        ["full_attention"] = As("denoising-diffusion-pytorch"),
        ["classes"] = As("denoising-diffusion-pytorch"),
        ["no_class"] = As("denoising-diffusion-pytorch"),
        ["learned_variance"] = As("denoising-diffusion-pytorch", ("prediction", "noise")),
        ["classifier_average"] = As("guided-diffusion", ("network.headChannels", "16")),
    };

    public static TheoryData<string, string> Models
    {
        get
        {
            var models = new TheoryData<string, string>();
            foreach (var (file, name) in ForeignModel.All)
                models.Add(file, name);
            return models;
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_computes_what_the_program_itself_does_and_so_do_its_gradients(string file, string name)
    {
        using var scope = NewDisposeScope();
        var known = ForeignModel.Of(file, name);
        using var model = known.Read(Requests.GetValueOrDefault(name, ImportRequest.None));
        model.Network.to(float64);
        var parameters = model.Network.named_parameters()
            .Where(item => !known.IsWithoutLabels || !item.name.StartsWith("class_embedding", StringComparison.Ordinal))
            .Select(item => item.parameter).ToArray();
        Assert.Equal(known.ParameterCount, parameters.Sum(parameter => parameter.numel()));
        var state = known.State.to(float64).requires_grad_();
        var output = model.Network switch
        {
            UNet network => network.call(state, known.Times, known.Labels),
            NoisyClassifier classifier => classifier.call(state, known.Times),
            _ => throw new InvalidOperationException(),
        };
        AssertNear(known.Output, output, known.Tolerance);
        output.Squared().sum().backward();
        AssertNear(known.InputGradient, state.grad!, known.Tolerance);
        var length = Sqrt(parameters.Sum(parameter => parameter.grad!.Squared().sum().item<double>()));
        Assert.Equal(known.GradientLength, length, known.Tolerance * known.GradientLength);
    }

    // Counted by running the programs' own code with their published flags.
    [Theory]
    [InlineData("improved-cifar10", 52_546_438)]
    [InlineData("improved-cifar10-vlb", 52_546_438)]
    [InlineData("improved-imagenet64", 121_063_942)]
    [InlineData("improved-imagenet64-cond", 273_049_350)]
    [InlineData("improved-lsun-bedroom", 113_676_678)]
    [InlineData("guided-imagenet64", 295_904_454)]
    [InlineData("guided-imagenet128", 421_529_606)]
    [InlineData("guided-imagenet256", 553_838_086)]
    [InlineData("guided-imagenet256-uncond", 552_814_086)]
    [InlineData("guided-imagenet512", 558_997_638)]
    [InlineData("guided-classifier64", 65_438_568)]
    [InlineData("guided-classifier128", 42_568_040)]
    [InlineData("guided-classifier256", 54_096_360)]
    [InlineData("guided-classifier512", 54_448_360)]
    public void The_published_networks_have_as_many_parameters_as_the_programs_own(string name, long count)
    {
        var recipe = KnownModel.Find(name)!.Recipe!;
        Assert.Empty(RecipeValidation.Of(recipe));
        using nn.Module outline = recipe.Goal is Goal.Classify goal
            ? NoisyClassifier.Outline(goal.Shape(recipe)) : UNet.Outline(recipe.Network);
        Assert.Equal(count, outline.parameters().Sum(parameter => parameter.numel()));
    }

    // The same; without the layer of augmentation, and of labels the table that their layer comes to.
    [Theory]
    [InlineData("edm-cifar10-32x32-cond-vp", 55_734_019, """
        { "img_resolution": 32, "img_channels": 3, "label_dim": 10, "model_type": "SongUNet", "channel_mult": [2, 2, 2] }
        """)]
    [InlineData("edm-cifar10-32x32-uncond-vp", 55_732_739, """
        { "img_resolution": 32, "img_channels": 3, "label_dim": 0, "model_type": "SongUNet", "channel_mult": [2, 2, 2] }
        """)]
    [InlineData("edm-ffhq-64x64-uncond-vp", 61_804_419, """
        { "img_resolution": 64, "img_channels": 3, "label_dim": 0, "model_type": "SongUNet", "channel_mult": [1, 2, 2, 2] }
        """)]
    [InlineData("edm-cifar10-32x32-cond-ve", 56_398_083, """
        { "img_resolution": 32, "img_channels": 3, "label_dim": 10, "model_type": "SongUNet", "channel_mult": [2, 2, 2],
          "embedding_type": "fourier", "encoder_type": "residual", "channel_mult_noise": 2, "resample_filter": [1, 3, 3, 1] }
        """)]
    [InlineData("edm-cifar10-32x32-uncond-ve", 56_395_523, """
        { "img_resolution": 32, "img_channels": 3, "label_dim": 0, "model_type": "SongUNet", "channel_mult": [2, 2, 2],
          "embedding_type": "fourier", "encoder_type": "residual", "channel_mult_noise": 2, "resample_filter": [1, 3, 3, 1] }
        """)]
    [InlineData("edm-ffhq-64x64-uncond-ve", 62_758_787, """
        { "img_resolution": 64, "img_channels": 3, "label_dim": 0, "model_type": "SongUNet", "channel_mult": [1, 2, 2, 2],
          "embedding_type": "fourier", "encoder_type": "residual", "channel_mult_noise": 2, "resample_filter": [1, 3, 3, 1] }
        """)]
    [InlineData("edm-imagenet-64x64-cond-adm", 295_899_267, """
        { "img_resolution": 64, "img_channels": 3, "label_dim": 1000, "model_type": "DhariwalUNet" }
        """)]
    public void The_published_networks_of_EDM_have_as_many_parameters_as_its_own(string name, long count, string arguments)
    {
        var json = JsonDocument.Parse(arguments).RootElement;
        var side = json.GetProperty("img_resolution").GetInt32();
        var tensors = new TensorMapping(name, "EDM",
        [
            new StoredTensor($"model.enc.{side}x{side}_conv.weight", TensorShape.Of(1), _ => { }),
            new StoredTensor("model.map_noise.freqs", TensorShape.Of(128), target => target.zero_().Dispose()),
        ]);
        var shape = new EdmSettings(tensors, ForeignModel.ModuleOf(json).Modules().Single().Module).Shape;
        using var outline = UNet.Outline(shape);
        Assert.Equal(count, outline.ParameterCount);
    }

    // The same; without the estimate of uncertainty, of 128 more. Of latents, with one image channel more, they are counted all the same.
    [Theory]
    [InlineData("edm2-img64-xs", 124_710_821, """{ "img_resolution": 64, "img_channels": 3, "label_dim": 1000, "model_channels": 128 }""")]
    [InlineData("edm2-img64-s", 280_209_253, """{ "img_resolution": 64, "img_channels": 3, "label_dim": 1000, "model_channels": 192 }""")]
    [InlineData("edm2-img512-xs", 124_713_125, """{ "img_resolution": 64, "img_channels": 4, "label_dim": 1000, "model_channels": 128 }""")]
    public void The_published_networks_of_EDM2_have_as_many_parameters_as_its_own(string name, long count, string arguments)
    {
        var json = JsonDocument.Parse(arguments.Insert(1, "\"precond\": \"Precond\", ")).RootElement;
        var channels = json.GetProperty("model_channels").GetInt32();
        StoredTensor Buffer(string buffer) => new(
            $"unet.emb_fourier.{buffer}", TensorShape.Of(channels), target => target.zero_().Dispose());
        var tensors = new TensorMapping(name, "EDM2",
            [new StoredTensor("unet.enc.64x64_conv.weight", TensorShape.Of(1), _ => { }), Buffer("freqs"), Buffer("phases")]);
        var shape = Edm2Shape.Of(tensors, new(tensors, ForeignModel.ModuleOf(json).Modules().Single().Module));
        using var outline = UNet.Outline(shape);
        Assert.Equal(count, outline.ParameterCount);
    }

    [Fact]
    public void The_network_of_the_readme_of_denoising_diffusion_pytorch_has_as_many_parameters_as_its_own()
    {
        var shape = new UNetShape
        {
            Architecture = new UNetArchitecture.PostNormalised(),
            Levels = [.. new[] { 64, 128, 256, 512 }.Select(channels =>
            {
                var block = new BlockShape(channels == 512 ? LevelAttention.Last : LevelAttention.Linear, default);
                return new UNetLevel(channels, block, block);
            })],
        };
        using var outline = UNet.Outline(shape);
        Assert.Equal(35_711_491, outline.ParameterCount);
    }

    [Fact]
    public void A_snapshot_of_EDM2_is_read_as_data_and_says_everything()
    {
        using var scope = NewDisposeScope();
        var notes = new List<string>();
        using var model = ModelFile.Read(Path.Combine(Repository.Golden, "imports", "edm2.pkl"), ImportRequest.None, notes.Add);
        var known = ForeignModel.OfPart("edm2.json", "snapshot");
        model.Network.to(float64);
        AssertNear(known.Output, ((UNet)model.Network).call(known.State.to(float64), known.Times, known.Labels), known.Tolerance);
        Assert.Equal(known.ParameterCount, model.ParameterCount);
        Assert.Equal((new Prediction.Preconditioned(), 8, 0.1), (model.Recipe.Prediction, model.Recipe.Data.Size,
            model.Recipe.Network.Residual.Dropout));
        Assert.Contains("estimate of its own uncertainty", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Empty(RecipeValidation.Of(model.Recipe));
    }

    [Fact]
    public void A_snapshot_of_EDM_is_read_as_data_and_says_everything()
    {
        using var scope = NewDisposeScope();
        var notes = new List<string>();
        using var model = ModelFile.Read(
            Path.Combine(Repository.Golden, "imports", "edm-ddpmpp.pkl"), ImportRequest.None, notes.Add);
        var known = ForeignModel.Of("edm.json", "ddpmpp");
        model.Network.to(float64);
        AssertNear(known.Output, ((UNet)model.Network).call(known.State.to(float64), known.Times, known.Labels), known.Tolerance);
        Assert.Equal((new Prediction.Preconditioned(), 8, 0.13), (model.Recipe.Prediction, model.Recipe.Data.Size,
            model.Recipe.Network.Residual.Dropout));
        Assert.Contains("how its images were augmented", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Empty(RecipeValidation.Of(model.Recipe));
    }

    [Fact]
    public void The_network_of_the_pytorch_ddpm_repository_has_that_of_the_paper() =>
        Assert.Equal(35_746_307, new Func<long>(() =>
        {
            using var outline = UNet.Outline(UNetShape.Paper with { Padding = DownsamplePadding.Symmetric });
            return outline.ParameterCount;
        })());

    [Fact]
    public void A_checkpoint_of_pytorch_ddpm_gives_its_average_its_steps_and_its_size()
    {
        using var place = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var known = ForeignModel.Of("pytorch-ddpm.json", "two_levels");
        known.Write(place["ckpt.pt"], "ema_model.",
            [.. known.Tensors.Select(item => ($"net_model.{item.Name}", zeros(item.Shape))), ("x_T", zeros(2, 3, 8, 8))]);
        var notes = new List<string>();
        using var model = ModelFile.Read(place["ckpt.pt"], ImportRequest.None, notes.Add);
        using var bare = known.Read(ImportRequest.None);
        foreach (var ((name, expected), (_, found)) in bare.Network.named_parameters().Zip(model.Network.named_parameters()))
            Assert.True(expected.eq(found).all().item<bool>(), name);
        Assert.Equal((50, 8, 0.1), (((Diffusion.Math.Schedules.NoiseSchedule.Linear)model.Recipe.Schedule).Count, model.Recipe.Data.Size,
            model.Recipe.Network.Residual.Dropout));
        Assert.Contains("the weights are those under 'ema_model.'", notes[0], StringComparison.Ordinal);
        Assert.Contains("does not say its schedule", notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_does_not_say_enough_names_what_it_may_be()
    {
        Assert.Contains(
            "found a network of improved-diffusion or guided-diffusion, whose file says neither heads nor schedule; expected --as",
            Refusal("openai.json", "guided", ImportRequest.None), StringComparison.Ordinal);
        Assert.Contains("found a checkpoint of pytorch-ddpm; expected one of guided-imagenet64, as --as says",
            Refusal("pytorch-ddpm.json", "two_levels", As("guided-imagenet64")), StringComparison.Ordinal);
        Assert.Contains(
            "found no tensor 'input_blocks.2.0.in_layers.0.weight'; expected a whole network of improved-cifar10",
            Refusal("openai.json", "improved", As("improved-cifar10")), StringComparison.Ordinal);
        Assert.Contains("32 channels cannot be divided into attention heads of 48", Assert.Throws<RecipeException>(() =>
            ForeignModel.Of("openai.json", "guided").Read(
                As("guided-diffusion", ("network.heads", "null"), ("network.headChannels", "48")))).Message, StringComparison.Ordinal);
    }

    // As the published files are; by their shapes alone, which is why nobody has to download them here.
    [Theory]
    [InlineData("improved-cifar10", "improved-cifar10", "improved-cifar10-vlb")]
    [InlineData("guided-imagenet256", "guided-imagenet256")]
    [InlineData("guided-imagenet512", "guided-imagenet512")]
    [InlineData("guided-classifier64", "guided-classifier64")]
    [InlineData("guided-lsun-cat", "guided-imagenet256-uncond", "guided-lsun-bedroom", "guided-lsun-cat", "guided-lsun-horse")]
    public void A_published_network_fits_those_of_its_shape(string name, params string[] fitting)
    {
        var recipe = KnownModel.Find(name)!.Recipe!;
        Assert.Equal(fitting, KnownModel.All.Where(model => model.Fits(recipe.Network, recipe.Goal)).Select(model => model.Name));
    }

    [Theory]
    [InlineData("guided-imagenet64")]
    [InlineData("improved-lsun-bedroom")]
    [InlineData("guided-classifier128")]
    public void The_sampler_of_a_learned_variance_takes_it_from_the_network(string name)
    {
        var recipe = KnownModel.Find(name)!.Recipe!;
        Assert.Equal(recipe.Goal is Goal.Denoise, recipe.Variance is Variance.LearnedRange);
        Assert.Null(recipe.MismatchOf(recipe.Evaluation.Sampler));
    }

    private static ImportRequest As(string name, params (string Path, string Value)[] changes) => new()
    {
        As = KnownModel.Find(name),
        Changes = changes.Select(change => new RecipeChange(change.Path, change.Value)).ToSequence(),
    };

    private static string Refusal(string file, string name, ImportRequest request) =>
        Assert.Throws<InputException>(() => ForeignModel.Of(file, name).Read(request)).Message;

    private static void AssertNear(double[] expected, Tensor found, double tolerance)
    {
        var values = found.detach().to(float64).contiguous().data<double>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        var scale = expected.Max(Abs);
        Assert.True(expected.Zip(values, (one, other) => Abs(one - other)).Max() <= tolerance * Max(1, scale),
            $"off by {expected.Zip(values, (one, other) => Abs(one - other)).Max():E2} of {scale:E2}");
    }
}
