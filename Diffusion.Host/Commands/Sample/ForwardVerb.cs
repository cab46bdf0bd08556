using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Measuring;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a strip of ever noisier images is asked for.</summary>
internal sealed class ForwardVerb : Verb
{
    private const int UsualColumns = 9;

    private readonly Cli.Argument<ImagePlace> _place = OriginalWords.Place();

    private readonly Cli.Option<NamedSchedule[]> _schedules = Words.Repeated("--schedule", "NAME",
        $"how noise grows, a row for each: {string.Join(", ", NoiseChoice.Schedules.Select(choice => choice.Word))}; linear and cosine without it",
        new OneOf<NamedSchedule>([.. NoiseChoice.Schedules.Select(choice => (choice.Word, new NamedSchedule(choice.Word, choice.Schedule)))]));

    private readonly Cli.Option<Sequence<double>> _times = Words.Option("--times", "T,T,...",
        $"the times of the columns; {UsualColumns} at equal distances without it", new Computed<Sequence<double>>("times such as 0,250,500,999", Times));

    private readonly Cli.Option<ulong?> _seed = Words.Option("--seed", "N",
        "where the noise comes from; 0 without it", new WholeNumber<ulong>("a whole number", 0));

    private readonly Cli.Option<int?> _side = Words.Option("--side", "N",
        "height and width that images from files are cut and scaled to; 64 without it", new WholeNumber<int>("a positive whole number", 1));

    private readonly Cli.Option<string> _out = Words.Option("--out", "FILE",
        "PNG file to write (or -o); forward.png without it", new FreeText("a file"));

    private readonly OriginalWords _originals = new("images shown; 1 without it");

    /// <summary>The command <c>forward</c>.</summary>
    public ForwardVerb()
        : base("forward", "Shows how schedules turn a real image into noise.")
    {
        _out.Aliases.Add("-o");
        Arguments.Add(_place);
        Take([_out, _schedules, _times, _seed, _side, .. _originals.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("forward mnist -o forward.png", "linear against cosine"),
        new("forward photo.jpg --schedule linear --schedule sigmoid --times 0,100,300,600,999", "an image of one's own"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "An image of q(x_t | x_0) has the same noise in every column and row, and is shown at the variance it has for data of variance 1. "
        + "Below it stand alpha-bar, the share of the variance that is data, and the log-SNR.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var (word, schedule) in Schedules(typed))
            foreach (var time in typed.GetValue(_times) ?? [])
                if (time < schedule.FirstTime || Sentence.OfRefusal(() => schedule.At(time)) is not null)
                    yield return FormattableString.Invariant(
                        $"{_times.Name}: {word} has no time {time}; its times go from {schedule.FirstTime} to {schedule.LastTime}");
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Forward(
        _originals.Read(typed, typed.GetValue(_place)!, usual: 1),
        Schedules(typed).Select(schedule => NoisingRow.Of(schedule, typed.GetValue(_times), UsualColumns)).ToSequence(),
        typed.GetValue(_out) ?? "forward.png")
    {
        Seed = typed.GetValue(_seed) ?? 0,
        Side = typed.GetValue(_side) ?? 64,
    };

    private Sequence<NamedSchedule> Schedules(Cli.ParseResult typed) => typed.GetValue(_schedules) is { Length: > 0 } given
        ? given.ToSequence()
        : [new("linear", new NoiseSchedule.Linear()), new("cosine", new NoiseSchedule.Cosine())];

    private static Sequence<double> Times(string text) => text.Split(',').Select(part =>
        double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var time) && double.IsFinite(time)
            ? time
            : throw new ArgumentException($"'{part}' is no time.", nameof(text))).ToSequence();
}
