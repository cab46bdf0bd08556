using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>Normalises each group of channels of each example to mean 0 and variance 1, then scales and shifts each channel.</summary>
/// <remarks>Wu and He 2018, Eq. 1, 6 and 7. Starts as the plain normalisation.</remarks>
internal sealed class GroupNormalisation : Module<Tensor, Tensor>
{
    [ComponentName(Name = "weight")]
    private readonly Parameter _weight;
    [ComponentName(Name = "bias")]
    private readonly Parameter _bias;
    private readonly long _groups;
    private readonly double _epsilon;

    public GroupNormalisation(long channels, long groups, double epsilon)
        : base(nameof(GroupNormalisation))
    {
        (_groups, _epsilon) = (groups, epsilon);
        _weight = Initialiser.Ones(channels);
        _bias = Initialiser.Zeros(channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) => functional.group_norm(input, _groups, _weight, _bias, _epsilon);
}
