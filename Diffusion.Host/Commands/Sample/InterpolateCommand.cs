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
    /// <param name="Out">The PNG file.</param>
    public sealed record Interpolate(SamplingOptions Sampling, NoiseNumbering.Between Between, string Out) : Command
    {
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
            using var samples = WatchedSampling.Draw(session, [new(sampling, Between.Count)])[0];
            var pairs = Between.Pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.First}-{pair.Second}"))
                .ToSequence();
            var file = new SheetFile(Out, [.. sampling.Provenance(), ("between", string.Join(", ", pairs))])
            {
                Request = sampling.Request.ToJson(),
            };
            file.Save(ImageGrid.Compose(samples, GridLayout.Readable(points, sampling.Shape.Height) with
            {
                Title = $"between two samples: {RowFacts.TitleOf(sampling)}",
                RowLabels = pairs.Select(pair => $"{pair} ").ToSequence(),
                ColumnLabels = Sequence.Generate(
                    points, point => (100.0 * point / (points - 1)).ToString("0", CultureInfo.InvariantCulture) + "%"),
            }));
            file.Answer(session, Between.Count);
            return ExitCode.Success;
        }
    }
}
