using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Computes the statistics of images and stores them.</summary>
    /// <param name="Images">Where the images are; what is at several places is joined.</param>
    /// <param name="Options">What was asked for besides.</param>
    /// <param name="Output">The file to write.</param>
    public sealed record Stats(Sequence<ImagePlace> Images, MeasuringOptions Options, string Output) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var measured = new MeasuringSession(session, Options).Measure(Images);
            OutputException.Guard(Output, () => StatisticsFile.Write(Output, measured));
            session.Answer(
                string.Create(CultureInfo.InvariantCulture, $"{Output}: mean and covariance of {measured.Fit.Dimension} features of " +
                    $"{Counted.Of(measured.Fit.Count ?? 0, "image")}, {measured.Extractor ?? ExtractorIdentity.Unknown}"),
                new JsonObject
                {
                    ["file"] = Output,
                    ["n"] = measured.Fit.Count,
                    ["dimension"] = measured.Fit.Dimension,
                    ["pictures_sha256"] = measured.Sha256,
                    ["extractor"] = measured.Extractor?.Name,
                    ["weights_sha256"] = measured.Extractor?.WeightsSha256,
                    ["resize"] = measured.Extractor?.Preparation,
                });
            return ExitCode.Success;
        }
    }
}
