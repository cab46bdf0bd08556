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
        private const int StripColumns = 12;
        private const int StripSamples = 4;
        private const int Frames = 40;
        private const int FilmSamples = 20;

        /// <inheritdoc/>
        internal override bool IsShared => true;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var (request, notes) = Options.RequestFile is { } file ? RequestFile.Read(file) : (new(), []);
            request = request.With(Options.Sampling.Request);
            RequireFileFor(request.Sheet ?? SheetKind.Grid);
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
                    Watched(session, sampler, [new(sampler.Run.First, count)], (_, watch) => arrays.Write(sampler, count, watch));
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
            var (count, file) = (asked ?? CountOf(KindOf(sampler)) ?? sheet.Shown, FileOf(sampler));
            SheetRoom.Require(KindOf(sampler) == SheetKind.Strip ? 2L * StripColumns * count : count, sampler.Shape, Options.Scale);
            switch (KindOf(sampler))
            {
                case SheetKind.Strip:
                    using (var strip = new DenoisingStrip(sampler.Run.Plan, StripColumns))
                    {
                        Draw(sampler, session, count, strip.Watch).Dispose();
                        file.Save(strip.Compose(RowFacts.TitleOf(sampler), Options.Scale));
                    }
                    return count;
                case SheetKind.Animation:
                    using (var film = new FormingFilm(sampler.Run.Plan, Frames))
                    {
                        Draw(sampler, session, count, film.Watch).Dispose();
                        var layout = FormingFilm.LayoutOf(sampler, count).At(Options.Scale);
                        file.Save(film.Compose(layout, RowFacts.TitleOf(sampler)));
                    }
                    return count;
                default:
                    using (var samples = Draw(sampler, session, asked ?? sheet.Drawn, _ => { }))
                    using (var shown = samples.narrow(0, 0, count))
                        file.Save(sheet.Compose(shown, Options.Scale));
                    return count;
            }
        }

        private static SheetKind KindOf(ModelSampler sampler) => sampler.Request.Sheet ?? SheetKind.Grid;

        // Of a grid its recipe knows.
        private static int? CountOf(SheetKind kind) => kind switch
        {
            SheetKind.Strip => StripSamples,
            SheetKind.Animation => FilmSamples,
            _ => null,
        };

        // A request that a file holds may be of another kind than the file that is to be written.
        private void RequireFileFor(SheetKind kind)
        {
            var extension = Path.GetExtension(Out.Path).ToLowerInvariant();
            var (what, endings) = kind switch
            {
                SheetKind.Strip => ("a strip", ".png or .svg"),
                SheetKind.Animation => ("an animation", ".png, .gif or .webp"),
                _ => ("a grid of samples", ".png or .svg"),
            };
            if (Out is SampleOutput.Sheet or SampleOutput.Film && !endings.Contains(extension, StringComparison.Ordinal))
                throw new InputException(Out.Path, $"a request for {what}", $"a file ending in {endings}");
        }

        private void Write(SampleOutput.Folder output, ModelSampler sampler, int count, Session session)
        {
            using var folder = SampleFolder.Open(output, sampler);
            var missing = folder.Missing(count);
            var there = count - missing.Sum(range => folder.MissingIn(range));
            var rest = there < count ? "; the others are drawn" : "";
            if (there > 0)
                session.Say(string.Create(CultureInfo.InvariantCulture,
                    $"{Out.Path} holds {there} of {Counted.Of(count, "sample")} already{rest}"));
            try
            {
                if (missing.Count > 0)
                    Watched(session, sampler, missing, (range, watch) => folder.Draw(range, watch));
            }
            catch (OperationCanceledException)
            {
                there = count - folder.Missing(count).Sum(range => folder.MissingIn(range));
                session.Say(string.Create(CultureInfo.InvariantCulture,
                    $"stopped with {there} of {Counted.Of(count, "sample")} in {Out.Path}; the same command draws the rest"));
                throw;
            }
            FileOf(sampler).Answer(session, count);
        }

        private SheetFile FileOf(ModelSampler sampler) =>
            new(Out.Path, sampler.Provenance().ToSequence()) { Request = Repeatable(sampler.Request).ToJson() };

        // What a strip or an animation shows where nothing is asked may be another number some day.
        private SamplingRequest Repeatable(SamplingRequest request) => Out is SampleOutput.Sheet or SampleOutput.Film
            ? request with { Count = request.Count ?? CountOf(request.Sheet ?? SheetKind.Grid) }
            : request with { Sheet = null };

        private static torch.Tensor Draw(ModelSampler sampler, Session session, int count, Action<SampledStep> watch) =>
            WatchedSampling.Draw(session, [new(sampler, count)], (_, moment) => watch(moment))[0];

        private static void Watched(
            Session session, ModelSampler sampler, Sequence<SampleRange> ranges, Action<SampleRange, SamplingWatch> work)
        {
            WatchedSampling.Warn(session, [sampler]);
            ProgressDisplay.Show(session, (_, display) =>
            {
                var (before, total) = (0L, ranges.Sum(range => sampler.NetworkCallsFor(range.Count)));
                using var activity = display.Begin(new("sampling", "network calls", 0, total));
                foreach (var range in ranges)
                {
                    var progress = new SamplingActivity(
                        activity, before, () => Counted.Of(ranges.Sum(one => (long)one.Count), "sample"));
                    work(range, new() { Progress = progress, Stopping = session.Stopping });
                    before += sampler.NetworkCallsFor(range.Count);
                }
                return before;
            });
        }

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
