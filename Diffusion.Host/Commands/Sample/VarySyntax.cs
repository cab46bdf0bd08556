using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a sheet with a row for each value of a setting is asked for.</summary>
internal sealed class VarySyntax : CommandSyntax
{
    private static readonly string[] Settings =
    [
        "sampler", "plan", "steps", "spacing", "eta", "order", "churn", "clipping", "guidance", "guidance-scale", "guidance-interval",
        "guidance-schedule", "guidance-rescale", "apg", "autoguidance", "and", "not", "blend", "label",
    ];

    private readonly Cli.Argument<string> _setting = Define.Argument("SETTING",
        $"what varies from row to row: {string.Join(", ", Settings)}",
        new OneOf<string>([.. Settings.Select(word => (word, word))]) { Former = [("grid", "spacing"), ("limit", "clipping")] });

    private readonly Cli.Argument<string[]> _values = Define.Several("VALUE", "values, one row each", new FreeText("a value"));

    private readonly Cli.Option<int?> _count = Define.Option("--count", "N",
        "samples per row (default: 10)", new WholeNumber<int>("a positive whole number", 1));

    private readonly SheetOptionGroup _sheet = new("SETTING.png");

    private readonly SamplingOptionGroup _drawing = new("all classes in turn");

    /// <summary>The command <c>vary</c>.</summary>
    public VarySyntax()
        : base("vary", "Shows the effect of one sampling option: a row per value, all from the same noise.")
    {
        Arguments.Add(_drawing.Run);
        Arguments.Add(_setting);
        Arguments.Add(_values);
        Take([.. _sheet.All, _count, .. _drawing.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("vary runs/try eta 0 0.25 0.5 1 --sampler ddim --steps 50 -o eta.png", "from DDIM to ancestral sampling"),
        new("vary runs/try steps 5 10 20 50 100 --sampler ddim", "the effect of the number of steps"),
        new("vary runs/try sampler ddpm ddim dpm++2m --steps 20", "samplers compared"),
        new("vary runs/try guidance -1 0 1 3 8", "increasing guidance strength"),
        new("vary runs/try apg 1 0.5 0 --guidance 8", "adaptive projected guidance, from none to all of it"),
        new("vary runs/try label 0 1 2 3 4 5 6 7 8 9", "one row per class"),
    ];

    /// <inheritdoc/>
    public override Sequence<HelpList> Lists => [SamplerOptionGroup.Samplers];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var value in typed.GetValue(_values)!)
            if (Row(typed, value) is ParsedLine.Refused refused)
                yield return refused.Reason;
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var setting = typed.GetValue(_setting)!;
        var rows = typed.GetValue(_values)!.Select(value => (value, (Command.Sample)((ParsedLine.Accepted)Row(typed, value)).Command));
        return new Command.Vary(
            _drawing.Read(typed),
            rows.Select(row => new VariedRow($"{setting} {row.value}", row.Item2.Options.Sampling.Request)
            {
                Shown = setting switch
                {
                    "guidance" => $"w = {Signed(row.value)}",
                    "guidance-scale" => $"s = {Signed(row.value)}",
                    _ => $"{setting} {row.value}",
                },
            }).ToSequence(),
            _sheet.Out(typed) ?? $"{setting}.png")
        {
            Scale = _sheet.Scale(typed),
            Count = typed.GetValue(_count) ?? 10,
        };
    }

    private static string Signed(string number) => number.Replace('-', '−');

    // A row is what the command sample would draw with that value.
    private ParsedLine Row(Cli.ParseResult typed, string value) =>
        CommandParser.Parse(["sample", typed.GetValue(_drawing.Run)!, .. _drawing.Retyped(typed), $"--{typed.GetValue(_setting)}", value]);
}
