using System.Globalization;
using Diffusion.Host.Models;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Diffusion.Host.Studio.Pages;

/// <summary>The same noise at many strengths of guidance.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class GuidancePage(StudioContext studio)
    : StudioPage("guidance", "Guidance", "The same noise, guided more and more: clearer images, and less variety.")
{
    private const int MostRows = 12;

    // What a sweep writes beside its protocol, and a person looks at.
    private static readonly string[] Measures = ["precision", "recall", "coverage", "accuracy", "diversity", "fid", "fd"];

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("POST", "/guidance", "Draws a row for each strength; events: waiting, row with a PNG frame, done with the command line.", Draw),
        new("GET", "/guidance/classifiers", "Classifiers of noisy images that can guide.", () => Classifiers(studio.Runs)),
        new("GET", "/guidance/sweep", "The sweep over guidance that lies in a run, guidance.csv; no rows where none was made.", Sweep),
    ];

    /// <summary>Classifiers that the program carries, and runs that trained one.</summary>
    internal static IReadOnlyList<string> Classifiers(RunsRoot runs) =>
    [
        .. CarriedModels.Names.Where(name => RecipeFile.Read(
            Path.Combine(CarriedModels.FolderOf(name), RunFolder.RecipeName)).Goal is Goal.Classify),
        .. runs.All.Where(run => run is { Recipe.Goal: Goal.Classify, Checkpoints.Count: > 0 }).Select(runs.NameOf),
    ];

    private ServerSentEventsResult<string> Draw(GuidanceQuestion question, CancellationToken gone)
    {
        if (question.Strengths.Count is 0 or > MostRows || question.Strengths.Any(strength => strength is not (>= -100 and <= 100)))
            throw new RefusedException(StatusCodes.Status400BadRequest, $"strengths: 1 to {MostRows} numbers from -100 to 100");
        if (question.Samples.Guidance is not null)
            throw new RefusedException(StatusCodes.Status400BadRequest, "samples.guidance: the strengths say it");
        var request = question.Samples.Request();
        var folder = studio.Runs.FindModel(question.Samples.Model);
        var classifier = question.Classifier is { } name ? studio.Runs.FindModel(name) : null;
        return EventStream.Of(events => studio.OnModel(question.Samples.Model, (model, _) =>
        {
            foreach (var (row, strength) in question.Strengths.Index())
            {
                using var sampler = new ModelSampler(model, classifier is null ? request with { GuidanceW = strength }
                    : request with { Classifier = new(classifier, strength) });
                using var samples = sampler.Draw(question.Samples.Count, new() { Stopping = events.Gone });
                events.Tell("row", new
                {
                    row, strength, guidance = sampler.GuidanceText, frame = Frames.Of(samples, 1),
                    labels = sampler.Classes is null ? null
                        : Enumerable.Range(0, question.Samples.Count).Select(sample => sampler.NameOf(sampler.LabelOf(sample)!.Value)),
                });
            }
            events.Tell("done", new { commandLine = CommandLine(question, folder, classifier) });
            return true;
        }, events.Gone, ahead => events.Mention("waiting", new { ahead })), gone);
    }

    private static string CommandLine(GuidanceQuestion question, string folder, string? classifier)
    {
        string[] sample = [.. question.Samples.Words(folder)];
        string[] words =
        [
            "vary", sample[1], classifier is null ? "guidance" : "classifier-scale",
            .. question.Strengths.Select(strength => strength.ToString(CultureInfo.InvariantCulture)), .. sample[2..^1], "guidance.png",
            .. classifier is null ? [] : (string[])["--classifier", CarriedModels.NameOf(classifier)],
        ];
        return ResumeLine.Of(words);
    }

    private SweptGuidance Sweep(string model)
    {
        var file = Path.Combine(studio.Runs.FindModel(model), "guidance.csv");
        if (!File.Exists(file))
            return new([], []);
        var table = ReportTable.Read(file);
        Sequence<string> columns = [.. table.Columns.Where(column => column is "method" or "w" or "s" or "strength" or "n"
            || Measures.Any(measure => column == measure || column.StartsWith($"{measure}_", StringComparison.Ordinal))
                && !char.IsAsciiDigit(column[^1]) && !column.EndsWith("_classes", StringComparison.Ordinal))];
        return new([.. columns], [.. table.Under(columns).Rows.Select(row => row.ToArray())]);
    }
}

/// <summary>Rows of samples as the page and its API ask for them.</summary>
/// <param name="Samples">The samples of a row; without guidance.</param>
/// <param name="Strengths">w of each row; the scale s of the classifier, where one guides.</param>
/// <param name="Classifier">A classifier of noisy images that guides in place of classifier-free guidance.</param>
public sealed record GuidanceQuestion(SampleQuestion Samples, IReadOnlyList<double> Strengths, string? Classifier = null);

/// <summary>The numbers of a sweep.</summary>
/// <param name="Columns">Their names.</param>
/// <param name="Rows">As long as the columns are many.</param>
public sealed record SweptGuidance(IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows);
