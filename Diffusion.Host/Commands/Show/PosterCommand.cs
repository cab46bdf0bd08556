using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Options;
using Diffusion.Host.Posters;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Makes the figures of a poster, and a page with all of them. Every figure is made by the command line beside it.</summary>
    /// <param name="Options">What was asked for.</param>
    public sealed record MakePoster(PosterOptions Options) : Command
    {
        private const int TrialSamples = 4;
        private const int TrialSteps = 2;

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            var place = PosterPlace.Of(Options.Out);
            place.Require();
            var given = Options.Models.Select(PosterModel.Open).ToSequence();
            if (given.GroupBy(model => model.Set).FirstOrDefault(models => models.Count() > 1)?.ToList() is [var one, var other, ..])
                throw new InputException("--model", $"{one.Word} and {other.Word}, both of {one.Title}", "one model of a data set");
            var trained = Options.Time is { } time ? PosterTraining.Shares(time, given) : [];
            if (Options.Time is not null && trained.Count == 0)
                throw new InputException("--minutes", "a model of every data set by --model", "a data set left to train on");
            var models = given.Concat(PosterModel.Carried).Where(model => trained.All(share => share.Set != model.Set))
                .DistinctBy(model => model.Set).ToSequence();
            if (models.Count == 0 && trained.Count == 0)
                throw new InputException("--model", "no model, and none comes with this program", "a run, or --minutes M to train some");
            Announce(session, place, models, trained);
            place.Mark([.. models.Select(model => model.Word), .. trained.Select(share => share.Recipe)]);
            foreach (var share in trained)
                Learn(session, place, share);
            var plan = new PosterPlan(InOrder([.. models, .. trained.Select(share => PosterModel.Open(place[share.Set]))]))
            {
                Data = Options.Data,
            };
            if (trained.Count == 0)
                SayHowLong(session, plan);
            foreach (var figure in plan.Figures)
                Draw(session, place, figure);
            var contents = new PosterContents(plan, place) { Command = Options.CommandLine };
            PosterPlace.Write(place.Html, new PosterPage(contents).Text);
            PosterPlace.Write(place.Markdown, new PosterMarkdown(contents).Text);
            session.Answer($"{place.Markdown}\n{place.Html}", new()
            {
                ["markdown"] = place.Markdown,
                ["html"] = place.Html,
                ["figures"] = new JsonArray([.. plan.Figures.Select(figure => JsonValue.Create(place[figure.File]))]),
            });
            return ExitCode.Success;
        }

        private static Sequence<PosterModel> InOrder(Sequence<PosterModel> models) => models.OrderBy(model => PosterPlan.Sets.Index()
            .Where(set => set.Item.Name == model.Set).Select(set => set.Index).FirstOrDefault(int.MaxValue)).ToSequence();

        private void Announce(Session session, PosterPlace place, Sequence<PosterModel> models, Sequence<PosterTraining> trained)
        {
            session.Say($"poster: {place.Markdown}, and {place.Html} to print");
            foreach (var model in models)
                session.Say($"{model.Title}: model {model.Word}");
            foreach (var share in trained)
                session.Say($"{share.Title}: recipe {share.Recipe}, trained for {Minutes(share.Time)} minutes in {place[share.Set]}");
            foreach (var set in PosterPlan.Sets.ExceptBy(
                models.Select(model => model.Set).Concat(trained.Select(share => share.Set)), set => set.Name))
                session.Say($"{set.Title}: no model comes with the program; --minutes M trains one, --model RUN takes one");
            if (Options.Time is { } time && DateTimeOffset.Now is var now)
                session.Say($"then the figures, in {Minutes(time - trained.Aggregate(TimeSpan.Zero, (sum, share) => sum + share.Time))} "
                    + $"minutes; ends about {Duration.Clock(now + time, now)}");
        }

        private void Learn(Session session, PosterPlace place, PosterTraining share)
        {
            var folder = place[share.Set];
            var summary = RunSummary.IsRun(folder) ? RunSummary.Read(folder) : null;
            if (summary?.State == RunState.Finished)
                session.Say($"{share.Title}: {folder} is finished");
            else if (summary is { Steps: > 0 })
                Quietly(session, ["train", "--resume", folder, .. Options.Machine]);
            else
                Begin(session, share, folder);
        }

        // What a share lacks, the whole lacks in proportion.
        private void Begin(Session session, PosterTraining share, string folder)
        {
            try
            {
                Quietly(session, Beginning(share, folder));
            }
            catch (InputException tooShort) when (tooShort.Place == "--minutes")
            {
                throw new InputException("--minutes", Minutes(Options.Time!.Value),
                    $"more: {share.Title} has {Minutes(share.Time)} minutes of it, and needs {tooShort.Expected}", tooShort);
            }
        }

        private string[] Beginning(PosterTraining share, string folder) =>
        [
            "train", share.Recipe, "--minutes", Minutes(share.Time), "--out", folder,
            .. Options.Data is { } data ? (string[])["--data", PosterPlan.FolderOf(data, share.Set)] : [],
            .. Options.IsOffline ? (string[])["--offline"] : [], .. Options.Machine,
        ];

        private void Draw(Session session, PosterPlace place, PosterItem.Figure figure)
        {
            session.Say($"{figure.Title}: {figure.CommandLine}");
            Quietly(session, [.. figure.Words, "--out", place[figure.File], .. figure.Model is null ? [] : Options.Machine]);
        }

        // As if it were typed, but for the answer, which is the poster's.
        private static void Quietly(Session session, string[] words)
        {
            if (CommandParser.Parse(words) is not ParsedLine.Accepted { Command: var command })
                throw new UnreachableException($"This program does not understand its own line: {string.Join(' ', words)}");
            if (command is Command.Train train)
                command = train with { Options = train.Options with { Mode = RunMode.Part, GoOn = session.CommandLine } };
            if (command.Run(session with { Terminal = session.Terminal with { Output = TextWriter.Null } }) is not ExitCode.Success)
                throw new OperationCanceledException(session.Stopping);
            session.Stopping.ThrowIfCancellationRequested();
        }

        // At the pace of a few calls of each network.
        private void SayHowLong(Session session, PosterPlan plan)
        {
            var seconds = 0.0;
            foreach (var model in plan.Models)
            {
                using var opened = new Samplers.SamplingOptions(model.Folder, new())
                {
                    Device = Options.Device,
                    Threads = Options.Threads,
                }.Open(session);
                using var usual = new ModelSampler(opened, new());
                using var trial = new ModelSampler(opened, new() { Steps = TrialSteps });
                trial.Draw(TrialSamples).Dispose();
                var clock = Stopwatch.StartNew();
                trial.Draw(TrialSamples).Dispose();
                seconds += clock.Elapsed.TotalSeconds * usual.Run.Plan.NetworkCalls / trial.Run.Plan.NetworkCalls
                    * plan.Figures.Where(figure => figure.Model == model).Sum(figure => figure.Samples) / TrialSamples;
            }
            session.Say($"{plan.Figures.Count} figures, about {Duration.Text(TimeSpan.FromSeconds(Ceiling(seconds)))}");
        }

        private static string Minutes(TimeSpan time) => Max(0.001, time.TotalMinutes).ToString("0.###", CultureInfo.InvariantCulture);
    }
}
