using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Draws samples from a trained model into files that say how they were made.</summary>
    /// <param name="Out">Where they go.</param>
    /// <param name="Options">What was asked for besides.</param>
    public sealed record Sample(SampleOutput Out, SampleOptions Options) : Command
    {
        private const int Scale = 2;
        private const int StripColumns = 12;
        private const int StripSamples = 4;
        private const int Frames = 40;
        private const int FilmSamples = 20;
        private const int MostInARow = 10;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var (request, notes) = Options.RequestFile is { } file ? RequestFile.Read(file) : (new(), []);
            request = request.With(Options.Sampling.Request);
            using var model = Options.Sampling.Open(session);
            WarnOfAnother(model, notes, session);
            using var sampler = new ModelSampler(model, request, new()
            {
                Damaged = session.Warn,
            });
            try
            {
                Write(sampler, new(sampler), session);
                return ExitCode.Success;
            }
            catch (NotFiniteNumberException diverged)
            {
                throw new InputException(
                    Options.Sampling.Model, diverged.Message.TrimEnd('.'), "a model whose samples an image can hold", diverged);
            }
        }

        private void Write(ModelSampler sampler, SampleSheet sheet, Session session)
        {
            var count = sampler.Request.Count ?? sheet.Shown;
            switch (Out)
            {
                case SampleOutput.Arrays arrays:
                    Watched(session, sampler, count, watch => arrays.Write(sampler, count, watch));
                    FileOf(sampler).Answer(session, count);
                    break;
                case SampleOutput.Folder folder:
                    Write(folder, sampler, count, session);
                    break;
                default:
                    FileOf(sampler).Answer(session, Save(sampler, sheet, session));
                    break;
            }
        }

        // How many samples are on the sheet.
        private int Save(ModelSampler sampler, SampleSheet sheet, Session session)
        {
            var asked = sampler.Request.Count;
            SheetRoom.Require(Options.Content switch
            {
                SheetContent.Progress => 2L * StripColumns * (asked ?? StripSamples),
                SheetContent.Animation => asked ?? FilmSamples,
                _ => asked ?? sheet.Shown,
            }, sampler.Shape, Options.Scale);
            switch (Options.Content)
            {
                case SheetContent.Progress:
                    using (var strip = new DenoisingStrip(sampler.Run.Plan, StripColumns))
                    {
                        Draw(sampler, session, asked ?? StripSamples, strip.Watch).Dispose();
                        FileOf(sampler).Save(strip.Compose(RowFacts.TitleOf(sampler), Options.Scale));
                    }
                    return asked ?? StripSamples;
                case SheetContent.Animation:
                    using (var film = new FormingFilm(sampler.Run.Plan, Frames))
                    {
                        // Wider than high, for an animation stands on a slide.
                        var columns = sampler.LabelsInTurn is { Count: <= MostInARow and var labels } ? labels
                            : (int)Ceiling(Sqrt(1.25 * (asked ?? FilmSamples)));
                        Draw(sampler, session, asked ?? FilmSamples, film.Watch).Dispose();
                        var layout = (GridLayout.Of(columns) with { Scale = Scale }).At(Options.Scale);
                        FileOf(sampler).Save(film.Compose(layout, RowFacts.TitleOf(sampler)));
                    }
                    return asked ?? FilmSamples;
                default:
                    using (var samples = Draw(sampler, session, asked ?? sheet.Drawn, _ => { }))
                    using (var shown = samples.narrow(0, 0, asked ?? sheet.Shown))
                        FileOf(sampler).Save(sheet.Compose(shown, Options.Scale));
                    return asked ?? sheet.Shown;
            }
        }

        private void Write(SampleOutput.Folder folder, ModelSampler sampler, int count, Session session)
        {
            var written = Watched(session, sampler, count, watch => folder.Write(sampler, count, watch));
            if (written < count)
            {
                session.Say(string.Create(CultureInfo.InvariantCulture,
                    $"stopped after {written} of {count} samples; "
                    + $"--first {sampler.Run.First + written} --count {count - written} draws the rest"));
                session.Stopping.ThrowIfCancellationRequested();
            }
            FileOf(sampler).Answer(session, written);
        }

        private SheetFile FileOf(ModelSampler sampler) =>
            new(Out.Path, sampler.Provenance().ToSequence()) { Request = sampler.Request.ToJson() };

        private static torch.Tensor Draw(ModelSampler sampler, Session session, int count, Action<SampledStep> watch) =>
            WatchedSampling.Draw(session, [new(sampler, count)], (_, moment) => watch(moment))[0];

        private static void Watched(Session session, ModelSampler sampler, int count, Action<SamplingWatch> work) =>
            Watched(session, sampler, count, watch =>
            {
                work(watch);
                return count;
            });

        private static int Watched(Session session, ModelSampler sampler, int count, Func<SamplingWatch, int> work) =>
            ProgressDisplay.Show(session, (_, display) =>
            {
                using var activity = display.Begin(new("sampling", "network calls", 0, sampler.NetworkCallsFor(count)));
                var told = new SamplingTold(activity, 0, () => string.Create(CultureInfo.InvariantCulture, $"{count} samples"));
                return work(new() { Progress = told, Stopping = session.Stopping });
            });

        // The request is the person's; whose samples they were is worth a word.
        private static void WarnOfAnother(TrainedModel model, Sequence<Note> notes, Session session)
        {
            string Note(string name) => notes.Where(note => note.Keyword == name).Select(note => note.Text).FirstOrDefault("");
            var (recipe, step) = (model.Recipe.Name, model.Updates.ToString(CultureInfo.InvariantCulture));
            if (notes.Count > 0 && (Note("recipe"), Note("step")) != (recipe, step))
                session.Warn($"the request is of {Note("recipe")}, step {Note("step")}; "
                    + $"the model is {recipe}, step {step}, and gives other images");
        }
    }
}
