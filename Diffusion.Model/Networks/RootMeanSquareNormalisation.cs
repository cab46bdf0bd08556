using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Divides the channels of each pixel by their root mean square, then scales each channel: [N, C, H, W].</summary>
/// <remarks>Zhang and Sennrich 2019, "Root mean square layer normalization", Eq. 4. Starts as the plain normalisation.</remarks>
internal sealed class RootMeanSquareNormalisation : Module<Tensor, Tensor>
{
    private const double Least = 1e-12;

    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    private readonly long _channels;

    public RootMeanSquareNormalisation(long channels)
        : base(nameof(RootMeanSquareNormalisation))
    {
        (_channels, _weight) = (channels, Initialiser.Ones(channels));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor state)
    {
        using var scope = NewDisposeScope();
        var scale = _weight.view(-1, 1, 1).Times(Sqrt(_channels));
        return (state / state.norm(1, keepdim: true).clamp(Number.Of(Least)) * scale).MoveToOuterDisposeScope();
    }
}
