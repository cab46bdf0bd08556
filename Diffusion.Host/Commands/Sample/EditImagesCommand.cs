using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Host.Samplers;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Changes real images by a trained model, a column for each image.</summary>
    /// <param name="Sampling">The model and how it is sampled.</param>
    /// <param name="Originals">The images.</param>
    /// <param name="Edit">What is done to them.</param>
    public sealed record EditImages(SamplingOptions Sampling, OriginalRequest Originals, Edit Edit) : Command
    {
        /// <summary>Rows of results for each way of changing, each from other noise.</summary>
        public int Versions { get; init; } = 1;

        /// <summary>The file, .png or .svg.</summary>
        public string Out { get; init; } = "edited.png";

        /// <summary>The side of the square that an image pixel becomes; null for the usual one.</summary>
        public int? Scale { get; init; }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Sampling.Open(session);
            using var scope = NewDisposeScope();
            using var others = new RequestedModels(model.Device, session.Warn);
            using var plain = new ModelSampler(model, Sampling.Request, others.For(Sampling.Request));
            var shape = plain.Shape;
            using var images = OriginalImages.Read(session, Originals, shape);
            var hidden = (Edit as Edit.FillIn)?.Hidden.Over(shape, session);
            var request = Repeatable(session, plain) with
            {
                Labels = Sampling.Request.Labels
                    ?? new SampleLabels.Listed(images.Labels.Select(label => label % (plain.Classes ?? 1)).ToSequence()),
                Count = Versions * images.Count,
            };
            var inputs = others.For(request, new() { Originals = new(images.Images) { Hidden = hidden } });
            var rows = Edit.Rows
                .Select(row => (Edited: row, Sampling: new ModelSampler(model, request with { Edit = row.Way }, inputs))).ToList();
            SheetRoom.Require((2L + Edit.Rows.Count * (1 + Versions)) * images.Count, shape, Scale);
            var drawn = WatchedSampling.Draw(session, [.. rows.Select(row => new Portion(row.Sampling, Versions * images.Count))]);
            foreach (var row in drawn)
                scope.Attach(row);
            var facts = new RowFacts([.. rows.Select(row => (row.Edited.Name, row.Sampling.Provenance().ToSequence()))]);
            var file = new SheetFile(Out, [.. facts.All, ("images", images.Name), .. Edit.Facts])
            {
                Request = new JsonArray([.. rows.Select(row => (JsonNode)row.Sampling.Request.ToJson())]),
            };
            var results = rows.Zip(drawn).SelectMany(row => Shown(row.First, images.Images, row.Second));
            var sheet = Shown(images.Images, hidden).Concat(results).ToList();
            var layout = GridLayout.Readable(images.Count, shape.Height) with
            {
                Title = $"{Edit.Title}: {facts.Title}",
                RowLabels = sheet.Select(row => row.Label).ToSequence(),
            };
            file.Save(ImageGrid.Of(cat([.. sheet.Select(row => row.Images)]), layout.At(Scale)));
            file.Answer(session, Versions * images.Count * rows.Count);
            return ExitCode.Success;
        }

        // The model's own sampler, unless it remembers earlier steps and RePaint goes stretches again; what was asked for stays.
        private SamplingRequest Repeatable(Session session, ModelSampler own)
        {
            if (Edit is not Edit.FillIn { RePaintSchedule.Rounds: > 1 } || Sampling.Request is not { Sampler: null, Plan: null }
                || !own.Run.Plan.Remembers())
                return Sampling.Request;
            session.Say($"{own.Run.Plan.Name} remembers earlier steps, and RePaint repeats them: ddpm-small is used; " +
                "--rounds 1 keeps the model's sampler");
            return Sampling.Request with { Sampler = SamplerCatalogue.Find("ddpm-small")!.Sampler };
        }

        private static IEnumerable<(string Label, Tensor Images)> Shown(Tensor images, Tensor? hidden)
        {
            var coloured = Coloured(images);
            yield return ("original", coloured);
            // A colour that no digit has and few photographs have, and opaque.
            if (hidden is not null)
                yield return ("kept", where(
                    hidden, tensor(new[] { -1f, 0, 0.6f, 1 }).narrow(0, 0, coloured.shape[1]).view(1, -1, 1, 1), coloured));
        }

        private static Tensor Coloured(Tensor images) => images.shape[1] == 1 ? images.expand(-1, 3, -1, -1) : images;

        // What sampling set out from, where that shows something of the original, and what came of it.
        private IEnumerable<(string Label, Tensor Images)> Shown(
            (EditedRow Edited, ModelSampler Sampling) row, Tensor images, Tensor results)
        {
            if (Edit is Edit.Redraw)
                yield return (row.Edited.Name, Coloured(Noised(row.Sampling.Run, images)));
            foreach (var version in results.chunk(Versions))
                yield return (row.Edited.Result, Coloured(version));
        }

        // As the plan does it, of the first version's noise.
        private static Tensor Noised(SamplingRun run, Tensor images)
        {
            var level = run.Plan.Steps[0].From.Marginal.VariancePreserving;
            var noise = new SampleNoise(run.Seed, 0, images.shape, CPU).Draw(0);
            return images.Times(level.Alpha).add_(noise, alpha: Number.Of(level.Sigma));
        }
    }
}
