using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Measures the likelihood of real pictures under a trained model.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Pictures">The pictures.</param>
    /// <param name="Options">What was asked for besides.</param>
    /// <param name="Report">A CSV file that gets a row, or null.</param>
    public sealed record Likelihood(string Model, PicturePlace Pictures, LikelihoodOptions Options, string? Report) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var findings = new LikelihoodSession(session, Options).Measure(Model, Pictures);
            if (Report is not null)
                findings.Row().AppendTo(Report);
            session.Answer(findings.Table(), findings.Json());
            return ExitCode.Success;
        }
    }
}
