using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Shows what lies between samples, a row for each pair.</summary>
    /// <param name="Sampling">The model and how it is sampled.</param>
    /// <param name="Between">Which samples, and at which points.</param>
    /// <param name="Out">The file, .png or .svg.</param>
    public sealed record Interpolate(SamplingOptions Sampling, NoiseNumbering.Between Between, string Out) : Command
    {
        /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
        public int? Scale { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Sampling.Open(session);
            var points = Between.Points.Count;
            using var sampling = new ModelSampler(model, Sampling.Request with
            {
                Noise = Between,
                Labels = Sampling.Request.Labels?.ByRow(points) ?? new SampleLabels.InTurn(points),
                Count = Between.Count,
            });
            SheetRoom.Require(Between.Count, sampling.Shape, Scale);
            using var samples = WatchedSampling.Draw(session, [new(sampling, Between.Count)])[0];
            var pairs = Between.Pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.First} to {pair.Second}"))
                .ToSequence();
            var file = new SheetFile(Out, [.. sampling.Provenance(), ("between", string.Join(", ", pairs))])
            {
                Request = sampling.Request.ToJson(),
            };
            var layout = GridLayout.Readable(points, sampling.Shape.Height) with
            {
                Title = $"between two samples: {RowFacts.TitleOf(sampling)}",
                RowLabels = pairs.Index().Select(row => sampling.LabelOf((long)row.Index * points) is { } label
                    ? $"samples {row.Item}, class {sampling.NameOf(label)}" : $"samples {row.Item}").ToSequence(),
                ColumnLabels = Sequence.Generate(
                    points, point => (100.0 * point / (points - 1)).ToString("0", CultureInfo.InvariantCulture) + "%"),
            };
            file.Save(ImageGrid.Of(samples, layout.At(Scale)));
            file.Answer(session, Between.Count);
            return ExitCode.Success;
        }
    }
}
