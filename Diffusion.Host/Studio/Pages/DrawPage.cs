using System.Globalization;
using Diffusion.Host.Measuring;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Plans;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Redraws, fills in, classifies and measures what a person draws.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class DrawPage(StudioContext studio)
    : StudioPage("draw", "Draw", "Draw an image: have it redrawn, filled in, recognised, and measured.")
{
    private const int MostPoints = 16;
    private const int Levels = 50;

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("POST", "/drawings/redraw", "SDEdit: a drawing is noised part of the way and comes back; events as of /samples.", Redraw),
        new("POST", "/drawings/fill", "RePaint: the masked part of a drawing is made anew; events as of /samples.", Fill),
        new("POST", "/drawings/likelihood", "The variational bound of a drawing, in bits per dimension.", Measure),
        new("POST", "/drawings/class", "What classifiers take a drawing for, also with noise.", Classify),
        new("POST", "/drawings/between", "Samples on the way from one to another; events as of /samples.", Between),
    ];

    private ServerSentEventsResult<string> Redraw(RedrawQuestion question, CancellationToken gone)
    {
        if (question.Strength is not (> 0 and <= 1))
            throw new RefusedException(StatusCodes.Status400BadRequest, "strength: above 0 and up to 1");
        return Edited(question.Samples, question.Drawing, null, new ImageEdit.SdEdit(question.Strength), gone);
    }

    private ServerSentEventsResult<string> Fill(FillQuestion question, CancellationToken gone)
    {
        if (question is not { Jump: >= 1 and <= 100, Rounds: >= 1 and <= 20 })
            throw new RefusedException(StatusCodes.Status400BadRequest, "jump: from 1 to 100; rounds: from 1 to 20");
        return Edited(question.Samples, question.Drawing, question.Mask, new ImageEdit.RePaint(question.Jump, question.Rounds), gone);
    }

    private ServerSentEventsResult<string> Edited(
        SampleQuestion samples, Drawing drawing, Drawing? mask, ImageEdit edit, CancellationToken gone)
    {
        var request = samples.Request();
        _ = studio.Runs.FindModel(samples.Model);
        return EventStream.Of(events => studio.OnModel(samples.Model, (model, _) =>
        {
            using var scope = torch.NewDisposeScope();
            using var plain = new ModelSampler(model, request);
            var originals = new Originals(drawing.Over(plain.Shape)) { Hidden = mask?.Mask(plain.Shape) };
            // RePaint goes stretches again, which a sampler that remembers steps cannot.
            if (edit is ImageEdit.RePaint { Rounds: > 1 } && request is { Sampler: null } && plain.Run.Plan.Remembers())
                request = request with { Sampler = SamplerCatalogue.Find("ddpm-small")!.Sampler };
            using var sampler = new ModelSampler(model, request with { Edit = edit }, new() { Originals = originals });
            Show(sampler, samples.Count, events);
            return true;
        }, events.Gone, ahead => events.Mention("waiting", new { ahead })), gone);
    }

    private ServerSentEventsResult<string> Between(BetweenQuestion question, CancellationToken gone)
    {
        if (question is not { First: >= 0, Second: >= 0, Points: >= 2 and <= MostPoints })
            throw new RefusedException(StatusCodes.Status400BadRequest, $"first, second: at least 0; points: from 2 to {MostPoints}");
        var request = question.Samples.Request();
        var folder = studio.Runs.FindModel(question.Samples.Model);
        return EventStream.Of(events => studio.OnModel(question.Samples.Model, (model, _) =>
        {
            using var sampler = new ModelSampler(model, request with
            {
                Noise = new NoiseNumbering.Between([new(question.First, question.Second)], Slerp.Points(question.Points)),
                Labels = request.Labels?.ByRow(question.Points) ?? new SampleLabels.InTurn(question.Points),
                Count = question.Points,
            });
            Show(sampler, question.Points, events, CommandLine(question, folder));
            return true;
        }, events.Gone, ahead => events.Mention("waiting", new { ahead })), gone);
    }

    private static void Show(ModelSampler sampler, int count, EventStream events, string commandLine = "")
    {
        var plan = sampler.Run.Plan;
        events.Tell("plan", new
        {
            steps = plan.Steps.Count, networkCalls = plan.NetworkCalls, sampler = sampler.Sampler, text = PlanText.Print(plan), count,
            commandLine,
        });
        using var samples = SampleStream.Draw(sampler, count, events);
        events.Tell("done", new { frame = Frames.Of(samples, 1) });
    }

    private static string CommandLine(BetweenQuestion question, string folder)
    {
        string[] sample = [.. question.Samples.Words(folder)];
        var count = Array.IndexOf(sample, "--count");
        string[] words =
        [
            "interpolate", sample[1], "--between", string.Create(CultureInfo.InvariantCulture, $"{question.First},{question.Second}"),
            "--points", question.Points.ToString(CultureInfo.InvariantCulture), .. sample[2..count], "-o", "between.png",
        ];
        return ResumeLine.Of(words);
    }

    private Task<Bound> Measure(MeasureQuestion question, CancellationToken gone)
    {
        var folder = studio.Runs.FindModel(question.Model);
        return studio.OnModel(question.Model, (model, stopping) =>
        {
            using var scope = torch.NewDisposeScope();
            var shape = ShapeOf(model);
            var measurement = LikelihoodSetup.MeasurementOf(folder, model, new() { Levels = Levels });
            var label = question.Label is { Length: > 0 } name && model.Classes is not null
                ? torch.tensor([LabelOf(model, name)], torch.int64) : null;
            var bound = measurement.Measure(
                model.Network, Pixels.ToBytes(question.Drawing.Over(shape)), label, [0], stopping.ThrowIfCancellationRequested)[0];
            return new Bound(bound.Total, bound.Decoder, bound.Chain, bound.Prior, measurement.Times.Evaluated, measurement.Times.Steps);
        }, gone);
    }

    private Task<List<Judgement>> Classify(ClassQuestion question, CancellationToken gone)
    {
        if (question.Time is not (>= 0 and <= 1))
            throw new RefusedException(StatusCodes.Status400BadRequest, "time: from 0 to 1");
        var classifiers = GuidancePage.Classifiers(studio.Runs).Select(name => (Name: name, Folder: studio.Runs.FindModel(name))).ToList();
        return studio.OnModel(question.Model, (model, stopping) =>
        {
            using var scope = torch.NewDisposeScope();
            using var guard = torch.no_grad();
            var (shape, judgements) = (ShapeOf(model), new List<Judgement>());
            var clean = question.Drawing.Over(shape);
            foreach (var (name, folder) in classifiers)
            {
                using var classifier = TrainedClassifier.Open(folder, model.Device, studio.Session.Warn);
                if (classifier.Shape == shape)
                    judgements.Add(NoisyJudgement.Of(name, classifier, clean, question.Time));
            }
            if (SmallNetworkOf(shape) is { } network)
                using (var extractor = FeatureExtractor.Small(network, torch.CPU))
                using (var features = extractor.Extract(Pixels.ToBytes(clean)))
                    judgements.Add(NoisyJudgement.Of(
                        "the feature network of evaluations, which sees no noise", features.Logits, model.Recipe.Data.ClassNames));
            return judgements;
        }, gone);
    }

    private static SmallNetwork? SmallNetworkOf(ImageShape shape) => shape == new ImageShape(1, 28, 28) ? SmallNetwork.LeNet
        : shape == new ImageShape(3, 32, 32) ? SmallNetwork.CifarNet : null;

    private static ImageShape ShapeOf(TrainedModel model) =>
        model.Shape ?? throw new RefusedException(StatusCodes.Status400BadRequest, "the model was trained on images of their own size");

    private static long LabelOf(TrainedModel model, string name)
    {
        using var sampler = new ModelSampler(model, new() { Labels = new SampleLabels.Named([name]) });
        return sampler.LabelOf(0)!.Value;
    }
}
