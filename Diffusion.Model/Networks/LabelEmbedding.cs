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

    /// <inheritdoc/>
    public override Tensor forward(Tensor labels) => _weight.index_select(0, labels);
}
