using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a comparison of measurements is asked for.</summary>
internal sealed class CompareSyntax : CommandSyntax
{
    private readonly Cli.Argument<string[]> _files = new("FILE")
    {
        Description = "CSV files written by fid --csv or sweep",
        Arity = Cli.ArgumentArity.OneOrMore,
    };

    private readonly Cli.Option<Fields> _across = Define.Option("--across", "FIELDS",
        "protocol fields that may differ, such as nfe,plan_sha256",
        new Computed<Fields>($"a list of {string.Join(", ", MeasuredRows.FieldNames)}", Fields.Parse));

    /// <summary>The command <c>compare</c>.</summary>
    public CompareSyntax()
        : base("compare", "Compares measurements in one table; refuses those with different protocols.")
    {
        Arguments.Add(_files);
        Take(_across);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("compare results.csv", "all rows of a file"),
        new("compare a.csv b.csv --across nfe,plan_sha256", "rows that differ in the sampler only"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Comparison([.. typed.GetValue(_files)!], typed.GetValue(_across)?.Names ?? []);

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
