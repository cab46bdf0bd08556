using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a comparison of measurements is asked for.</summary>
internal sealed class CompareVerb : Verb
{
    private readonly Cli.Argument<string[]> _files = new("FILE")
    {
        Description = "files that fid --csv has written",
        Arity = Cli.ArgumentArity.OneOrMore,
    };

    private readonly Cli.Option<Fields> _across = Words.Option("--across", "FIELDS",
        "fields of the protocol that may differ, such as nfe,plan_sha256", new Computed<Fields>($"a list of {string.Join(", ", MeasuredRows.FieldNames)}", Fields.Parse));

    /// <summary>The command <c>compare</c>.</summary>
    public CompareVerb()
        : base("compare", "Shows measurements side by side, and refuses those that do not compare.")
    {
        Arguments.Add(_files);
        Take(_across);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("compare results.csv", "all rows of a file"),
        new("compare a.csv b.csv --across nfe,plan_sha256", "rows whose samplers differ, and nothing else"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Comparison([.. typed.GetValue(_files)!], typed.GetValue(_across)?.Names ?? []);

    private sealed record Fields(Sequence<string> Names)
    {
        public static Fields Parse(string text)
        {
            var names = text.Split(',').ToSequence();
            return names.All(name => MeasuredRows.FieldNames.Contains(name)) ? new(names) : throw new ArgumentException($"'{text}' is no list of fields.", nameof(text));
        }
    }
}
