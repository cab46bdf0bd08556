using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Interchange.Checkpoints;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Specs.Data;
using TorchSharp;

namespace Diffusion.Specs.Interchange;

/// <summary>What is said of a file or folder of something else that a person tries to import.</summary>
public sealed class ForeignKindSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("a LoRA, which changes the weights of another network; expected the whole weights",
        "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight")]
    [InlineData("a LoRA", "lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight")]
    [InlineData("a checkpoint of latent diffusion, such as Stable Diffusion; expected a diffusion model of pixels",
        "model.diffusion_model.input_blocks.0.0.weight", "first_stage_model.decoder.conv_in.weight")]
    [InlineData("a network that text steers (UNet2DConditionModel); expected a diffusion model of pixels: a U-Net that nothing but a "
        + "time and a class label steers; there is no autoencoder and no encoder of text here",
        "conv_in.weight", "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight")]
    [InlineData("an autoencoder of images (AutoencoderKL)", "encoder.down_blocks.0.x", "decoder.up_blocks.0.x", "decoder.conv_in.weight")]
    [InlineData("a language model", "model.embed_tokens.weight", "model.layers.0.self_attn.q_proj.weight", "lm_head.weight")]
    [InlineData("a language model", "transformer.wte.weight", "transformer.h.0.attn.c_attn.weight")]
    [InlineData("a diffusion transformer", "double_blocks.0.img_attn.qkv.weight", "img_in.weight")]
    [InlineData("a diffusion transformer", "x_embedder.proj.weight", "t_embedder.mlp.0.weight", "blocks.0.attn.qkv.weight")]
    [InlineData("a classifier of images (ResNet)", "conv1.weight", "layer1.0.conv1.weight", "fc.weight")]
    [InlineData("a KarrasUnet of denoising-diffusion-pytorch; expected a Unet of that program, or the network itself from EDM2",
        "model.input_block.weight", "model.to_time_emb.0.weights")]
    [InlineData("a network of denoising-diffusion-pytorch before version 1", "downs.0.0.ds_conv.weight", "time_mlp.1.weight")]
    [InlineData("1 tensor, such as 'encoder.weight', of an unknown network", "encoder.weight")]
    public void A_file_of_other_networks_is_called_what_it_is(string kind, params string[] names)
    {
        using var tensors = StoredTensors.Of("file", [.. names.Select(name => new StoredTensor(name, TensorShape.Of(2), _ => { }))]);
        Assert.StartsWith($"file: found {kind}",
            Assert.Throws<InputException>(() => ModelFile.Read(tensors, ImportRequest.None)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("config.json", """{"architectures": ["LlamaForCausalLM"], "model_type": "llama"}""",
        "config.json: found architectures = [\"LlamaForCausalLM\"]; expected a UNet2DModel of diffusers")]
    [InlineData("config.json", """{"_class_name": "AutoencoderKL"}""", "found _class_name = \"AutoencoderKL\"; expected UNet2DModel")]
    [InlineData("model_index.json", """{"_class_name": "StableDiffusionPipeline"}""",
        "found _class_name = \"StableDiffusionPipeline\"; expected DDPMPipeline")]
    [InlineData("photo.png", "", "found a folder without model_index.json and config.json; expected a file of weights, or a folder that "
        + "diffusers saved")]
    [InlineData(null, null, "found an empty folder; expected a file of weights, or a folder that diffusers saved")]
    public void A_folder_of_something_else_is_called_what_it_is(string? name, string? content, string reason)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_place.Path, "folder")).FullName;
        if (name is not null)
            File.WriteAllText(Path.Combine(folder, name), content);
        Assert.Contains(reason, Assert.Throws<InputException>(() => DiffusersFolder.Read(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_array_of_NumPy_has_no_names()
    {
        File.WriteAllBytes(_place["x.npy"], [0x93, .. "NUMPY"u8, 1, 0]);
        Assert.Contains("found an array of NumPy, which has no name; expected a file of weights or arrays",
            Assert.Throws<InvalidFileException>(() => ModelFile.Read(_place["x.npy"], ImportRequest.None)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_beside_the_tensors_of_a_file_of_PyTorch_are_read_and_pass_for_no_tensors()
    {
        using var scope = torch.NewDisposeScope();
        TorchPickleWriter.Write(
            _place["x.pth"], [("a", torch.ones(2))], new Dictionary<string, string> { ["one"] = "größer", ["other"] = "" });
        using var read = StoredTensors.Open(_place["x.pth"]);
        Assert.Equal(("größer", ""), (read.Metadata["one"], read.Metadata["other"]));
        Assert.Equal("a", Assert.Single(read.All).Name);
    }
}
