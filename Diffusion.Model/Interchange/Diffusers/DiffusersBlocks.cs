using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Networks;
using Resampling = Diffusion.Model.Networks.Resampling;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>The blocks of diffusers' <c>UNet2DModel</c> by their names, and back.</summary>
internal static class DiffusersBlocks
{
    private static readonly string[] DefaultDown = ["DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"];
    private static readonly string[] DefaultUp = ["AttnUpBlock2D", "AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"];
    private static readonly int[] DefaultChannels = [224, 448, 672, 896];

    /// <summary>The levels, finest first.</summary>
    public static Sequence<UNetLevel> Read(DiffusersConfig config)
    {
        var channels = config.Wholes("block_out_channels") ?? DefaultChannels;
        var down = Blocks(config, "down_block_types", "downsample_type", "Down");
        var up = Blocks(config, "up_block_types", "upsample_type", "Up");
        if (down.Length != channels.Length)
            throw config.Refusal("down_block_types", $"{channels.Length} blocks, as block_out_channels has");
        if (up.Length != channels.Length)
            throw config.Refusal("up_block_types", $"{channels.Length} blocks, as block_out_channels has");
        return channels.Select((width, level) => new UNetLevel(width, down[level], up[^(level + 1)])).ToSequence();
    }

    /// <summary>Adds the names of the blocks to a configuration.</summary>
    /// <exception cref="InputException">There is no name for a block.</exception>
    public static void Write(Sequence<UNetLevel> levels, JsonObject config)
    {
        // The last block of either half leaves for no other level.
        var down = levels.Select((level, index) => (level.Down, index < levels.Count - 1)).ToArray();
        var up = levels.Select((level, index) => (level.Up, index > 0)).Reverse().ToArray();
        config["down_block_types"] = new JsonArray([.. down.Select(block => (JsonNode)Name(block, "Down"))]);
        config["up_block_types"] = new JsonArray([.. up.Select(block => (JsonNode)Name(block, "Up"))]);
        config["downsample_type"] = AttendingType(down);
        config["upsample_type"] = AttendingType(up);
    }

    private static BlockShape[] Blocks(DiffusersConfig config, string types, string resampling, string way)
    {
        var attending = config.Choice(resampling, ("conv", Resampling.Convolution), ("resnet", Resampling.Residual));
        var names = config.List(types)?.Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText())
            ?? (way == "Down" ? DefaultDown : DefaultUp);
        return [.. names.Select(type =>
            type == $"{way}Block2D" ? new BlockShape(LevelAttention.None, Resampling.Convolution)
            : type == $"Resnet{way}sampleBlock2D" ? new BlockShape(LevelAttention.None, Resampling.Residual)
            : type == $"Attn{way}Block2D" ? new BlockShape(LevelAttention.Self, attending)
            : throw new InputException(
                config.Place, $"{types} with '{type}'", $"{way}Block2D, Attn{way}Block2D or Resnet{way}sampleBlock2D"))];
    }

    private static string Name((BlockShape Block, bool Leaves) place, string way) => (place.Block.Attention, place.Block.Resampling) switch
    {
        (LevelAttention.Last, _) => throw DiffusersNetwork.Inexpressible("a level whose last block alone attends"),
        (LevelAttention.Self, _) => $"Attn{way}Block2D",
        (_, Resampling.Residual) => $"Resnet{way}sampleBlock2D",
        (_, Resampling.Plain) when place.Leaves => throw DiffusersNetwork.Inexpressible("a level that is left without parameters"),
        _ => $"{way}Block2D",
    };

    private static string AttendingType((BlockShape Block, bool Leaves)[] blocks)
    {
        var types = blocks.Where(place => place.Leaves && place.Block.Attention == LevelAttention.Self)
            .Select(place => place.Block.Resampling).Distinct().ToArray();
        return types switch
        {
            [] or [Resampling.Convolution] => "conv",
            [Resampling.Residual] => "resnet",
            _ => throw DiffusersNetwork.Inexpressible("attending levels that are left in several ways, or without parameters"),
        };
    }
}
