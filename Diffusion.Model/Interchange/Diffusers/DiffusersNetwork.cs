using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Diffusers;

/// <summary>
/// The configuration of diffusers' <c>UNet2DModel</c> as a shape, and back. The facts are those of versions 0.30.3 and 0.39.
/// </summary>
/// <param name="Shape">The network.</param>
/// <param name="Size">Height and width of the samples that the configuration names, or null.</param>
public sealed record DiffusersNetwork(UNetShape Shape, ImageSize? Size)
{
    /// <summary>What a configuration describes.</summary>
    /// <param name="json">The object of <c>config.json</c>.</param>
    /// <param name="place">Where it came from, for messages.</param>
    /// <exception cref="InputException">A key or a value has no meaning here; the message names it.</exception>
    public static DiffusersNetwork Read(JsonElement json, string place) => Read(new DiffusersConfig(json, place));

    internal static DiffusersNetwork Read(DiffusersConfig config)
    {
        if (!config.Has("_class_name") && config.List("architectures") is { Length: > 0 })
            throw config.Refusal("architectures", "a UNet2DModel of diffusers");
        config.Choice("_class_name", ("UNet2DModel", true));
        config.Choice("time_embedding_type", ("positional", true));
        // Two names of one function.
        config.Choice("act_fn", ("silu", true), ("swish", true));
        config.Choice("mid_block_type", ("UNetMidBlock2D", true));
        config.MustBeNull("class_embed_type");
        // Only used by embeddings of another type.
        config.Ignore("num_train_timesteps");
        var injection = config.Choice(
            "resnet_time_scale_shift", ("default", TimeInjection.Shift), ("scale_shift", TimeInjection.ScaleAndShift));
        try
        {
            var shape = new UNetShape
            {
                InputChannels = config.Whole("in_channels", 3),
                OutputChannels = config.Whole("out_channels", 3),
                Levels = DiffusersBlocks.Read(config),
                BlocksPerLevel = config.Whole("layers_per_block", 2),
                Residual = new()
                {
                    Groups = config.Whole("norm_num_groups", 32),
                    Epsilon = config.Number("norm_eps", 1e-5),
                    Dropout = config.Number("dropout", 0),
                    Injection = injection,
                },
                Middle = Middle(config, injection),
                HeadChannels = config.OptionalWhole("attention_head_dim", 8),
                Time = new(config.Truth("flip_sin_to_cos", true) ? FrequencyOrder.CosineFirst : FrequencyOrder.SineFirst,
                    config.Number("freq_shift", 0)),
                Labels = config.OptionalWhole("num_class_embeds", null) is { } classes ? new(classes, NullLabel.Absent) : null,
                Padding = config.Whole("downsample_padding", 1) switch
                {
                    0 => DownsamplePadding.Asymmetric,
                    1 => DownsamplePadding.Symmetric,
                    _ => throw config.Refusal("downsample_padding", "0 or 1"),
                },
                Centring = config.Truth("center_input_sample", false) ? InputCentring.FromUnitInterval : InputCentring.None,
            };
            var size = config.Size("sample_size");
            // As in the library, 0 stands for null.
            if (config.OptionalWhole("time_embedding_dim", null) is { } width and not 0 && width != shape.EmbeddingChannels)
                throw config.Refusal("time_embedding_dim", $"null or 4 times the channels of the finest level, {shape.EmbeddingChannels}");
            config.Complete();
            return shape.Faults().FirstOrDefault() is { } fault
                ? throw new InputException(config.Place, fault.TrimEnd('.'), "a network that can be built")
                : new(shape, size);
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(config.Place, mismatch.Message, "a network that can be built", mismatch);
        }
    }

