using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Pictures;
using Diffusion.Host.Reports;
using Diffusion.Host.Samplers;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Data;
using TorchSharp;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Draws samples from a trained model into a picture file that says how they were made.</summary>
    /// <param name="Model">The run folder, or a checkpoint.</param>
    /// <param name="Out">The PNG file.</param>
    /// <param name="Options">What was asked for besides.</param>
    public sealed record Sample(string Model, string Out, SampleOptions Options) : Command
    {
        private const int Scale = 2;
        private const int StripColumns = 12;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var machine = Machine.Ready(Options.Device, Options.Threads);
            using var model = TrainedModel.Open(Model, machine.Device, damage => session.Warn($"{damage}; the checkpoint before it is used"));
            var steering = Options.Steering?.Open(session, machine.Device);
            using var classifier = steering?.Classifier;
            var sampling = new ModelSampling(model, Options.Settings with { Steering = steering });
            var picture = ProgressDisplay.Show(session, (_, display) => Draw(sampling, display, session.Stopping));
            Sequence<Note> notes = [.. sampling.Provenance().Select(fact => new Note(fact.Name, fact.Text))];
            OutputException.Guard(Out, () => Png.Save(Out, picture, notes));
            Answer(session, sampling);
            return ExitCode.Success;
        }

        private int Count => Options.Count ?? (Options.Content == SheetContent.Progress ? 4 : 64);

        private Picture Draw(ModelSampling sampling, IProgressDisplay display, CancellationToken stopping)
        {
            using var strip = new DenoisingStrip(sampling.Run.Plan, StripColumns);
            var (batches, steps, done) = ((Count + sampling.Run.Batch - 1) / sampling.Run.Batch, sampling.Run.Plan.Steps.Count, 0L);
            using var activity = display.Begin(new("sampling", "steps", 0, (long)batches * steps));
            using var samples = sampling.Draw(Count, moment =>
            {
                stopping.ThrowIfCancellationRequested();
                if (Options.Content == SheetContent.Progress)
                    strip.Watch(moment);
                activity.Report(++done, () => $"{Count} samples");
            });
            return Options.Content == SheetContent.Progress
                ? strip.Compose(Scale)
                : PictureGrid.Compose(samples, GridLayout.Of(sampling.ClassesInTurn ?? (int)Ceiling(Sqrt(Count))) with { Scale = Scale });
        }

        private void Answer(Session session, ModelSampling sampling)
        {
            var facts = sampling.Provenance().ToList();
            var json = new JsonObject { ["file"] = Out, ["samples"] = Count };
            foreach (var (name, text) in facts)
                json[name] = text;
            session.Answer($"{Out}: {Count} samples; {string.Join(", ", facts.Select(fact => $"{fact.Name} {fact.Text}"))}", json);
        }
    }
}
