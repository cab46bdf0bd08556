using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Images;
using Diffusion.Host.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Changes real pictures by a trained model, a column for each picture.</summary>
    /// <param name="Drawing">The model and how it is sampled.</param>
    /// <param name="Originals">The pictures.</param>
    /// <param name="Edit">What is done to them.</param>
    public sealed record EditPictures(Drawing Drawing, OriginalRequest Originals, Edit Edit) : Command
    {
        /// <summary>Rows of results for each way of changing, each from other noise.</summary>
        public int Versions { get; init; } = 1;

        /// <summary>The PNG file.</summary>
        public string Out { get; init; } = "edited.png";

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Drawing.Open(session);
            using var scope = NewDisposeScope();
            var shape = new ModelSampling(model, Drawing.Settings).Shape;
            using var pictures = OriginalPictures.Read(session, Originals, shape);
            var hidden = (Edit as Edit.FillIn)?.Hidden.Over(shape, session);
            var settings = Drawing.Settings with
            {
                Originals = new(pictures.Pictures) { Hidden = hidden },
                Labels = sample => pictures.Labels[(int)(sample % pictures.Count)],
            };
            var rows = Edit.Rows.Select(row => (Edited: row, Sampling: new ModelSampling(model, row.Apply(settings)))).ToList();
            var drawn = WatchedSampling.Draw(session, [.. rows.Select(row => new Portion(row.Sampling, Versions * pictures.Count))]);
            foreach (var row in drawn)
                scope.Attach(row);
            var facts = new RowFacts([.. rows.Select(row => (row.Edited.Name, row.Sampling.Provenance().ToSequence()))]);
            var file = new SheetFile(Out, [.. facts.All, ("pictures", pictures.Name), .. Edit.Facts]);
            var results = rows.Zip(drawn).SelectMany(row => Shown(row.First, pictures.Pictures, row.Second));
            var sheet = Shown(pictures.Pictures, hidden).Concat(results).ToList();
            file.Save(PictureGrid.Compose(cat([.. sheet.Select(row => row.Images)]), GridLayout.Readable(pictures.Count, shape.Height) with
            {
                Title = $"{Edit.Title}: {facts.Title}",
                RowLabels = sheet.Select(row => $"{row.Label} ").ToSequence(),
            }));
            file.Answer(session, Versions * pictures.Count * rows.Count);
            return ExitCode.Success;
        }

        private static IEnumerable<(string Label, Tensor Images)> Shown(Tensor pictures, Tensor? hidden)
        {
            var coloured = pictures.expand(-1, 3, -1, -1);
            yield return ("original", coloured);
            // A colour that no digit has and few photographs have.
            if (hidden is not null)
                yield return ("kept", where(hidden, tensor(new[] { -1f, 0, 0.6f }).view(1, 3, 1, 1), coloured));
        }

        // What sampling set out from, where that shows something of the original, and what came of it.
        private IEnumerable<(string Label, Tensor Images)> Shown((EditedRow Edited, ModelSampling Sampling) row, Tensor pictures, Tensor results)
        {
            if (Edit is Edit.Redraw)
                yield return (row.Edited.Name, Noised(row.Sampling.Run, pictures).expand(-1, 3, -1, -1));
            foreach (var version in results.chunk(Versions))
                yield return (row.Edited.Result, version.expand(-1, 3, -1, -1));
        }

        // As the plan does it, of the first version's noise.
        private static Tensor Noised(SamplingRun run, Tensor pictures)
        {
            var level = run.Plan.Steps[0].From.Marginal.VariancePreserving;
            var noise = new SampleNoise(run.Seed, 0, pictures.shape, CPU).Draw(0);
            return (pictures * level.Alpha).add_(noise, alpha: level.Sigma);
        }
    }
}