    /// <summary>The configuration.</summary>
    /// <exception cref="InputException">The shape has something that the library's network cannot express.</exception>
    public JsonObject ToJson()
    {
        if (Shape.Architecture is not UNetArchitecture.PreNormalised)
            throw Inexpressible(Shape.Architecture is UNetArchitecture.PostNormalised
                ? "root mean square normalisation" : "magnitude-preserving layers");
        if (Shape.Entry != StateEntry.Finest)
            throw Inexpressible("a state that enters at every level");
        if (Shape.Time.Frequencies is not null || Shape.Time.Width is not null)
            throw Inexpressible("an embedding of time with frequencies or a width of its own");
        if (Shape.Residual.Filter != ResamplingFilter.Box)
            throw Inexpressible("a change of resolution with a filter");
        if (Shape.Labels is { Entry: LabelEntry.BeforeLayers })
            throw Inexpressible("labels that enter before the layers of the time");
        if (Shape.Labels is { Width: not null })
            throw Inexpressible("a projected label embedding");
        if (Shape.Patch != 1)
            throw Inexpressible($"patches of {Shape.Patch}×{Shape.Patch} pixels");
        if (Shape.StemChannels is { } stem && stem != Shape.BaseChannels)
            throw Inexpressible("a first convolution of another width than the finest level");
        if (Shape.Residual is not { Divisor: 1, Shortcut: ResampledShortcut.Plain }
            || Shape.Levels.Any(level => Shape.Residual.GroupsOf(level.Channels) != Shape.Residual.Groups))
            throw Inexpressible("residual blocks as those of Song et al. 2021");
        if (Shape.Time.Scale != 1)
            throw Inexpressible("a time that is scaled");
        if (Shape.TimeChannels != Shape.BaseChannels)
            throw Inexpressible("an embedding of time of another width than the finest level");
        var config = new JsonObject
        {
            ["_class_name"] = "UNet2DModel",
            ["_diffusers_version"] = DiffusersFolder.Version,
            ["act_fn"] = "silu",
            ["add_attention"] = Shape.Middle.Attention != MiddleAttention.None,
            ["attention_head_dim"] = HeadWidth(),
            ["attn_norm_num_groups"] = MiddleGroups(),
            ["block_out_channels"] = new JsonArray([.. Shape.Levels.Select(level => (JsonNode)level.Channels)]),
            ["center_input_sample"] = Shape.Centring == InputCentring.FromUnitInterval,
            ["class_embed_type"] = null,
            ["downsample_padding"] = Shape.Padding == DownsamplePadding.Symmetric ? 1 : 0,
            ["dropout"] = Shape.Residual.Dropout,
            ["flip_sin_to_cos"] = Shape.Time.Order == FrequencyOrder.CosineFirst,
            ["freq_shift"] = Shape.Time.Shift == Floor(Shape.Time.Shift) ? (int)Shape.Time.Shift : Shape.Time.Shift,
            ["in_channels"] = Shape.InputChannels,
            ["layers_per_block"] = Shape.BlocksPerLevel,
            ["mid_block_scale_factor"] = Shape.Middle.Divisor,
            ["norm_eps"] = Shape.Residual.Epsilon,
            ["norm_num_groups"] = Shape.Residual.Groups,
            ["num_class_embeds"] = Shape.Labels?.Rows,
            ["num_train_timesteps"] = null,
            ["out_channels"] = Shape.OutputChannels,
            ["resnet_time_scale_shift"] = Shape.Residual.Injection == TimeInjection.Shift ? "default" : "scale_shift",
            ["sample_size"] =
                Size is not { } size ? null : size.Height == size.Width ? (JsonNode)size.Height : new JsonArray(size.Height, size.Width),
            ["time_embedding_type"] = "positional",
        };
        DiffusersBlocks.Write(Shape.Levels, config);
        return config;
    }

    internal static InputException Inexpressible(string what) => new("network", what, "a network that diffusers' UNet2DModel can express");

    // The library normalises before the middle attention with scale and shift only when the number of groups is given.
    private static MiddleShape Middle(DiffusersConfig config, TimeInjection injection)
    {
        var groups = config.OptionalWhole("attn_norm_num_groups", null);
        var normalised = groups is not null || injection == TimeInjection.Shift ? MiddleAttention.Normalised : MiddleAttention.Unnormalised;
        return new()
        {
            Attention = config.Truth("add_attention", true) ? normalised : MiddleAttention.None,
            Groups = groups,
            Divisor = config.Number("mid_block_scale_factor", 1),
        };
    }

    // The library has heads of one width in all its blocks.
    private int? HeadWidth() => Shape.Heads is not { } heads ? Shape.HeadChannels
        : Shape.Levels.Where(level => level.Down.Attention != LevelAttention.None || level.Up.Attention != LevelAttention.None)
            .Append(Shape.Levels[^1]).Select(level => level.Channels / heads).Distinct().ToArray() is [var width] ? width
        : throw Inexpressible($"{heads} attention heads of several widths");

    private int? MiddleGroups()
    {
        var shifts = Shape.Residual.Injection == TimeInjection.Shift;
        return Shape.Middle.Attention switch
        {
            MiddleAttention.Normalised => Shape.Middle.Groups ?? (shifts ? null : Shape.Residual.Groups),
            MiddleAttention.Unnormalised when shifts =>
                throw Inexpressible("a middle attention without normalisation beside a shift by time"),
            _ => null,
        };
    }
}
