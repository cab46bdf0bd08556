using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a strip of ever noisier images is asked for.</summary>
internal sealed class ForwardSyntax : CommandSyntax
{
    private const int UsualColumns = 9;
    private const string UsualFile = "forward.png";

    private readonly Cli.Argument<ImagePlace> _place = ImageOptionGroup.Place();

    private readonly Cli.Option<NamedSchedule[]> _schedules = Define.Repeated("--schedule", "NAME",
        $"noise schedule, one row each; repeatable: {string.Join(", ", NoiseChoice.Schedules.Select(choice => choice.Word))} "
        + "(default: linear and cosine)",
        new OneOf<NamedSchedule>(
            [.. NoiseChoice.Schedules.Select(choice => (choice.Word, new NamedSchedule(choice.Word, choice.Schedule)))]));

    private readonly Cli.Option<Sequence<double>> _times = Define.Option("--times", "T,T,...",
        $"timesteps of the columns (default: {UsualColumns}, evenly spaced)",
        new Computed<Sequence<double>>("times such as 0,250,500,999", NumberList.Finite));

    private readonly Cli.Option<ulong?> _seed = Define.Option("--seed", "N",
        "random seed (default: 0)", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _size = Define.Option("--size", "N",
        "size that image files are cropped and resized to (default: 64)",
        new WholeNumber<int>("a positive whole number", 1)).Also("--side");

    private readonly SheetOptionGroup _sheet = new(UsualFile);

    private readonly ImageOptionGroup _originals = new("number of images (default: 1)");

    /// <summary>The command <c>forward</c>.</summary>
    public ForwardSyntax()
        : base("forward", "Shows the forward process: an image at increasing noise, per noise schedule.")
    {
        Arguments.Add(_place);
        Take([.. _sheet.All, _schedules, _times, _seed, _size, .. _originals.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("forward mnist -o forward.png", "linear and cosine schedule compared"),
        new("forward mnist --zoom 8 -o forward.svg", "the same for a poster"),
        new("forward photo.jpg --schedule linear --schedule sigmoid --times 0,100,300,600,999", "your own image"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Every column and row uses the same noise. Each x_t is scaled for display to the variance of data with variance 1. The captions "
        + "are alpha-bar, the fraction of signal "
        + "variance, and the log-SNR.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var (word, schedule) in Schedules(typed))
            foreach (var time in typed.GetValue(_times) ?? [])
                if (time < schedule.FirstTime || Sentence.OfRefusal(() => schedule.At(time)) is not null)
                    yield return FormattableString.Invariant(
                        $"{_times.Name}: {word} has no timestep {time}; its timesteps are {schedule.FirstTime} to {schedule.LastTime}");
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Forward(
        _originals.Read(typed, typed.GetValue(_place)!, usual: 1),
        Schedules(typed).Select(schedule => NoisingRow.Of(schedule, typed.GetValue(_times), UsualColumns)).ToSequence(),
        _sheet.Out(typed) ?? UsualFile)
    {
        Scale = _sheet.Scale(typed),
        Seed = typed.GetValue(_seed) ?? 0,
        Side = typed.GetValue(_size) ?? 64,
    };

    private Sequence<NamedSchedule> Schedules(Cli.ParseResult typed) => typed.GetValue(_schedules) is { Length: > 0 } given
        ? given.ToSequence()
        : [new("linear", new NoiseSchedule.Linear()), new("cosine", new NoiseSchedule.Cosine())];
}
