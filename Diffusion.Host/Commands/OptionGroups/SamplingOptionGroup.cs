using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of every command that draws samples from a trained model, and the model itself.</summary>
internal sealed class SamplingOptionGroup
{
    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly GuidanceOptionGroup<double?> _guidance = GuidanceOptionGroup.One();

    private readonly GuidanceShapeOptionGroup _shape = new();

    private readonly Cli.Option<SampleLabels> _label;

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: the run's)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<ImageSize> _size = Define.Option("--size", "N|HxW",
        "image size (default: that of the training images)", new SizeWord("32", "24x32")).Also("--side");

    private readonly Cli.Option<int?> _batch = Define.Option("--batch", "N",
        "batch size; affects samples by rounding only", new WholeNumber<int>("a positive whole number", 1));

    private readonly MachineOptionGroup _machine = new();

    private readonly SamplerOptionGroup _sampler = new(null);

    /// <summary>The words.</summary>
    /// <param name="otherwise">The labels of samples without the option.</param>
    public SamplingOptionGroup(string otherwise) => _label = Define.Option("--label", "L,L,...",
        $"class labels, by name or number; several take turns (default: {otherwise})",
        new Computed<SampleLabels>("one label or several, such as cat or 4,5", Labels));

    /// <summary>The model.</summary>
    public Cli.Argument<string> Run => _run;

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [.. _guidance.All, .. _shape.All, _label, _seed, _size, _batch, .. _machine.All, .. _sampler.All];

    /// <summary>Those that say how samples are drawn, and not what they are computed on.</summary>
    public Cli.Option[] OfSamples => [.. _guidance.All, .. _shape.All, _label, _seed, _size, _batch, .. _sampler.All];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed) => _guidance.Faults(typed).Concat(_sampler.Faults(typed));

    /// <summary>The options as a value.</summary>
    public SamplingOptions Read(Cli.ParseResult typed) => new(typed.GetValue(_run)!, Request(typed))
    {
        Device = _machine.Device(typed),
        Threads = _machine.Threads(typed),
    };

    /// <summary>How samples are drawn, whatever the model.</summary>
    public SamplingRequest Request(Cli.ParseResult typed) => _shape.Of(typed, _sampler.Request(typed)) with
    {
        GuidanceW = _guidance.W(typed),
        Labels = typed.GetValue(_label),
        Seed = typed.GetValue(_seed),
        Size = typed.GetValue(_size) is { } size ? new(size.Height, size.Width) : null,
        Batch = typed.GetValue(_batch),
    };

    /// <summary>The options as they were typed, to be typed again.</summary>
    public IEnumerable<string> Retyped(Cli.ParseResult typed) =>
        from option in All
        where typed.IsGiven(option)
        from word in typed.GetResult(option)!.Tokens.Select(token => token.Value).Prepend(option.Name)
        select word;

    private static SampleLabels Labels(string text) =>
        text.Split(',') is var names && names.All(name => !string.IsNullOrWhiteSpace(name))
            ? new SampleLabels.Named(names.ToSequence())
            : throw new ArgumentException($"'{text}' names no labels.", nameof(text));
}
