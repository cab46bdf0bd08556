using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Network snapshots of EDM (Karras et al. 2022), <c>.pkl</c>: DDPM++, NCSN++ and ADM networks under its preconditioning or that of the
/// variance-preserving, variance-exploding and improved DDPM models it compares with. What a snapshot says of the classes is taken as data,
/// so it says everything.
/// </summary>
internal sealed class Edm : CheckpointFamily
{
    private const string Augmentation = "model.map_augment.weight";

    // The noise levels of iDDPM's preconditioning.
    private const string Levels = "u";

    /// <inheritdoc/>
    public override string Name => "EDM";

    /// <inheritdoc/>
    public override string First => "model.map_layer0.weight";

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => true;

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        if (source.File.Module is not { } whole)
            throw tensors.Refusal("weights of EDM without what they were made with", "a snapshot, network-snapshot-*.pkl, or --recipe");
        var model = whole.Modules().FirstOrDefault(module => module.Name == "model").Module
            ?? throw tensors.Refusal("no module 'model'", "a snapshot of EDM");
        if (tensors.Has(Augmentation))
            note($"{source.File.Path}: the network was conditioned on how its images were augmented in training; here on none, as when " +
                "EDM draws");
        if (whole.Class == "iDDPMPrecond")
            note($"{source.File.Path}: the network also predicts a variance, which EDM does not use; here it is used, as by improved DDPM");
        var settings = new EdmSettings(tensors, model);
        var recipe = ImportedRecipe.Of(source.ModelName, settings.Shape, new ImageSize(settings.Size, settings.Size));
        return Preconditioned(recipe with
        {
            Evaluation = recipe.Evaluation with { Sampler = Sampler.Edm.Of(Churn.None), Spacing = new TimestepSpacing.Karras(18) },
        }, whole.Class, new(tensors, whole)) ?? throw tensors.Refusal(
            $"a network under {whole.Class}", "one under EDMPrecond, VPPrecond, VEPrecond or iDDPMPrecond");
    }

    // Karras et al. 2022, Table 1, column by column; null for none of them.
    private static Recipe? Preconditioned(Recipe recipe, string name, ModuleArguments settings) => name switch
    {
        "EDMPrecond" => recipe with
        {
            Schedule = new NoiseSchedule.Edm(),
            Prediction = new Prediction.Preconditioned(settings.Number("sigma_data", 0.5)),
            NoiseLevels = new NoiseLevelDistribution.LogNormalSigma(),
            Weight = new LossWeight.Edm(settings.Number("sigma_data", 0.5)),
        },
        "VPPrecond" => recipe with
        {
            Schedule = new NoiseSchedule.VariancePreserving(
                settings.Number("beta_min", 0.1), settings.Number("beta_min", 0.1) + settings.Number("beta_d", 19.9),
                settings.Number("epsilon_t", 1e-5)),
            // c_noise = (M − 1)·t.
            Network = recipe.Network with { Time = recipe.Network.Time with { Scale = settings.Number("M", 1000) - 1 } },
            Prediction = new Prediction.Noise(),
        },
        "VEPrecond" => recipe with
        {
            Schedule = new NoiseSchedule.VarianceExploding(settings.Number("sigma_min", 0.02), settings.Number("sigma_max", 100)),
            Prediction = new Prediction.Score(),
        },
        "iDDPMPrecond" => Improved(recipe, new(
            settings.Whole("M", 1000), settings.Number("C_2", 0.008), 1 - settings.Number("C_1", 0.001))),
        _ => null,
    };

    // Noise over a cosine schedule, with a learned variance beside it, which EDM itself does not use.
    private static Recipe Improved(Recipe recipe, NoiseSchedule.Cosine schedule)
    {
        var trained = KnownModel.Trained(
            recipe with { Schedule = schedule, Prediction = new Prediction.Noise() }, new Objective.Hybrid());
        return trained with { Evaluation = trained.Evaluation with { Spacing = new TimestepSpacing.Sections([Min(250, schedule.Count)]) } };
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var shape = recipe.Network;
        foreach (var passed in tensors.Names.Where(name =>
            name is Augmentation or EdmSettings.Frequencies or Levels
            || name.EndsWith(".resample_filter", StringComparison.Ordinal)).ToArray())
            tensors.Drop(passed);
        tensors.Rename("model.map_layer0", "time_embedding.linear_1");
        tensors.Rename("model.map_layer1", "time_embedding.linear_2");
        if (shape.Labels is { } labels)
            Labels(tensors, labels, shape);
        var size = EdmSettings.SideOf(tensors);
        string At(string half, int level, string part) => $"model.{half}.{size >> level}x{size >> level}_{part}";
        tensors.Rename(At("enc", 0, "conv"), "conv_in");
        foreach (var stage in UNetStage.Of(shape))
        {
            var half = stage.Half == UNetHalf.Down ? "enc" : "dec";
            var place = At(half, stage.Level, stage.Half == UNetHalf.Middle ? $"in{stage.Block}" : $"block{stage.Block}");
            Block(tensors, place, stage.Residual, stage.Attention);
            if (stage.Sampler is { } sampler)
            {
                var leaves = stage.Half == UNetHalf.Down ? At(half, stage.Level + 1, "down") : At(half, stage.Level - 1, "up");
                Block(tensors, leaves, sampler, null);
                if (stage.Half == UNetHalf.Down && shape.Entry == StateEntry.EveryLevel)
                    tensors.Rename(At("enc", stage.Level + 1, "aux_residual"), $"state_entries.{stage.Level}");
            }
        }
        var isSong = tensors.Has($"{At("dec", 0, "aux_norm")}.weight");
        tensors.Rename(isSong ? At("dec", 0, "aux_norm") : "model.out_norm", "conv_norm_out");
        tensors.Rename(isSong ? At("dec", 0, "aux_conv") : "model.out_conv", "conv_out");
    }

    // A label is a column of a matrix there; an image without one has the bias, where there is one.
    private static void Labels(TensorMapping tensors, LabelShape labels, UNetShape shape)
    {
        const string there = "model.map_label";
        var width = labels.Entry == LabelEntry.AfterLayers ? shape.EmbeddingChannels : shape.TimeChannels;
        if (tensors.Sizes($"{there}.weight", 2) is var sizes && (sizes[0] != width || sizes[1] != labels.Classes))
            throw tensors.Refusal($"'{there}.weight' of shape [{sizes[0]}, {sizes[1]}]", $"[{width}, {labels.Classes}]");
        if (labels.Entry == LabelEntry.AfterLayers)
        {
            tensors.MakeOf($"{there}.weight", "class_embedding.weight", TensorShape.Of(labels.Rows, width), weight =>
                Rows(weight.transpose(0, 1), labels));
            return;
        }
        if (tensors.Sizes($"{there}.bias", 1)[0] is var count && count != width)
            throw tensors.Refusal($"'{there}.bias' of shape [{count}]", $"[{width}]");
        tensors.Join($"{there}.weight", $"{there}.bias", "class_embedding.weight", TensorShape.Of(labels.Rows, width), (weight, bias) =>
            Rows(weight.transpose(0, 1).Times(Sqrt(labels.Classes)), labels).Plus(bias));
    }

    // No label is a row of zeros there.
    private static Tensor Rows(Tensor rows, LabelShape labels) =>
        labels.Null == NullLabel.Learned ? cat([rows, zeros_like(rows.narrow(0, 0, 1))], 0) : rows;

    private static void Block(TensorMapping tensors, string from, string to, string? attention)
    {
        tensors.Rename($"{from}.norm0", $"{to}.norm1");
        tensors.Rename($"{from}.conv0", $"{to}.conv1");
        tensors.Rename($"{from}.affine", $"{to}.time_emb_proj");
        tensors.Rename($"{from}.norm1", $"{to}.norm2");
        tensors.Rename($"{from}.conv1", $"{to}.conv2");
        if (tensors.Has($"{from}.skip.weight"))
            tensors.Rename($"{from}.skip", $"{to}.conv_shortcut");
        if (attention is null)
            return;
        tensors.Rename($"{from}.norm2", $"{attention}.group_norm");
        tensors.Split($"{from}.qkv", attention, (int)Max(1, tensors.Sizes($"{from}.proj.weight", 4)[0]));
        tensors.Flatten($"{from}.proj", $"{attention}.to_out.0");
    }
}
