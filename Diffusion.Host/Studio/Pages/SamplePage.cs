using System.Diagnostics;
using Diffusion.Host.Samplers;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Draws samples while one watches.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class SamplePage(StudioContext studio)
    : StudioPage("sample", "Sample", "Noise becomes images, step by step: choose a model and a sampler, and draw.")
{
    private const int MostFilmFrames = 40;

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("GET", "/models", "Models and samplers to choose from.", () => new Choices(ModelChoice.In(studio.Runs), SamplerOption.All)),
        new("POST", "/samples", "Draws samples; events: waiting, plan, step with PNG frames, done with the sheet of the command sample.",
            Draw),
        new("POST", "/samples/film", "The same samples as an animation, GIF or WebP.", Film),
    ];

    private ServerSentEventsResult<string> Draw(SampleQuestion question, CancellationToken gone)
    {
        var (request, folder) = (question.Request(), studio.Runs.FindModel(question.Model));
        return EventStream.Of(
            events => studio.OnModel(
                question.Model, (model, _) => Show(model, new(question, request, folder), events), events.Gone,
                ahead => events.Mention("waiting", new { ahead })),
            gone);
    }

    private static bool Show(TrainedModel model, Asked asked, EventStream events)
    {
        var clock = Stopwatch.StartNew();
        using var sampler = new ModelSampler(model, asked.Request);
        events.Tell("plan", PlanFacts.Of(sampler, asked));
        using var samples = SampleStream.Draw(sampler, asked.Question.Count, events);
        events.Tell("done", new
        {
            sheet = Frames.Png(new SampleSheet(sampler).Compose(samples).Draw()),
            facts = sampler.Provenance().ToDictionary(fact => fact.Name, fact => fact.Text),
            seconds = clock.Elapsed.TotalSeconds,
        });
        return true;
    }

    private async Task<IResult> Film(SampleQuestion question, string? format, CancellationToken gone)
    {
        var request = question.Request();
        var (write, kind) = format switch
        {
            "gif" or null => ((Action<Stream, Animation, Sequence<Note>>)Gif.Write, "gif"),
            "webp" => (AnimatedWebp.Write, "webp"),
            _ => throw new RefusedException(400, "format: gif or webp"),
        };
        var bytes = await studio.OnModel(question.Model, (model, stopping) =>
        {
            using var sampler = new ModelSampler(model, request);
            using var film = new FormingFilm(sampler.Run.Plan, MostFilmFrames);
            sampler.Draw(question.Count, new() { Stopping = stopping, Step = film.Watch }).Dispose();
            using var stream = new MemoryStream();
            write(stream, film.Compose(FormingFilm.LayoutOf(sampler, question.Count), RowFacts.TitleOf(sampler)), []);
            return stream.ToArray();
        }, gone);
        return Results.File(bytes, $"image/{kind}", $"samples.{kind}");
    }

    /// <summary>A question and what follows from it.</summary>
    private sealed record Asked(SampleQuestion Question, SamplingRequest Request, string Folder);

    /// <summary>What is known before anything is drawn.</summary>
    private sealed record PlanFacts(int Steps, int NetworkCalls, string Sampler, string Text)
    {
        /// <summary>Samples in all.</summary>
        public int Count { get; init; }

        /// <summary>The label of each sample by its name; null where samples have none.</summary>
        public IReadOnlyList<string>? Labels { get; init; }

        /// <summary>Guidance, in words.</summary>
        public string Guidance { get; init; } = "";

        /// <summary>The command line that draws the same samples.</summary>
        public string CommandLine { get; init; } = "";

        /// <summary>The C# that draws the same samples.</summary>
        public string CSharp { get; init; } = "";

        public static PlanFacts Of(ModelSampler sampler, Asked asked) =>
            new(sampler.Run.Plan.Steps.Count, sampler.Run.Plan.NetworkCalls, sampler.Sampler, PlanText.Print(sampler.Run.Plan))
            {
                Count = asked.Question.Count,
                Labels = sampler.Classes is null ? null
                    : [.. Enumerable.Range(0, asked.Question.Count).Select(sample => sampler.NameOf(sampler.LabelOf(sample)!.Value))],
                Guidance = sampler.GuidanceText,
                CommandLine = asked.Question.CommandLine(asked.Folder),
                CSharp = asked.Question.CSharp(asked.Folder),
            };
    }
}
