using Diffusion.Host.CommandLine;
using Diffusion.Host.Measuring;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Measures how far images are from reference images.</summary>
    /// <param name="Reference">The reference.</param>
    /// <param name="Samples">The images to measure.</param>
    /// <param name="Options">What was asked for besides.</param>
    /// <param name="Report">A CSV file that gets a row, or null.</param>
    public sealed record Fid(ImagePlace Reference, ImagePlace Samples, MeasuringOptions Options, string? Report) : Command
    {
        /// <inheritdoc/>
        internal override bool IsShared => true;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            if (Report is not null)
                MeasurementText.RefuseUnlessWritable(Report);
            var compared = new MeasuringSession(session, Options).Compare(Reference, Samples);
            if (Report is not null)
                MeasurementText.Append(Report, compared);
            session.Answer(MeasurementText.Table(compared), MeasurementText.Json(compared));
            return ExitCode.Success;
        }
    }
}
