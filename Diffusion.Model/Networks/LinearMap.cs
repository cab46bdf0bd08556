using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>A linear map of the last dimension: […, input] → […, output].</summary>
internal sealed class LinearMap : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;

    public LinearMap(long input, long output, Initialiser initial)
        : base(nameof(LinearMap))
    {
        _weight = initial.Weight(Initialiser.Unit, output, input);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.linear(input, _weight);
}
