using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Network snapshots of EDM2 (Karras et al. 2024), <c>.pkl</c>: magnitude-preserving networks under the preconditioning of EDM. Those of
/// latents, as for 512×512 images, are refused: there is no decoder here.
/// </summary>
internal sealed class Edm2 : CheckpointFamily
{
    private const int MostPixelChannels = 3;

    /// <inheritdoc/>
    public override string Name => "EDM2";

    /// <inheritdoc/>
    public override string First => "unet.emb_noise.weight";

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => tensors.Has("unet.out_conv.weight");

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        if (source.File.Module is not { } whole)
            throw tensors.Refusal("weights of EDM2 without what they were made with", "a snapshot, *.pkl, or --recipe");
        var model = whole.Modules().FirstOrDefault(module => module.Name == "unet").Module
            ?? throw tensors.Refusal("no module 'unet'", "a snapshot of EDM2");
        var settings = new ModuleArguments(tensors, model);
        var shape = Edm2Shape.Of(tensors, settings);
        if (shape.InputChannels > MostPixelChannels)
            throw tensors.Refusal($"a network of EDM2 for latents of {shape.InputChannels} channels, which an autoencoder makes of images",
                "one for images, such as edm2-img64");
        var size = settings.Whole("img_resolution", 0);
        var deviation = new ModuleArguments(tensors, whole).Number("sigma_data", 0.5);
        note($"{source.File.Path}: the network's estimate of its own uncertainty, which only its training uses, is passed over; further "
            + "training draws noise levels as that of EDM2's models of 64×64 images");
        var recipe = ImportedRecipe.Of(source.ModelName, shape, size > 0 ? new ImageSize(size, size) : null);
        return recipe with
        {
            Schedule = new NoiseSchedule.Edm(),
            Prediction = new Prediction.Preconditioned(deviation),
            NoiseLevels = new NoiseLevelDistribution.LogNormalSigma(-0.8, 1.6),
            Weight = new LossWeight.Edm(deviation),
            Evaluation = recipe.Evaluation with { Sampler = Sampler.Edm.Of(Churn.None), Spacing = new TimestepSpacing.Karras(32) },
        };
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var shape = recipe.Network;
        foreach (var passed in tensors.Names.Where(name => name.StartsWith("logvar_", StringComparison.Ordinal)
            || name.StartsWith("unet.emb_fourier.", StringComparison.Ordinal)).ToArray())
            tensors.Drop(passed);
        tensors.RenameWeight("unet.emb_noise", "time_embedding");
        if (shape.Labels is { } labels)
            tensors.Make("unet.emb_label.weight", "class_embedding.weight", TensorShape.Of(labels.Rows, shape.EmbeddingChannels),
                weight => weight.transpose(0, 1));
        var size = Edm2Shape.SideOf(tensors);
        string At(string half, int level, string part) => $"unet.{half}.{size >> level}x{size >> level}_{part}";
        tensors.RenameWeight(At("enc", 0, "conv"), "conv_in");
        var last = shape.Levels.Count - 1;
        for (var level = 0; level <= last; level++)
        {
            if (level > 0)
                Block(tensors, At("enc", level, "down"), $"down_blocks.{level}.enter");
            for (var block = 0; block < shape.BlocksPerLevel; block++)
                Block(tensors, At("enc", level, $"block{block}"), $"down_blocks.{level}.resnets.{block}");
            if (level < last)
                Block(tensors, At("dec", level, "up"), $"up_blocks.{last - level}.enter");
            for (var block = 0; block <= shape.BlocksPerLevel; block++)
                Block(tensors, At("dec", level, $"block{block}"), $"up_blocks.{last - level}.resnets.{block}");
        }
        for (var block = 0; block < 2; block++)
            Block(tensors, At("dec", last, $"in{block}"), $"mid_resnets.{block}");
        tensors.RenameWeight("unet.out_conv", "conv_out");
        tensors.Make("unet.out_gain", "conv_out.gain", TensorShape.Of(1), gain => gain.reshape(1));
    }

    private static void Block(TensorMapping tensors, string from, string to)
    {
        tensors.RenameWeight($"{from}.conv_res0", $"{to}.conv1");
        tensors.RenameWeight($"{from}.emb_linear", $"{to}.time_emb_proj");
        tensors.Make($"{from}.emb_gain", $"{to}.time_emb_proj.gain", TensorShape.Of(1), gain => gain.reshape(1));
        tensors.RenameWeight($"{from}.conv_res1", $"{to}.conv2");
        foreach (var (there, here) in new[] { ("conv_skip", "conv_shortcut"), ("attn_qkv", "to_qkv"), ("attn_proj", "to_out") })
            if (tensors.Has($"{from}.{there}.weight"))
                tensors.RenameWeight($"{from}.{there}", $"{to}.{here}");
    }
}
