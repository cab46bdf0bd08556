using Diffusion.Host.CommandLine;
using Diffusion.Host.Images;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Draws samples from a trained model into a picture file that says how they were made.</summary>
    /// <param name="Out">The PNG file.</param>
    /// <param name="Options">What was asked for besides.</param>
    public sealed record Sample(string Out, SampleOptions Options) : Command
    {
        private const int Scale = 2;
        private const int StripColumns = 12;
        private const int Frames = 40;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Options.Drawing.Open(session);
            var steering = Options.Steering?.Open(session, model.Network.parameters().First().device);
            using var classifier = steering?.Classifier;
            var sampling = new ModelSampling(model, Options.Drawing.Settings with { Steering = steering });
            var file = new SheetFile(Out, sampling.Provenance().ToSequence());
            switch (Options.Content)
            {
                case SheetContent.Progress:
                    using (var strip = new DenoisingStrip(sampling.Run.Plan, StripColumns))
                    {
                        Draw(sampling, session, strip.Watch).Dispose();
                        file.Save(strip.Compose(sampling.Title));
                    }
                    break;
                case SheetContent.Animation:
                    using (var film = new FormingFilm(sampling.Run.Plan, Frames))
                    {
                        Draw(sampling, session, film.Watch).Dispose();
                        file.Save(film.Compose(Layout(sampling), sampling.Title));
                    }
                    break;
                default:
                    using (var samples = Draw(sampling, session, _ => { }))
                        file.Save(PictureGrid.Compose(samples, Layout(sampling)));
                    break;
            }
            file.Answer(session, Count);
            return ExitCode.Success;
        }

        private int Count => Options.Count ?? Options.Content switch
        {
            SheetContent.Progress => 4,
            SheetContent.Animation => 20,
            _ => 64,
        };

        private GridLayout Layout(ModelSampling sampling)
        {
            // Wider than high, for an animation stands on a slide.
            var columns = sampling.ClassesInTurn ?? (int)Ceiling(Sqrt(Options.Content == SheetContent.Animation ? 1.25 * Count : Count));
            return GridLayout.Of(columns) with { Scale = Scale };
        }

        private TorchSharp.torch.Tensor Draw(ModelSampling sampling, Session session, Action<Model.Sampling.SampledStep> watch) =>
            WatchedSampling.Draw(session, [new(sampling, Count)], (_, moment) => watch(moment))[0];
    }
}
