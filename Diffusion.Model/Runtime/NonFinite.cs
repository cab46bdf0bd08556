using System.Globalization;
using Diffusion.Math.Values;
using TorchSharp;

namespace Diffusion.Model.Runtime;

/// <summary>Numbers that are none: NaN and the infinities.</summary>
public static class NonFinite
{
    /// <summary>
    /// A tensor that holds some, as a message names what it found: <c>'conv_in.weight' with 3 of 216 numbers that are not finite</c>.
    /// </summary>
    /// <param name="name">What the tensor is called.</param>
    /// <param name="numbers">The tensor; of whole numbers, it holds none.</param>
    /// <returns>The words; null where all numbers are finite.</returns>
    public static string? In(string name, torch.Tensor numbers)
    {
        using var scope = torch.NewDisposeScope();
        using var guard = torch.no_grad();
        // The quickest look: a sum is finite only where every number is.
        if (numbers.sum().to(torch.float64).isfinite().item<bool>())
            return null;
        var finite = numbers.isfinite();
        return finite.all().item<bool>() ? null : string.Create(CultureInfo.InvariantCulture,
            $"'{name}' with {numbers.numel() - finite.sum().item<long>()} of {Counted.Grouped(numbers.numel(), "number")} "
                + $"that are not finite");
    }
}
