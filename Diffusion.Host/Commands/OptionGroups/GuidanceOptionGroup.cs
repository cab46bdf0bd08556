using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of classifier-free guidance, in both of the field's conventions: w, and the guidance scale s = 1 + w.</summary>
/// <typeparam name="T">One number, or a list.</typeparam>
internal sealed class GuidanceOptionGroup<T>
{
    private readonly Cli.Option<T> _w;
    private readonly Cli.Option<T> _scale;
    private readonly Func<T, T> _ofScale;

    internal GuidanceOptionGroup(Cli.Option<T> w, Cli.Option<T> scale, Func<T, T> ofScale) => (_w, _scale, _ofScale) = (w, scale, ofScale);

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_w, _scale];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_w) && typed.IsGiven(_scale))
            yield return $"{typed.NameOf(_scale)}: cannot be combined with {typed.NameOf(_w)}";
    }

    /// <summary>w, whichever was typed; <c>default</c> where neither was.</summary>
    public T? W(Cli.ParseResult typed) => typed.IsGiven(_scale) ? _ofScale(typed.GetValue(_scale)!) : typed.GetValue(_w);
}

/// <summary>The options of classifier-free guidance.</summary>
internal static class GuidanceOptionGroup
{
    /// <summary>For samples that are all guided alike.</summary>
    public static GuidanceOptionGroup<double?> One() => new(
        Define.Option("--guidance", "W",
            "classifier-free guidance: eps = (1 + W) conditional - W unconditional; 0 is the conditional model, -1 the unconditional one "
                + "(default: the run's)",
            new RealNumber(-100, 100)),
        Define.Option("--guidance-scale", "S",
            "the same as the guidance scale S = 1 + W of other programs; 1 is the conditional model", new RealNumber(-99, 101)),
        scale => OfScale(scale!.Value));

    /// <summary>For a sweep.</summary>
    /// <param name="usual">The w without any option, for help.</param>
    public static GuidanceOptionGroup<Sequence<double>> Several(string usual) => new(
        Define.Option("--guidance", "W,W,...",
            $"values of w; 0 is the conditional model, -1 the unconditional one (default: {usual})",
            new Computed<Sequence<double>>("values of w such as -1,0,3", NumberList.Finite)).Also("--w"),
        Define.Option("--guidance-scale", "S,S,...", "the same as guidance scales S = 1 + W",
            new Computed<Sequence<double>>("guidance scales such as 0,1,4", NumberList.Finite)),
        scales => scales.Select(OfScale).ToSequence());

    // In decimal digits, so that s = 4.2 is w = 3.2 as it is written.
    private static double OfScale(double scale) => Abs(scale) < 1e15 ? (double)((decimal)scale - 1) : scale - 1;
}
