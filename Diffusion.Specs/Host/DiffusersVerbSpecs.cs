using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Sampling;
using Diffusion.Model.Training;
using Diffusion.Specs.Reference;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class DiffusersVerbSpecs : IDisposable
{
    private const string Weights = "diffusion_pytorch_model.safetensors";

    private readonly string _folder = Directory.CreateTempSubdirectory("diffusion-diffusers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string> Recipes => ["plain", "labelled", "other", "learned variance"];

    [Theory]
    [MemberData(nameof(Recipes))]
    public void A_run_that_is_exported_and_imported_draws_the_same_samples_bit_for_bit(string name)
    {
        Recipe recipe = name switch
        {
            "labelled" => Small.Labelled,
            "other" => Small.Recipe with
            {
                Schedule = new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Cosine()),
                Prediction = new Prediction.Velocity(),
                Network = Other,
                Evaluation = new() { Sampler = new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip(0.9)) },
            },
            "learned variance" => BoundTermsSpecs.Hybrid with { Schedule = new NoiseSchedule.Linear(20),
                Evaluation = new() { Sampler = new Sampler.Ancestral(new Variance.LearnedRange(), new Clipping.Clip()) } },
            _ => Small.Recipe,
        };
        Train(recipe);
        Assert.Equal((ExitCode.Success, true),
            (Run("export", At("run"), "--to", "diffusers", At("exported")).Code, File.Exists(At("exported/unet/config.json"))));
        Assert.Equal(ExitCode.Success, Run("import", At("exported"), "--out", At("imported")).Code);
        using var imported = TrainedModel.Open(At("imported"), CPU, _ => Assert.Fail());
        using var own = TrainedModel.Open(At("run"), CPU, _ => Assert.Fail());
        Assert.Equal((own.Recipe.Schedule, own.Recipe.Prediction, own.Recipe.Evaluation.Sampler),
            (imported.Recipe.Schedule, imported.Recipe.Prediction, imported.Recipe.Evaluation.Sampler));
        Assert.Equal(own.Recipe.Variance, imported.Recipe.Variance);
        Assert.Equal((own.Shape, own.Classes), (imported.Shape, imported.Classes));
        Assert.Equal(Samples(own), Samples(imported));
    }

    [Theory]
    [InlineData("unet-small")]
    [InlineData("unet-small-legacy-keys")]
    public void Present_and_old_names_of_attention_are_read(string weights)
    {
        var source = Directory.CreateDirectory(At("source")).FullName;
        File.Copy(Repository.OwnReference("unet-small", "config.json"), Path.Combine(source, "config.json"));
        File.Copy(Repository.OwnReference(weights, Weights), Path.Combine(source, Weights));
        var (network, recipe) = DiffusersFolder.Read(source);
        using var owned = network;
        using var expected = Safetensors.Open(Repository.OwnReference("unet-small", Weights));
        foreach (var (name, parameter) in network.named_parameters())
        {
            using var tensor = expected.Load(name);
            Assert.Equal(tensor.data<float>().ToArray(), parameter.data<float>().ToArray());
        }
        Assert.Equal((32, 10), (recipe.Data.Size, network.Shape.Labels!.Classes));
    }

    [Fact]
    public void The_folder_that_the_library_saved_becomes_a_run()
    {
        Assert.Equal(ExitCode.Success, Run("import", Repository.OwnReference("unet-small"), "--out", At("run")).Code);
        using var model = TrainedModel.Open(At("run"), CPU, _ => Assert.Fail());
        Assert.Equal(new NoiseSchedule.Linear(), model.Recipe.Schedule);
        Assert.Equal(new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()), model.Recipe.Evaluation.Sampler);
        Assert.Equal(10, model.Classes);
        Assert.StartsWith($"error: {At("run")}: found an earlier run",
            Run("import", Repository.OwnReference("unet-small"), "--out", At("run")).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EulerDiscreteScheduler", "fixed_small")]
    [InlineData("DPMSolverMultistepScheduler", "fixed_large")]
    public void A_fixed_variance_that_another_scheduler_took_over_is_no_obstacle(string scheduler, string variance)
    {
        Train(Small.Recipe);
        Run("export", At("run"), At("exported"));
        var place = At("exported/scheduler/scheduler_config.json");
        var config = JsonNode.Parse(File.ReadAllText(place))!;
        (config["_class_name"], config["variance_type"]) = (scheduler, variance);
        File.WriteAllText(place, config.ToJsonString());
        Assert.Equal(ExitCode.Success, Run("import", At("exported"), "--out", At("imported")).Item1);
    }

    [Theory]
    [InlineData("unet/config.json", "surprise", "1", "found settings without a meaning here: surprise")]
    [InlineData("unet/config.json", "act_fn", "\"mish\"", "found act_fn = \"mish\"; expected silu")]
    [InlineData(
        "unet/config.json", "down_block_types", "[\"DownBlock2D\", \"SkipDownBlock2D\"]", "found down_block_types with 'SkipDownBlock2D'")]
    [InlineData("unet/config.json", "layers_per_block", "2", "found no tensor '")]
    [InlineData("unet/config.json", "layers_per_block", "2000000000", "expected those of 2000000000 blocks at each of 2 levels")]
    [InlineData("unet/config.json", "block_out_channels", "[1000000000, 1000000000]", "which has more")]
    [InlineData("unet/config.json", "block_out_channels", "[8, 24]", "of shape [8]; expected [24]")]
    [InlineData("unet/config.json", "num_class_embeds", "2000000000", "which has more")]
    [InlineData("unet/config.json", "attention_head_dim", "[8]", "found attention_head_dim = [8]")]
    [InlineData("unet/config.json", "norm_num_groups", "3", "8 channels cannot be normalised in 3 groups")]
    [InlineData("unet/config.json", "time_embedding_dim", "64",
        "found time_embedding_dim = 64; expected null or 4 times the channels of the finest level, 32")]
    [InlineData("unet/config.json", "mid_block_type", "null", "found mid_block_type = null; expected UNetMidBlock2D")]
    [InlineData(
        "unet/config.json", "sample_size", "-5", "found sample_size = -5; expected a whole number or two, each from 1 to 16384, or null")]
    [InlineData("unet/config.json", "sample_size", "[8, 0]", "found sample_size = [8,0]")]
    [InlineData("unet/config.json", "sample_size", "2000000000", "found sample_size = 2000000000")]
    [InlineData("scheduler/scheduler_config.json", "steps_offset", "-1", "found steps_offset = -1; expected 0 or more")]
    [InlineData("scheduler/scheduler_config.json", "timestep_spacing", "\"late\"",
        "found timestep_spacing = \"late\"; expected leading or trailing or linspace")]
    [InlineData("scheduler/scheduler_config.json", "use_flow_sigmas", "true", "found settings without a meaning here: use_flow_sigmas")]
    [InlineData("scheduler/scheduler_config.json", "beta_schedule", "\"steep\"", "found beta_schedule = \"steep\"")]
    [InlineData("scheduler/scheduler_config.json", "_class_name", "\"FlowMatchEulerDiscreteScheduler\"",
        "expected DDPMScheduler, DDIMScheduler or another class with betas")]
    [InlineData("scheduler/scheduler_config.json", "beta_end", "2", "expected betas of a schedule")]
    [InlineData("scheduler/scheduler_config.json", "clip_sample_range", "-1", "expected a limit of samples")]
    [InlineData("scheduler/scheduler_config.json", "trained_betas", "[0.1, \"much\"]", "expected betas of a schedule")]
    [InlineData("scheduler/scheduler_config.json", "num_train_timesteps", "2000000000", "expected at most 1000000 steps")]
    [InlineData("model_index.json", "unet", "[\"diffusers\", \"UNet2DConditionModel\"]",
        "found unet = [\"diffusers\",\"UNet2DConditionModel\"]; expected diffusers and UNet2DModel")]
    [InlineData("model_index.json", "unet", "[\"elsewhere\", \"UNet2DModel\"]",
        "found unet = [\"elsewhere\",\"UNet2DModel\"]; expected diffusers and UNet2DModel")]
    [InlineData("model_index.json", "scheduler", "[\"diffusers\", \"FlowMatchEulerDiscreteScheduler\"]",
        "expected diffusers and DDPMScheduler, DDIMScheduler or another class with betas")]
    [InlineData("model_index.json", "scheduler", "\"DDPMScheduler\"", "found scheduler = \"DDPMScheduler\"; expected a list")]
    [InlineData("model_index.json", "vqvae", "[\"diffusers\", \"VQModel\"]", "found settings without a meaning here: vqvae")]
    public void What_has_no_meaning_here_is_named_in_one_line_and_nothing_is_written(string file, string key, string value, string reason)
    {
        Train(Small.Recipe);
        Run("export", At("run"), At("exported"));
        var config = JsonNode.Parse(File.ReadAllText(At($"exported/{file}")))!;
        config[key] = JsonNode.Parse(value);
        File.WriteAllText(At($"exported/{file}"), config.ToJsonString());
        var (code, error) = Run("import", At("exported"), "--out", At("imported"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.Contains(reason, Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("imported")));
    }

    [Fact]
    public void What_will_be_otherwise_in_the_exported_folder_is_said()
    {
        Train(Small.Labelled with { Evaluation = new() { Sampler = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Rederived) } });
        var error = Run("export", At("run"), At("exported")).Error;
        Assert.Contains("call the pipeline with use_clipped_model_output=True", error, StringComparison.Ordinal);
        Assert.Contains($"; the last class, {Small.Labelled.Network.Labels!.Classes}, is the null label", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_imported_model_cannot_be_resumed_and_a_sentence_says_so()
    {
        Assert.Equal(ExitCode.Success, Run("import", Repository.OwnReference("unet-small"), "--out", At("run")).Code);
        var (code, error) = Run("train", "--resume", At("run"));
        Assert.Equal(ExitCode.Failure, code);
        Assert.StartsWith($"error: {At("run")}: found weights only, as written by import, ema and export",
            Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_oblong_images_is_imported_and_draws_them()
    {
        Train(Small.Recipe);
        Run("export", At("run"), At("exported"));
        var place = At("exported/unet/config.json");
        var config = JsonNode.Parse(File.ReadAllText(place))!;
        config["sample_size"] = new JsonArray(12, 8);
        File.WriteAllText(place, config.ToJsonString());
        Assert.Equal(ExitCode.Success, Run("import", At("exported"), "--out", At("imported")).Code);
        using var model = TrainedModel.Open(At("imported"), CPU, _ => Assert.Fail());
        using var sampler = new ModelSampler(model,
            new() { Sampler = new Sampler.Ddim(0, new Clipping.Clip(), NoiseDirection.Predicted), Grid = new TimestepSpacing.Leading(2) });
        using var drawn = sampler.Draw(2);
        Assert.Equal([2, 1, 12, 8], drawn.shape);
        Assert.Equal(ExitCode.Success, Run("export", At("imported"), At("again")).Code);
        Assert.Equal("[12,8]", JsonNode.Parse(File.ReadAllText(At("again/unet/config.json")))!["sample_size"]!.ToJsonString());
    }

    [Fact]
    public void A_folder_is_described_with_the_settings_of_network_and_scheduler()
    {
        var facts = Diffusion.Host.Diagnostics.PlaceDescription.Of(Repository.OwnReference("unet-small")).Facts;
        Assert.Equal(("weights", Weights), facts[0]);
        Assert.Contains(("network class", "UNet2DModel"), facts);
        Assert.Contains(facts, fact => fact.Name == "network block_out_channels" && fact.Text.StartsWith('['));
        Assert.Contains(facts, fact => fact.Name == "scheduler num_train_timesteps");
        Assert.DoesNotContain(facts, fact => fact.Name.Contains("_diffusers_version", StringComparison.Ordinal));
    }

    [Fact]
    public void The_weights_alone_are_exported_for_PyTorch()
    {
        Train(Small.Recipe);
        Assert.Equal(ExitCode.Success, Run("export", At("run"), "--to", "pth", At("weights.pth")).Code);
        using var own = TrainedModel.Open(At("run"), CPU, _ => Assert.Fail());
        using var scope = NewDisposeScope();
        foreach (var ((name, parameter), read) in own.Network.named_parameters().Zip(TorchPickle.ReadStateDict(At("weights.pth"))))
            Assert.Equal((name, true), (read.Name, Diffusion.Specs.Files.StoredTensor.Same(parameter, read.Tensor)));
        Assert.Contains(
            "an existing file or folder", Run("export", At("run"), "--to", "pth", At("weights.pth")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_preconditioned_network_is_exported_with_a_scheduler_of_EDM_and_draws_the_same()
    {
        Train(Small.Labelled with
        {
            Prediction = new Prediction.Preconditioned(0.4),
            Schedule = new NoiseSchedule.Edm(0.01, 40),
            Evaluation = new() { Sampler = new Sampler.Euler(new Clipping.None()), Spacing = new TimestepSpacing.Karras(6, 5) },
        });
        var (code, said) = Run("export", At("run"), At("exported"));
        Assert.Equal((ExitCode.Success, false), (code, File.Exists(At("exported/model_index.json"))));
        Assert.Contains("no pipeline of diffusers draws with such a network", said, StringComparison.Ordinal);
        Assert.Contains("call the scheduler with set_timesteps(6)", said, StringComparison.Ordinal);
        Assert.Contains("call its unet with class_labels; the last class, 2, is the null label", said, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Success, Run("import", At("exported"), "--out", At("imported")).Code);
        using var imported = TrainedModel.Open(At("imported"), CPU, _ => Assert.Fail());
        using var own = TrainedModel.Open(At("run"), CPU, _ => Assert.Fail());
        Assert.Equal((own.Recipe.Schedule, own.Recipe.Prediction, own.Recipe.Evaluation.Sampler, own.Shape, own.Classes),
            (imported.Recipe.Schedule, imported.Recipe.Prediction, imported.Recipe.Evaluation.Sampler, imported.Shape, imported.Classes));
        Assert.Equal(new TimestepSpacing.Karras(50, 5), imported.Recipe.Evaluation.Spacing);
        Assert.Equal(Samples(own, new TimestepSpacing.Karras(4)), Samples(imported, new TimestepSpacing.Karras(4)));
    }

    [Fact]
    public void Nothing_is_written_or_said_but_the_reason_where_a_preconditioned_network_cannot_be_exported()
    {
        using var network = new UNet(Small.Network, new Seed(1));
        new CheckpointStore(At($"run/{CheckpointStore.FolderName}")).Save(network, Small.Recipe with
        {
            Prediction = new Prediction.Preconditioned(0.5),
            Schedule = new NoiseSchedule.ZeroTerminalSnr(new NoiseSchedule.Linear()),
        });
        Assert.StartsWith("error: schedule: found zeroTerminalSnr",
            Assert.Single(Run("export", At("run"), At("exported")).Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("exported")));
    }

    [Fact]
    public void A_file_with_both_names_of_one_tensor_is_refused_by_name()
    {
        var source = Directory.CreateDirectory(At("source")).FullName;
        File.Copy(Repository.OwnReference("unet-small", "config.json"), Path.Combine(source, "config.json"));
        using (var scope = NewDisposeScope())
        {
            using var weights = Safetensors.Open(Repository.OwnReference("unet-small", Weights));
            var query = weights.Entries.First(entry => entry.Name.EndsWith("to_q.weight", StringComparison.Ordinal)).Name;
            Safetensors.Write(Path.Combine(source, Weights),
                [.. weights.Entries.Select(entry => (entry.Name, weights.Load(entry.Name))),
                    (query.Replace("to_q", "query", StringComparison.Ordinal), weights.Load(query))]);
        }
        var error = Run("import", source, "--out", At("imported")).Error;
        Assert.Contains("to_q.weight'", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains(", two names of one tensor; expected each tensor once", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_library_has_no_words_for_is_not_exported()
    {
        using var network = new UNet(Small.Network, new Seed(1));
        new CheckpointStore(At($"run/{CheckpointStore.FolderName}"))
            .Save(network, Small.Recipe with { Schedule = new NoiseSchedule.Edm() });
        Assert.StartsWith("error: schedule: found edm", Run("export", At("run"), At("exported")).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("exported")));
    }

    [Fact]
    public void Every_reference_configuration_is_written_as_it_was_read()
    {
        foreach (var (file, model) in UNetCases.Names)
        {
            var config = ReferenceFile.Open(file)["models"].GetProperty(model).GetProperty("config");
            var read = DiffusersNetwork.Read(config, model);
            using var written = System.Text.Json.JsonDocument.Parse(read.ToJson().ToJsonString());
            Assert.Equal(read, DiffusersNetwork.Read(written.RootElement, model));
        }
    }

    private static UNetShape Other => Small.Network with
    {
        Levels =
            [new(8, new(LevelAttention.None, Resampling.Residual), new(LevelAttention.Self, Resampling.Residual)), UNetLevel.Attending(16)],
        HeadChannels = 4,
        Time = new(FrequencyOrder.CosineFirst, 0),
        Padding = DownsamplePadding.Symmetric,
        Middle = new() { Attention = MiddleAttention.None },
    };

    private string At(string name) => Path.Combine(_folder, name);

    private static float[] Samples(TrainedModel model, TimestepSpacing? grid = null)
    {
        var sampler = new Sampler.Ddim(0.5, new Clipping.Clip(), NoiseDirection.Rederived);
        var four = new Diffusion.Model.Sampling.SamplingRequest
        {
            Sampler = sampler, Grid = grid ?? new TimestepSpacing.Leading(4), Seed = 11,
        };
        using var drawn = new Diffusion.Model.Sampling.ModelSampler(model, four).Draw(4);
        return drawn.data<float>().ToArray();
    }

    private void Train(Recipe recipe)
    {
        using var images = Small.Images();
        using var run = new TrainingRun(recipe with { Data = recipe.Data with { Set = "folder", Size = 8 } }, images, CPU);
        run.Advance();
        run.Advance();
        new CheckpointStore(At($"run/{CheckpointStore.FolderName}")).Save(run);
    }

    private static (ExitCode Code, string Error) Run(params string[] words)
    {
        var error = new StringWriter { NewLine = "\n" };
        var code = CommandLineApp.Run(words, new(TextWriter.Null, error, Display.Plain), CancellationToken.None);
        return (code, error.ToString());
    }
}
