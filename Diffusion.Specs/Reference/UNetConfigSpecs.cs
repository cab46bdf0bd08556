using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Model.Files;
using Diffusion.Model.Interchange.Diffusers;
using Diffusion.Model.Networks;

namespace Diffusion.Specs.Reference;

public sealed class UNetConfigSpecs
{
    [Theory]
    [InlineData("surprise", "1")]
    [InlineData("act_fn", "\"mish\"")]
    [InlineData("time_embedding_type", "\"fourier\"")]
    [InlineData("class_embed_type", "\"timestep\"")]
    [InlineData("downsample_padding", "2")]
    [InlineData("downsample_type", "\"pool\"")]
    [InlineData("resnet_time_scale_shift", "\"spatial\"")]
    [InlineData("down_block_types", "[\"DownBlock2D\", \"SkipDownBlock2D\"]")]
    [InlineData("up_block_types", "[\"UpBlock2D\"]")]
    public void Settings_without_a_meaning_here_are_failures(string key, string value)
    {
        var config = Known();
        Shape(config);
        config[key] = JsonNode.Parse(value);
        Assert.Contains(key, Assert.Throws<InputException>(() => Shape(config)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_head_size_means_eight()
    {
        var config = Known();
        // Whatever the sizes of the network, eight must divide them.
        config["block_out_channels"] = new JsonArray(
            [.. config["block_out_channels"]!.AsArray().Select(width => (JsonNode)(8 * (int)width!))]);
        config["attention_head_dim"] = null;
        Assert.Null(Shape(config).HeadChannels);
        config.AsObject().Remove("attention_head_dim");
        Assert.Equal(8, Shape(config).HeadChannels);
    }

    private static JsonNode Known()
    {
        var (file, model) = UNetCases.Names.First();
        return JsonNode.Parse(ReferenceFile.Open(file)["models"].GetProperty(model).GetProperty("config").GetRawText())!;
    }

    private static UNetShape Shape(JsonNode config)
    {
        using var document = JsonDocument.Parse(config.ToJsonString());
        return DiffusersNetwork.Read(document.RootElement, "config").Shape;
    }
}
