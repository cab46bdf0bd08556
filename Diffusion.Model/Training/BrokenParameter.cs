using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Where the numbers of a run went wrong.</summary>
internal static class BrokenParameter
{
    /// <summary>The parameter at which they did, as the end of a sentence; null where none did.</summary>
    /// <remarks>
    /// The first one that is not finite itself. Else gradients flow from the loss towards the input, so of parameters without a finite one
    /// it is that nearest to the loss; and where none has one, since the loss is not finite itself, that with the largest number.
    /// </remarks>
    /// <param name="arena">The parameters; no gradient is left in it.</param>
    /// <param name="backward">Adds the gradients of a batch to those in the arena.</param>
    public static string? FirstOf(ParameterArena arena, Action backward)
    {
        using var scope = NewDisposeScope();
        bool IsBroken(ParameterSlice slice, Tensor numbers) => !slice.Of(numbers).isfinite().all().item<bool>();
        if (arena.Slices.FirstOrDefault(slice => IsBroken(slice, arena.Values)) is { } lost)
            return $"{lost.Name} is not finite";
        arena.Gradients.zero_();
        backward();
        var broken = arena.Slices.Where(slice => IsBroken(slice, arena.Gradients)).OrderBy(slice => Depth(slice.Name)).ToList();
        arena.Gradients.zero_();
        if (broken.Count < arena.Slices.Count)
            return broken.Count == 0 ? null : $"the gradient of {broken[^1].Name} is not finite";
        var (largest, size) = arena.Slices.Select(slice => (slice.Name, Size: slice.Of(arena.Values).detach().abs().max().item<float>()))
            .MaxBy(slice => slice.Size);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"the loss is not finite, and the largest weight is {size:0.##E+0} in {largest}");
    }

    // The parts of a U-Net in the order in which an image passes them, which is not that of its parameters.
    private static int Depth(string name) => name.Split('.')[0] switch
    {
        "mid_block" => 1,
        "up_blocks" => 2,
        "conv_norm_out" or "conv_out" => 3,
        _ => 0,
    };
}
