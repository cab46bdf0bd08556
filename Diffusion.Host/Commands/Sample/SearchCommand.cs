using System.Globalization;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Models;
using Diffusion.Host.Samplers;
using Diffusion.Math.PlanFiles;
using Diffusion.Math.Search;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Searches plans of few network calls for a trained model.</summary>
    /// <param name="Sampling">The model and how it is sampled.</param>
    /// <param name="Options">What is searched.</param>
    /// <param name="Out">A file, or a folder for several; null for the run's own plans.</param>
    public sealed record Search(SamplingOptions Sampling, SearchOptions Options, string? Out) : Command
    {
        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            using var model = Sampling.Open(session);
            using var sampler = new ModelSampler(model, Sampling.Request);
            WatchedSampling.Warn(session, [sampler]);
            var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(CarriedModels.NameOf(Sampling.Model)));
            var (texts, rows) = (new List<string>(), new JsonArray());
            var searches = Options.Calls.Select(calls => new PlanSearch(Options.Sampler, model.Recipe.Schedule, calls)
            {
                Freedom = Options.Freedom,
                Trials = Options.Trials,
            }).ToList();
            searches.ForEach(ModelPlanSearch.Require);
            foreach (var search in searches)
            {
                var path = PathOf(name, search.Calls);
                OutputException.RequireWritable(path);
                var (plan, found) = Found(session, sampler, search);
                OutputException.Guard(path, () => Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!));
                PlanPlace.Write(path, plan);
                if (found.Unseen.After > found.Unseen.Before)
                    session.Warn($"{path}: on unseen samples the plan is worse than the usual levels; try a larger --count");
                texts.Add(TextOf(path, plan, found));
                rows.Add(JsonOf(path, plan, found));
            }
            session.Answer(string.Join('\n', texts), new() { ["plans"] = rows });
            return ExitCode.Success;
        }

        private string PathOf(string name, int calls)
        {
            var file = string.Create(CultureInfo.InvariantCulture, $"{name}-{calls}{PlanPlace.Extension}");
            return Out is null ? Path.Combine(CarriedModels.ResultsOf(Sampling.Model), PlanPlace.FolderName, file)
                : OutputName.IsFolder(Out) ? Path.Combine(Out, file) : Out;
        }

        private (PlanDocument Plan, FoundPlan Found) Found(Session session, ModelSampler sampler, PlanSearch search) =>
            ProgressDisplay.Show(session, (shown, display) =>
            {
                using var activity = display.Begin(new($"search of {Counted.Of(search.Calls, "call")}", "plans", 0, search.Trials));
                var best = double.PositiveInfinity;
                return new ModelPlanSearch(sampler, Options.Count).Run(search, (trial, distance) =>
                {
                    shown.Stopping.ThrowIfCancellationRequested();
                    best = Min(best, distance);
                    activity.Report(Min(trial, search.Trials), () => $"distance {NumberText.Short(best, "0.####")}");
                });
            });

        private static string TextOf(string path, PlanDocument plan, FoundPlan found) => string.Create(CultureInfo.InvariantCulture,
            $"{path}: {plan.Name}, {Counted.Of(plan.Plan.NetworkCalls, "network call")}; distance to the teacher "
            + $"{found.Matched.Before:0.####} -> {found.Matched.After:0.####}, of unseen samples "
            + $"{found.Unseen.Before:0.####} -> {found.Unseen.After:0.####}; "
            + $"{Counted.Of(found.Trials, "plan")} tried; plan {plan.Hash}");

        private static JsonObject JsonOf(string path, PlanDocument plan, FoundPlan found) => new()
        {
            ["file"] = path,
            ["name"] = plan.Name,
            ["nfe"] = plan.Plan.NetworkCalls,
            ["hash"] = plan.Hash,
            ["trials"] = found.Trials,
            ["before"] = found.Matched.Before,
            ["after"] = found.Matched.After,
            ["unseen_before"] = found.Unseen.Before,
            ["unseen_after"] = found.Unseen.After,
        };
    }
}
