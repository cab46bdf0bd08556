using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>An affine map of the last dimension: […, input] → […, output].</summary>
internal sealed class Dense : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;

    public Dense(long input, long output, Initialiser initial, double gain = Initialiser.Unit)
        : base(nameof(Dense))
    {
        _weight = initial.Weight(gain, output, input);
        _bias = Initialiser.Zeros(output);
        RegisterComponents();
    }

    /// <summary>The type of the parameters.</summary>
    public ScalarType Type => _weight.dtype;

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.linear(input, _weight, _bias);
}
