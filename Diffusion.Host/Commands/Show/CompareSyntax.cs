using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a comparison of measurements is asked for.</summary>
internal sealed class CompareSyntax : CommandSyntax
{
    private readonly Cli.Argument<string[]> _places = new("PLACE")
    {
        Description = "CSV files written by fid --csv or sweep; or run folders, or their report.csv",
        Arity = Cli.ArgumentArity.OneOrMore,
    };

    private readonly Cli.Option<Fields> _across = Define.Option("--across", "FIELDS",
        "protocol fields that may differ, such as nfe,plan_sha256",
        new Computed<Fields>($"a list of {string.Join(", ", MeasuredRows.FieldNames)}", Fields.Parse));

    private readonly Cli.Option<Names> _columns = Define.Option("--columns", "NAMES",
        "columns to show, such as w,accuracy (default: those that matter most, without single classes and hashes)",
        new Computed<Names>("names of columns, separated by commas", Names.Parse));

    private readonly Cli.Option<bool> _all = Define.Flag("--all", "show every column");

    private readonly Cli.Option<bool> _markdown = Define.Flag("--markdown", "print a table in Markdown, however wide it is");

    /// <summary>The command <c>compare</c>.</summary>
    public CompareSyntax()
        : base("compare", "Compares measurements, the evaluations of a run, or runs in a table; refuses different protocols.")
    {
        Arguments.Add(_places);
        Take(_across, _columns, _all, _markdown);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("compare results.csv", "all rows of a file"),
        new("compare runs/try", "the evaluations of a run"),
        new("compare runs/a runs/b", "the last evaluations of two runs, and the settings that differ"),
        new("compare runs/try/guidance.csv --markdown", "a sweep, for a document"),
        new("compare a.csv b.csv --across nfe,plan_sha256", "rows that differ in the sampler only"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "On a terminal that is too narrow the last columns are left out, and a line names them. Rows of a sweep may differ in what it "
        + "varies.",
    ];

    /// <inheritdoc/>
    public override IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        if (typed.IsGiven(_columns) && typed.IsGiven(_all))
            yield return $"{_all.Name}: cannot be combined with {_columns.Name}";
    }

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Comparison([.. typed.GetValue(_places)!.Select(CarriedModels.Resolve)], typed.GetValue(_across)?.Names ?? [])
        {
            Columns = typed.GetValue(_all) ? [] : typed.GetValue(_columns)?.Listed,
            Form = typed.GetValue(_markdown) ? TableForm.Markdown : TableForm.Text,
        };

    private sealed record Names(Sequence<string> Listed)
    {
        public static Names Parse(string text) =>
            text.Split(',', StringSplitOptions.TrimEntries) is var names && names.All(name => name.Length > 0)
                ? new(names.ToSequence())
                : throw new ArgumentException($"'{text}' is no list of names.", nameof(text));
    }

    private sealed record Fields(Sequence<string> Names)
    {
        public static Fields Parse(string text)
        {
            var names = text.Split(',').ToSequence();
            return names.All(name => MeasuredRows.FieldNames.Contains(name))
                ? new(names)
                : throw new ArgumentException($"'{text}' is no list of fields.", nameof(text));
        }
    }
}
