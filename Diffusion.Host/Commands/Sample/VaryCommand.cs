using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Draws the same noise by several settings, a row for each.</summary>
    /// <param name="Sampling">The model; its request is what all rows share.</param>
    /// <param name="Rows">At least one.</param>
    /// <param name="Out">The file, .png or .svg.</param>
    public sealed record Vary(SamplingOptions Sampling, Sequence<VariedRow> Rows, string Out) : Command
    {
        /// <summary>Samples in a row; at least 1.</summary>
        public int Count { get; init; } = 10;

        /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
        public int? Scale { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Sampling.Open(session);
            using var others = new RequestedModels(model.Device, session.Warn);
            var rows = Rows.Select(row => new ModelSampler(model, row.Request, others.For(row.Request))).ToList();
            SheetRoom.Require(Count * rows.Count, rows[0].Shape, Scale);
            var drawn = WatchedSampling.Draw(session, [.. rows.Select(row => new Portion(row, Count))]);
            using var scope = torch.NewDisposeScope();
            foreach (var row in drawn)
                scope.Attach(row);
            var sheet = torch.cat([.. drawn]);
            var facts = new RowFacts([.. Rows.Zip(rows, (row, sampling) => (row.Label, sampling.Provenance().ToSequence()))]);
            var file = new SheetFile(Out, facts.All)
            {
                Request = new JsonArray([.. Rows.Zip(rows, (row, drawn) =>
                    (JsonNode)(row.Request with { Count = Count, Plan = drawn.Request.Plan }).ToJson())]),
            };
            var layout = GridLayout.Readable(Count, rows[0].Shape.Height) with
            {
                Title = $"the same noise, row by row: {facts.Title}",
                RowLabels = Rows.Select(row => row.Shown).ToSequence(),
                ColumnLabels = ClassesOf(rows),
            };
            file.Save(ImageGrid.Of(sheet, layout.At(Scale)));
            file.Answer(session, Count * rows.Count);
            return ExitCode.Success;
        }

        // Classes stand above the columns where those of all rows are alike, and not all one.
        private Sequence<string> ClassesOf(List<ModelSampler> rows)
        {
            List<long?> Labels(ModelSampler row) => [.. Enumerable.Range(0, Count).Select(column => row.LabelOf(row.Run.First + column))];
            var labels = Labels(rows[0]);
            return labels.Distinct().Count() > 1 && rows.All(row => Labels(row).SequenceEqual(labels))
                ? labels.Select(label => rows[0].NameOf(label!.Value)).ToSequence() : [];
        }
    }
}

/// <summary>A row of a sheet that shows what a setting does.</summary>
/// <param name="Label">The setting and its value.</param>
/// <param name="Request">How the row is drawn.</param>
public sealed record VariedRow(string Label, SamplingRequest Request)
{
    /// <summary>What stands at the left of the row.</summary>
    public string Shown { get; init; } = Label;
}
