using Diffusion.Host.CommandLine;
using Diffusion.Host.Comparisons;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Shows measurements or evaluations in one table, and refuses measurements that do not compare.</summary>
    /// <param name="Places">Files that <c>fid --csv</c> or a sweep has written; or run folders, or their reports.</param>
    /// <param name="Across">Fields of the protocol that may differ.</param>
    public sealed record Comparison(Sequence<string> Places, Sequence<string> Across) : Command
    {
        /// <summary>Which columns are shown; null for the usual ones, empty for all.</summary>
        public Sequence<string>? Columns { get; init; }

        /// <summary>How the table is written.</summary>
        public TableForm Form { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var table = Compared();
            var shown = table.Of(Columns switch
            {
                null => table.Usual,
                { Count: 0 } => table.All.Columns.Distinct().ToSequence(),
                _ => Columns,
            });
            // A document is read without what was said beside it.
            var stays = Form == TableForm.Markdown && session.Form == ResultForm.Text;
            var remarks = new[] { stays ? table.Warning : null, table.Remark }.Where(line => line is { Length: > 0 }).ToArray();
            var below = remarks.Length > 0 ? $"\n{string.Join('\n', remarks)}" : "";
            if (table.Warning is { } warning && !stays)
                session.Warn(warning);
            if (Form == TableForm.Markdown)
                session.AnswerAsIs(shown.Markdown() + below, table.Json);
            else
                session.Answer(shown.Text(session.Terminal.Window()) + below, table.Json);
            return ExitCode.Success;
        }

        private ComparedTable Compared()
        {
            if (!Places.Any(EvaluationTable.IsRun))
                return MeasuredTable.Of(Places, Across);
            if (Places.FirstOrDefault(place => !EvaluationTable.IsRun(place)) is { } other)
                throw new InputException(other, "no run, beside runs", "runs only, or measurements only");
            return Across.Count == 0 ? EvaluationTable.Of(Places)
                : throw new InputException("--across", string.Join(", ", Places), "files of fid --csv or sweep, which have a protocol");
        }
    }
}

/// <summary>How a table is written.</summary>
public enum TableForm
{
    /// <summary>Aligned, as wide as the terminal.</summary>
    Text,

    /// <summary>As Markdown, whole.</summary>
    Markdown,
}
