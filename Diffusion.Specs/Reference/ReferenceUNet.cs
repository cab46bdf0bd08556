using System.Runtime.InteropServices;
using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Reference;

/// <summary>Builds the networks that reference files describe: their shape from <c>config</c>, their weights by formula.</summary>
public static class ReferenceUNet
{
    /// <summary>Reads diffusers' configuration; a key or value without a meaning here is a failure.</summary>
    public static UNetShape Shape(ReferenceObject config)
    {
        // Of no effect on the function: the size that samples happen to have, and settings of features that are off.
        config.Ignore("sample_size", "num_train_timesteps");
        Only(config, "time_embedding_type", "positional");
        Only(config, "act_fn", "silu");
        Assert.True(config["class_embed_type"].ValueKind == JsonValueKind.Null, $"{config.Path}: class_embed_type");
        var scaleShift = Choice(config, "resnet_time_scale_shift", ("default", TimeInjection.Shift), ("scale_shift", TimeInjection.ScaleAndShift));
        var shape = new UNetShape
        {
            InputChannels = config.Integer("in_channels"),
            OutputChannels = config.Integer("out_channels"),
            Levels = [.. Levels(config)],
            BlocksPerLevel = config.Integer("layers_per_block"),
            Residual = new()
            {
                Groups = config.Integer("norm_num_groups"),
                Epsilon = config.Number("norm_eps"),
                Dropout = config.Number("dropout"),
                Injection = scaleShift,
            },
            Middle = Middle(config, scaleShift),
            HeadChannels = config.Has("attention_head_dim") ? Optional(config, "attention_head_dim") : 8,
            Time = new(
                config["flip_sin_to_cos"].GetBoolean() ? FrequencyOrder.CosineFirst : FrequencyOrder.SineFirst,
                config.Number("freq_shift")),
            Labels = Optional(config, "num_class_embeds") is { } classes ? new(classes, NullLabel.Absent) : null,
            Padding = config.Integer("downsample_padding") switch
            {
                0 => DownsamplePadding.Asymmetric,
                1 => DownsamplePadding.Symmetric,
                var other => throw new FormatException($"{config.Path}: downsample_padding {other}"),
            },
            Centring = config["center_input_sample"].GetBoolean() ? InputCentring.FromUnitInterval : InputCentring.None,
        };
        config.Complete();
        return shape;
    }

    /// <summary>A network with the weights that the formula gives for a salt, in evaluation mode and float32.</summary>
    public static UNet Build(UNetShape shape, string salt)
    {
        var network = new UNet(shape, new Seed(0));
        using var none = no_grad();
        foreach (var (name, parameter) in network.named_parameters())
            parameter.bytes = MemoryMarshal.AsBytes(Weights(salt, name, parameter.shape).AsSpan());
        network.eval();
        return network;
    }

    private static float[] Weights(string salt, string name, long[] shape)
    {
        var fan = shape.Skip(1).Aggregate(1L, (product, extent) => product * extent);
        var (offset, scale) = name.EndsWith("bias", StringComparison.Ordinal) ? (0, 0.1) : shape.Length >= 2 ? (0, Sqrt(3.0 / fan)) : (1.0, 0.2);
        return Array.ConvertAll(Formula.Symmetric($"{salt}:{name}", (int)(shape[0] * fan)), value => (float)(offset + scale * value));
    }

    private static IEnumerable<UNetLevel> Levels(ReferenceObject config)
    {
        var channels = config.Numbers("block_out_channels");
        var down = Blocks(config, "down_block_types", "downsample_type", "Down");
        var up = Blocks(config, "up_block_types", "upsample_type", "Up");
        Assert.Equal((channels.Length, channels.Length), (down.Length, up.Length));
        return channels.Select((width, level) => new UNetLevel((int)width, down[level], up[^(level + 1)]));
    }

    private static BlockShape[] Blocks(ReferenceObject config, string types, string resampling, string way)
    {
        var attending = Choice(config, resampling, ("conv", Resampling.Convolution), ("resnet", Resampling.Residual));
        return [.. config[types].EnumerateArray().Select(type => type.GetString() switch
        {
            var plain when plain == $"{way}Block2D" => new BlockShape(LevelAttention.None, Resampling.Convolution),
            var resampled when resampled == $"Resnet{way}sampleBlock2D" => new BlockShape(LevelAttention.None, Resampling.Residual),
            var attends when attends == $"Attn{way}Block2D" => new BlockShape(LevelAttention.Self, attending),
            var other => throw new FormatException($"{config.Path}: {types} has '{other}'"),
        })];
    }

    // Diffusers normalises before the middle attention with scale and shift only when told in how many groups.
    private static MiddleShape Middle(ReferenceObject config, TimeInjection injection)
    {
        var groups = Optional(config, "attn_norm_num_groups");
        var normalised = groups is not null || injection == TimeInjection.Shift ? MiddleAttention.Normalised : MiddleAttention.Unnormalised;
        return new()
        {
            Attention = config["add_attention"].GetBoolean() ? normalised : MiddleAttention.None,
            Groups = groups,
            Divisor = config.Number("mid_block_scale_factor"),
        };
    }

    private static int? Optional(ReferenceObject config, string key) =>
        config[key].ValueKind == JsonValueKind.Null ? null : config.Integer(key);

    private static void Only(ReferenceObject config, string key, string value) => Assert.Equal(value, config.Text(key));

    private static T Choice<T>(ReferenceObject config, string key, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        foreach (var (name, value) in choices)
            if (config.Text(key) == name)
                return value;
        throw new FormatException($"{config.Path}: {key} is '{config.Text(key)}'");
    }
}
