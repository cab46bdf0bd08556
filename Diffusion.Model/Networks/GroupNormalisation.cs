using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Model.Networks;

/// <summary>
/// Normalises each group of channels of each example to mean 0 and variance 1, then scales and shifts each channel:
/// [N, C, H, W] → [N, C, H, W].
/// </summary>
/// <remarks>
/// Wu and He 2018, Eq. 1, 6 and 7. Starts as the plain normalisation. In bfloat16 on a CPU with the channels last, what surrounds it is
/// computed together with it: see <see cref="FusedNormalisation"/>.
/// </remarks>
internal sealed class GroupNormalisation : Module<Tensor, Tensor>, IArranged
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
    public MemoryLayout Layout { get; set; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input) =>
        IsFused(input)
            ? Fused(input, Nonlinearity.None, (null, null))
            : functional.group_norm(input, _groups, _weight, _bias, _epsilon);

    /// <summary>SiLU of the normalised input.</summary>
    public Tensor Activated(Tensor input) =>
        IsFused(input) ? Fused(input, Nonlinearity.Silu, (null, null)) : functional.silu(call(input));

    /// <summary>SiLU of the normalised input, modulated as the time's layer asks for.</summary>
    /// <param name="input">[N, C, H, W]; with <see cref="TimeInjection.Shift"/> changed in place.</param>
    /// <param name="modulation">
    /// [N, C, 1, 1], added before the normalisation; with <see cref="TimeInjection.ScaleAndShift"/> [N, 2C, 1, 1], scale − 1 and shift
    /// after it. [1, ...] is one for all images.
    /// </param>
    /// <param name="injection">Which of the two.</param>
    public Tensor Activated(Tensor input, Tensor modulation, TimeInjection injection)
    {
        using var scope = NewDisposeScope();
        if (injection == TimeInjection.Shift)
            return (IsFused(input)
                ? Fused(input, Nonlinearity.Silu, (modulation, null))
                : functional.silu(call(input.add_(modulation, Number.One)))).MoveToOuterDisposeScope();
        if (IsFused(input))
            return Fused(input, Nonlinearity.Silu, (null, modulation)).MoveToOuterDisposeScope();
        var parts = modulation.chunk(2, 1);
        return functional.silu(parts[1].Plus(call(input) * parts[0].Plus(1))).MoveToOuterDisposeScope();
    }

    private bool IsFused(Tensor input) => Layout == MemoryLayout.ChannelsLast && FusedNormalisation.Computes(input);

    private Tensor Fused(Tensor input, Nonlinearity after, (Tensor? Before, Tensor? Behind) modulation)
    {
        using var scope = NewDisposeScope();
        var size = (Images: input.shape[0], Channels: input.shape[1]);
        var (gain, bias) = (_weight.to(float32).expand(size.Images, -1), _bias.to(float32).expand(size.Images, -1));  // [N, C]
        if (modulation.Behind is { } behind)
        {
            var parts = behind.view(-1, 2, size.Channels).to(float32).unbind(1);
            var scale = parts[0].Plus(1);
            (gain, bias) = (gain * scale, (bias * scale).add_(parts[1], Number.One));
        }
        var offset = modulation.Before?.view(-1, size.Channels).to(float32).expand(size.Images, -1) ?? zeros_like(gain);
        var kernel = new NormalisationKernel(
            (int)(input.shape[2] * input.shape[3]), (int)size.Channels, (int)_groups, (float)_epsilon, after);
        return FusedNormalisation.Of(input, stack([offset, gain, bias]), kernel).MoveToOuterDisposeScope();
    }
}
