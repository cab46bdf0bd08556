using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>A residual block of a U-Net here, in the order in which a forward pass meets them, with what follows it.</summary>
/// <param name="Half">Where it is.</param>
/// <param name="Level">Its level; 0 is the finest.</param>
/// <param name="Block">Its number within the level and half.</param>
/// <param name="Residual">The name of the residual block.</param>
/// <param name="Attention">The name of the attention behind it; null where there is none.</param>
/// <param name="Sampler">The name of what leaves for the next level; null where nothing does.</param>
internal sealed record UNetStage(UNetHalf Half, int Level, int Block, string Residual, string? Attention, string? Sampler)
{
    /// <summary>The blocks of a network.</summary>
    public static IEnumerable<UNetStage> Of(UNetShape shape)
    {
        var last = shape.Levels.Count - 1;
        for (var level = 0; level <= last; level++)
            for (var block = 0; block < shape.BlocksPerLevel; block++)
                yield return new(
                    UNetHalf.Down, level, block, $"down_blocks.{level}.resnets.{block}",
                    AttentionOf(shape.Levels[level].Down, $"down_blocks.{level}", block, shape.BlocksPerLevel),
                    block == shape.BlocksPerLevel - 1 && level < last ? $"down_blocks.{level}.downsamplers.0" : null);
        yield return new(
            UNetHalf.Middle, last, 0, "mid_block.resnets.0",
            shape.Middle.Attention == MiddleAttention.None ? null : "mid_block.attentions.0", null);
        yield return new(UNetHalf.Middle, last, 1, "mid_block.resnets.1", null, null);
        for (var level = last; level >= 0; level--)
            for (var block = 0; block <= shape.BlocksPerLevel; block++)
                yield return new(
                    UNetHalf.Up, level, block, $"up_blocks.{last - level}.resnets.{block}",
                    AttentionOf(shape.Levels[level].Up, $"up_blocks.{last - level}", block, shape.BlocksPerLevel + 1),
                    block == shape.BlocksPerLevel && level > 0 ? $"up_blocks.{last - level}.upsamplers.0" : null);
    }

    // The attention behind the last block alone is the first of its level.
    private static string? AttentionOf(BlockShape shape, string place, int block, int count) =>
        shape.Attends(block, count) ? $"{place}.attentions.{(shape.Attention == LevelAttention.Last ? 0 : block)}" : null;
}
