using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>A table with one learned vector for each label: [N] of int64 → [N, width].</summary>
internal sealed class LabelEmbedding : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public LabelEmbedding(long rows, long width, Initialiser initial)
        : base(nameof(LabelEmbedding))
    {
        _weight = initial.Normal(rows, width);
        RegisterComponents();
    }

    /// <summary>The vectors of labels by a table, null for a network without one: [N or 1, width].</summary>
    /// <exception cref="ArgumentException">Labels were given to an unconditional network, or none to one that has no null
    /// label.</exception>
    public static Tensor? Of(LabelEmbedding? table, LabelShape? shape, Tensor? labels)
    {
        if (table is null)
            return labels is null
                ? null : throw new ArgumentException("The network is unconditional; it was given labels.", nameof(labels));
        if (labels is null && shape is { Null: NullLabel.Absent })
            throw new ArgumentException("The network has no null label; every example needs a label.", nameof(labels));
        return table.call(labels ?? full(1, Number.Of(shape!.Classes), int64, table._weight.device));
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor labels) => _weight.index_select(0, labels);
}
