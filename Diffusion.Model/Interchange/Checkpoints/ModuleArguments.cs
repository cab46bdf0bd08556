using Diffusion.Model.Formats.Torch;
using Diffusion.Model.Networks;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What a module of a snapshot was made with, argument by argument; what is not there has its class's default.</summary>
/// <param name="tensors">The tensors of its network, for refusals.</param>
/// <param name="module">The module.</param>
internal sealed class ModuleArguments(TensorMapping tensors, PickledModule module)
{
    private const int Most = 1 << 20;

    /// <summary>The smoothing of changes of resolution.</summary>
    /// <exception cref="Files.InputException">It is another than the two that networks have.</exception>
    public ResamplingFilter Filter => Wholes("resample_filter", [1, 1]) switch
    {
        [1, 1] => ResamplingFilter.Box,
        [1, 3, 3, 1] => ResamplingFilter.Binomial,
        var other => throw tensors.Refusal($"resample_filter = [{string.Join(", ", other)}]", "[1, 1] or [1, 3, 3, 1]"),
    };

    /// <summary>Whether a text was given, and is this one.</summary>
    public bool Is(string argument, string value) => module[argument] is PickleValue.Text text && text.Value == value;

    /// <summary>Whether an argument was given as None.</summary>
    public bool IsNone(string argument) => module[argument] is PickleValue.None;

    /// <summary>A finite number; what is no number is taken as not given.</summary>
    public double Number(string argument, double otherwise) => module[argument] switch
    {
        PickleValue.Real { Value: var value } when double.IsFinite(value) => value,
        PickleValue.Integer { Value: var value } when value >= -Most && value <= Most => (double)value,
        _ => otherwise,
    };

    /// <summary>A number from 0 up to and without 1; anything else is taken as not given.</summary>
    public double Share(string argument, double otherwise) => Number(argument, otherwise) is >= 0 and < 1 and var share ? share : otherwise;

    /// <summary>A whole number from 0 on.</summary>
    /// <exception cref="Files.InputException">It is something else.</exception>
    public int Whole(string argument, int otherwise) => module[argument] switch
    {
        null or PickleValue.None => otherwise,
        PickleValue.Integer { Value: var value } when value >= 0 && value <= Most => (int)value,
        var other => throw tensors.Refusal($"{argument} = {other}", "a whole number"),
    };

    /// <summary>Whole numbers from 0 on.</summary>
    /// <exception cref="Files.InputException">They are something else.</exception>
    public int[] Wholes(string argument, int[] otherwise) => module[argument] switch
    {
        null or PickleValue.None => otherwise,
        PickleValue.List list => [.. list.Items.Select(Item)],
        PickleValue.Tuple tuple => [.. tuple.Items.Select(Item)],
        var other => throw tensors.Refusal($"{argument} = {other}", "whole numbers"),
    };

    private int Item(PickleValue value) => value is PickleValue.Integer { Value: var whole } && whole >= 0 && whole <= Most
        ? (int)whole
        : throw tensors.Refusal($"{value} in a list of settings", "a whole number");
}
