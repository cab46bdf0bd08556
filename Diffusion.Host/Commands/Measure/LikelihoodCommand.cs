using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Measures the likelihood of real images under a trained model.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Images">The images.</param>
    /// <param name="Options">What was asked for besides.</param>
    /// <param name="Report">A CSV file that gets a row, or null.</param>
    public sealed record Likelihood(string Model, ImagePlace Images, LikelihoodOptions Options, string? Report) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Report is not null)
                MeasurementText.RefuseUnlessWritable(Report);
            var findings = new LikelihoodSession(session, Options).Measure(Model, Images);
            if (Report is not null)
                findings.Row().AppendTo(Report);
            session.Answer(findings.Table(), findings.Json());
            return ExitCode.Success;
        }
    }
}
