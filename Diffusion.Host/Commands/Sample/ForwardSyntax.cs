using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a strip of ever noisier images is asked for.</summary>
internal sealed class ForwardSyntax : CommandSyntax
{
    private const int UsualColumns = Command.Forward.UsualColumns;
    private const string UsualFile = "forward.png";

    private readonly Cli.Argument<ImagePlace> _place = ImageOptionGroup.Place();

    private readonly Cli.Option<ScheduleSource[]> _schedules = Define.Repeated("--schedule", ScheduleWord.Placeholder,
        $"noise schedule, one row each; repeatable: {ScheduleWord.Listed} (default: linear and cosine)", new ScheduleWord());

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
    public override IEnumerable<string> Faults(Cli.ParseResult typed) =>
        from schedule in Schedules(typed).OfType<ScheduleSource.Known>()
        from fault in NoisingRow.Faults(schedule.Open(), typed.GetValue(_times) ?? [])
        select $"{_times.Name}: {fault}";

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Forward(
        _originals.Read(typed, typed.GetValue(_place)!, usual: 1), Schedules(typed), _sheet.Out(typed) ?? UsualFile)
    {
        Times = typed.GetValue(_times),
        Scale = _sheet.Scale(typed),
        Seed = typed.GetValue(_seed) ?? 0,
        Side = typed.GetValue(_size) ?? 64,
    };

    private Sequence<ScheduleSource> Schedules(Cli.ParseResult typed) => typed.GetValue(_schedules) is { Length: > 0 } given
        ? given.ToSequence()
        : [new ScheduleSource.Known("linear", new NoiseSchedule.Linear()), new ScheduleSource.Known("cosine", new NoiseSchedule.Cosine())];
}
