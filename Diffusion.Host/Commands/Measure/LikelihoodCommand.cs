using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;
using Diffusion.Model.Distributed;

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
        internal override bool IsShared => true;

        /// <inheritdoc/>
        internal override void Follow(Session session) => Measure(session);

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Report is not null)
                MeasurementText.RefuseUnlessWritable(Report);
            var findings = Measure(session);
            if (Report is not null)
                findings.Row().AppendTo(Report);
            session.Answer(findings.Table(), findings.Json());
            return ExitCode.Success;
        }

        // All measure alike, so that one that stops leaves the others waiting for it.
        private LikelihoodFindings Measure(Session session)
        {
            try
            {
                return new LikelihoodSession(session, Options).Measure(Model, Images);
            }
            catch (OperationCanceledException) when (World.Current.Size > 1)
            {
                World.Current.Abort((int)ExitCode.Interrupted);
                throw;
            }
        }
    }
}
