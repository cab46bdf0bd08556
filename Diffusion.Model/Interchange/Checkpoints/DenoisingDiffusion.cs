using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using static TorchSharp.torch;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>
/// Checkpoints of lucidrains' denoising-diffusion-pytorch, <c>model-*.pt</c> with <c>model</c> and <c>ema</c>, or the state of its
/// <c>GaussianDiffusion</c>, whose buffers say schedule and prediction, or that of the network alone.
/// </summary>
internal sealed class DenoisingDiffusion : CheckpointFamily
{
    /// <summary>The usual settings of the program, for a network whose file has no buffers.</summary>
    public const string Usual = "denoising-diffusion-pytorch";

    /// <inheritdoc/>
    public override string Name => Usual;

    /// <inheritdoc/>
    public override string First => "init_conv.weight";

    /// <inheritdoc/>
    public override bool Knows(KnownModel model) => model.Name == Usual;

    /// <inheritdoc/>
    public override bool Recognises(TensorMapping tensors) => tensors.HasUnder("downs.0.0.") && tensors.HasUnder("time_mlp.");

    /// <inheritdoc/>
    public override Recipe RecipeOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        var shape = DenoisingDiffusionShape.Of(tensors);
        var recipe = ImportedRecipe.Of(source.ModelName, shape, null);
        var buffers = DiffusionBuffers.Of(source.File);
        if (buffers is null && source.Request.As is null)
            throw tensors.Refusal($"a network of {Name} without the schedule that it was trained over",
                $"the checkpoint of its training, or --as {Usual} with --set for what differs from its usual settings");
        if (shape.Labels is not null)
            note($"{source.File.Path}: the layers behind the table of labels are folded into it, and attention is taken to have 4 heads of "
                + "32 channels, as by default");
        note($"{source.File.Path}: a checkpoint of {Name} says neither the size of its images nor their range: they are taken to be in "
            + "[-1, 1], as that program has them by default");
        var learned = shape.PredictsVariance ? new Variance.LearnedRange() : null;
        return recipe with
        {
            Schedule = buffers?.Schedule ?? new NoiseSchedule.SigmoidSignal(),
            Prediction = buffers is null ? new Prediction.Velocity() : buffers.Prediction ?? PredictionOf(tensors, source, note),
            Weight = buffers?.Weight ?? Weight(new Prediction.Velocity()),
            Variance = learned,
            Objective = learned is null ? new Objective.Simple() : new Objective.Hybrid(),
            Evaluation = recipe.Evaluation with
            {
                Sampler = new Sampler.Ancestral((Variance?)learned ?? new Variance.Small(), new Clipping.Clip()),
            },
        };
    }

    /// <inheritdoc/>
    public override void Map(TensorMapping tensors, Recipe recipe, CheckpointSource source)
    {
        var shape = recipe.Network;
        // Those of the training, where the weights are at the same depth as its buffers.
        foreach (var buffer in DiffusionBuffers.Names)
            tensors.Drop(buffer);
        tensors.Rename("init_conv", "conv_in");
        tensors.Rename("time_mlp.1", "time_embedding.linear_1");
        tensors.Rename("time_mlp.3", "time_embedding.linear_2");
        if (shape.Labels is { } labels)
            Labels(tensors, labels, shape.EmbeddingChannels);
        var isGathered = shape.Architecture is UNetArchitecture.PostNormalised { Halving: Halving.Gathered };
        for (var level = 0; level < shape.Levels.Count; level++)
        {
            var isLast = level == shape.Levels.Count - 1;
            Level(tensors, $"downs.{level}", $"down_blocks.{level}", isLast || !isGathered ? "3" : "3.1");
            Level(tensors, $"ups.{level}", $"up_blocks.{level}", isLast ? "3" : "3.1");
        }
        Block(tensors, "mid_block1", "mid_resnets.0");
        Attention(tensors, "mid_attn", "mid_attention");
        Block(tensors, "mid_block2", "mid_resnets.1");
        Block(tensors, "final_res_block", "last_resnet");
        tensors.Rename("final_conv", "conv_out");
    }

    /// <summary>How that program weighs errors by default: those of ε, x̂_0 and v by 1, SNR and SNR/(SNR + 1).</summary>
    internal static LossWeight Weight(Prediction prediction) => prediction is Prediction.Noise
        ? new LossWeight.Simple()
        : new LossWeight.PerceptionPrioritised(0);

    private static Prediction PredictionOf(TensorMapping tensors, CheckpointSource source, Action<string> note)
    {
        var isSaid = source.Request.Changes.Any(change => change.Path.StartsWith("prediction", StringComparison.Ordinal));
        if (source.Request.As is null && !isSaid)
            throw tensors.Refusal("loss weights that do not say what the network predicts", "--set prediction=noise, clean or velocity");
        note($"{source.File.Path}: the loss weights do not say what the network predicts; velocity is taken unless --set says otherwise");
        return new Prediction.Velocity();
    }

    private static void Level(TensorMapping tensors, string from, string to, string leave)
    {
        Block(tensors, $"{from}.0", $"{to}.resnets.0");
        Block(tensors, $"{from}.1", $"{to}.resnets.1");
        Attention(tensors, $"{from}.2", $"{to}.attention");
        tensors.Rename($"{from}.{leave}", $"{to}.leave");
    }

    private static void Block(TensorMapping tensors, string from, string to)
    {
        foreach (var number in new[] { 1, 2 })
        {
            tensors.Rename($"{from}.block{number}.proj", $"{to}.conv{number}");
            Norm(tensors, $"{from}.block{number}.norm", $"{to}.norm{number}");
        }
        tensors.Rename($"{from}.mlp.1", $"{to}.time_emb_proj");
        if (tensors.Has($"{from}.res_conv.weight"))
            tensors.Rename($"{from}.res_conv", $"{to}.conv_shortcut");
    }

    private static void Norm(TensorMapping tensors, string from, string to)
    {
        var sizes = tensors.Sizes($"{from}.g", 4);
        tensors.Make($"{from}.g", $"{to}.weight", TensorShape.Of(sizes[1]), gain => gain.reshape(-1));
    }

    private static void Attention(TensorMapping tensors, string place, string to)
    {
        var (norm, from) = DenoisingDiffusionShape.PlacesOf(tensors, place);
        Norm(tensors, norm, $"{to}.norm");
        var fused = tensors.Sizes($"{from}.to_qkv.weight", 4);
        tensors.Make($"{from}.to_qkv.weight", $"{to}.to_qkv.weight", TensorShape.Of(fused[0], fused[1]), weight => weight.flatten(1));
        // Linear attention has its output normalised, and its learned places last.
        var isLinear = tensors.Has($"{from}.to_out.0.weight");
        if (tensors.Has($"{from}.mem_kv"))
        {
            var memory = tensors.Sizes($"{from}.mem_kv", 4);
            var (places, channels) = isLinear ? (memory[3], memory[2]) : (memory[2], memory[3]);
            tensors.Make($"{from}.mem_kv", $"{to}.memory", TensorShape.Of(memory[0], memory[1], places, channels),
                kept => isLinear ? kept.transpose(2, 3) : kept);
        }
        tensors.Flatten(isLinear ? $"{from}.to_out.0" : $"{from}.to_out", $"{to}.to_out");
        if (isLinear)
            Norm(tensors, $"{from}.to_out.1", $"{to}.norm_out");
    }

    // Every label, and then none, through the two layers behind the table there, in float64: what they make is the table here.
    private static void Labels(TensorMapping tensors, LabelShape labels, int width)
    {
        string[] names = ["classes_emb.weight", "null_classes_emb", .. new[] { 0, 2 }.SelectMany(layer => new[]
        {
            $"classes_mlp.{layer}.weight", $"classes_mlp.{layer}.bias",
        })];
        var channels = tensors.Sizes(names[0], 2)[1];
        tensors.Combine(names, "class_embedding.weight", TensorShape.Of(labels.Rows, width), [TensorShape.Of(labels.Classes, channels),
            TensorShape.Of(channels), TensorShape.Of(width, channels), TensorShape.Of(width), TensorShape.Of(width, width),
            TensorShape.Of(width)], parts => nn.functional.linear(nn.functional.gelu(nn.functional.linear(
                cat([parts[0], parts[1].unsqueeze(0)], 0), parts[2], parts[3])), parts[4], parts[5]));
    }
}
