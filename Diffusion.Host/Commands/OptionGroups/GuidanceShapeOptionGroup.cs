using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of what shapes guidance beside its weight, and of labels beside a sample's own.</summary>
internal sealed class GuidanceShapeOptionGroup
{
    private static readonly Sequence<(string Word, GuidanceSchedule Schedule)> Schedules =
    [
        ("constant", new GuidanceSchedule.Constant()), ("linear", new GuidanceSchedule.Linear()),
        ("cosine", new GuidanceSchedule.Cosine()), ("power-cosine", new GuidanceSchedule.PowerCosine()),
    ];

    private readonly Cli.Option<GuidanceRange> _interval = Define.Option("--guidance-interval", "LOW,HIGH",
        "guide only where LOW < sigma/alpha <= HIGH (Kynkaanniemi et al. 2024)",
        new Computed<GuidanceRange>("two noise levels, the lower first, such as 0.3,5", Range));

    private readonly Cli.Option<GuidanceSchedule> _schedule = Define.Option("--guidance-schedule", "NAME|LIST",
        "factor of W over the noise level: linear, cosine, power-cosine, constant, or SIGMA:FACTOR,... such as 0.1:1,2:3",
        new Computed<GuidanceSchedule>("linear, cosine, power-cosine, constant, or a list such as 0.1:1,2:3", Schedule,
            [.. Schedules.Select(choice => choice.Word)]));

    private readonly Cli.Option<double?> _rescale = Define.Option("--guidance-rescale", "PHI",
        "bring the standard deviation back to that of the conditional output by this share (Lin et al. 2023; 0.7 there)",
        new RealNumber(0, 1));

    private readonly Cli.Option<Projection> _apg = Define.Option("--apg", "ETA[,NORM[,MOMENTUM]]",
        "adaptive projected guidance: share ETA of the parallel part, largest norm, momentum (Sadat et al. 2024), as in 0 or 0,5,-0.5",
        new Computed<Projection>("one to three numbers such as 0 or 0,5,-0.5", Projected));

    private readonly Cli.Option<string> _autoguidance = Define.Option("--autoguidance", "RUN2",
        "guide away from this weaker model, such as an earlier checkpoint, instead of from no label (Karras et al. 2024; default W: 1)",
        new RunWord());

    private readonly Cli.Option<Sequence<ComposedLabel>> _and = Composing("--and", LabelComposition.And, "L[:WEIGHT],...",
        "also this label: conjunction (Liu et al. 2022)");

    private readonly Cli.Option<Sequence<ComposedLabel>> _not = Composing("--not", LabelComposition.Not, "L[:WEIGHT],...",
        "not this label: negation (Liu et al. 2022)");

    private readonly Cli.Option<Sequence<ComposedLabel>> _blend = Composing("--blend", LabelComposition.Blend, "L[:SHARE],...",
        "this label's output by a share (default: 0.5)");

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_interval, _schedule, _rescale, _apg, _autoguidance, _and, _not, _blend];

    /// <summary>The request with what was typed.</summary>
    public SamplingRequest Of(Cli.ParseResult typed, SamplingRequest request) => request with
    {
        GuidanceInterval = typed.GetValue(_interval),
        GuidanceSchedule = typed.GetValue(_schedule),
        GuidanceRescale = typed.GetValue(_rescale),
        Projection = typed.GetValue(_apg),
        Autoguidance = typed.GetValue(_autoguidance) is { } run ? new(run) : null,
        Composition = Composition(typed) is { Count: > 0 } composition ? composition : null,
    };

    private Sequence<ComposedLabel> Composition(Cli.ParseResult typed) =>
        [.. typed.GetValue(_and) ?? [], .. typed.GetValue(_not) ?? [], .. typed.GetValue(_blend) ?? []];

    private static Cli.Option<Sequence<ComposedLabel>> Composing(string name, LabelComposition how, string value, string what) =>
        Define.Option(name, value, what, new Computed<Sequence<ComposedLabel>>(
            how == LabelComposition.Blend ? "labels such as 7 or 7:0.5, with a share from 0 to 1"
                : "labels such as 7 or 7:0.5, with a weight above 0",
            text => text.Split(',').Select(part => Label(how, part)).ToSequence()));

    // A name may hold a colon; what reads as a number behind it is a weight, and one that is none, such as NaN, is refused as such.
    private static ComposedLabel Label(LabelComposition how, string text)
    {
        var colon = text.LastIndexOf(':');
        var (name, weight) = colon > 0 && AnyNumber(text[(colon + 1)..]) is { } number ? (text[..colon], (double?)number) : (text, null);
        return string.IsNullOrWhiteSpace(name) ? throw new ArgumentException("A label is missing.", nameof(text)) : new(how, name, weight);
    }

    private static GuidanceRange Range(string text) => NumberList.Finite(text) is [var low, var high]
        ? new(low, high) : throw new ArgumentException($"'{text}' is no interval.", nameof(text));

    private static Projection Projected(string text) => NumberList.Finite(text) switch
    {
        [var parallel] => new(parallel),
        [var parallel, var norm] => new(parallel, norm),
        [var parallel, var norm, var momentum] => new(parallel, norm, momentum),
        _ => throw new ArgumentException($"'{text}' has more than three numbers.", nameof(text)),
    };

    private static GuidanceSchedule Schedule(string text) =>
        Schedules.Where(choice => choice.Word == text).Select(choice => choice.Schedule).FirstOrDefault()
            ?? new GuidanceSchedule.Points(text.Split(',').Select(Point).ToSequence());

    private static GuidancePoint Point(string text) => text.Split(':') is [var noise, var factor]
        && Number(noise) is { } level && Number(factor) is { } share
            ? new(level, share) : throw new ArgumentException($"'{text}' is no noise level and factor.", nameof(text));

    private static double? Number(string text) => AnyNumber(text) is { } number && double.IsFinite(number) ? number : null;

    private static double? AnyNumber(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
