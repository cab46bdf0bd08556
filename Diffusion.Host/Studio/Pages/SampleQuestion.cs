using System.Globalization;
using System.Text.Json;
using Diffusion.Host.Models;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Samplers;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Studio.Pages;

/// <summary>
/// Samples as the page and its API ask for them: the settings of the command <c>sample</c>; null where the model decides.
/// </summary>
public sealed record SampleQuestion
{
    private const int MostSteps = 1000;

    /// <summary>How many samples can be asked for at once.</summary>
    public const int MostSamples = 64;

    /// <summary>A run below the folder of runs, or a model that the program carries.</summary>
    public string Model { get; init; } = "";

    /// <summary>A sampler by its name, such as <c>ddim</c>.</summary>
    public string? Sampler { get; init; }

    /// <summary>The number of steps, from 1 to 1000.</summary>
    public int? Steps { get; init; }

    /// <summary>η, from 0 to 1, of samplers that have it.</summary>
    public double? Eta { get; init; }

    /// <summary>w of classifier-free guidance, from −100 to 100; the guidance scale is 1 + w.</summary>
    public double? Guidance { get; init; }

    /// <summary>Guided above this σ/α; at least 0.</summary>
    public double? GuidedFrom { get; init; }

    /// <summary>Guided up to this σ/α.</summary>
    public double? GuidedTo { get; init; }

    /// <summary>A class, by its name or number.</summary>
    public string? Label { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong? Seed { get; init; }

    /// <summary>How many samples, from 1 to 64.</summary>
    public int Count { get; init; } = 16;

    /// <summary>The same for the library.</summary>
    /// <exception cref="RefusedException">A setting is out of range.</exception>
    internal SamplingRequest Request()
    {
        RefusedException.Unless(Count is >= 1 and <= MostSamples, $"count: from 1 to {MostSamples}");
        RefusedException.Unless(Steps is null or (>= 1 and <= MostSteps), $"steps: from 1 to {MostSteps}");
        RefusedException.Unless(Eta is null or (>= 0 and <= 1), "eta: from 0 to 1");
        RefusedException.Unless(Guidance is null or (>= -100 and <= 100), "guidance: w from -100 to 100");
        RefusedException.Unless(GuidedFrom is null == GuidedTo is null, "guidedFrom and guidedTo: both or neither");
        RefusedException.Unless(
            GuidedFrom is null || (GuidedFrom >= 0 && GuidedTo > GuidedFrom && GuidedTo <= 1e6), "guidedFrom: below guidedTo");
        RefusedException.Unless(Sampler is null || SamplerCatalogue.Find(Sampler) is not null, "sampler: a name that /api/models lists");
        return new()
        {
            Sampler = Sampler is { } name ? SamplerCatalogue.Find(name)!.Sampler : null,
            Steps = Steps,
            Eta = Eta,
            GuidanceW = Guidance,
            GuidanceInterval = GuidedFrom is { } low ? new(low, GuidedTo!.Value) : null,
            Labels = Label is { Length: > 0 } label ? new SampleLabels.Named([label]) : null,
            Seed = Seed,
            Count = Count,
        };
    }

    /// <summary>The command line that draws the same samples to the bit.</summary>
    /// <param name="folder">The model's folder.</param>
    internal string CommandLine(string folder) => ResumeLine.Of(Words(folder));

    /// <summary>Its words after the program's name.</summary>
    /// <param name="folder">The model's folder.</param>
    internal IEnumerable<string> Words(string folder)
    {
        yield return "sample";
        // By its name, where that means the model.
        yield return CarriedModels.NameOf(folder) is var name && CarriedModels.Resolve(name) == folder ? name : folder;
        foreach (var (option, value) in Options)
            if (value is not null)
            {
                yield return option;
                yield return value;
            }
        yield return "-o";
        yield return "samples.png";
    }

    /// <summary>The lines of C# that draw the same samples by the library.</summary>
    /// <param name="folder">The model's folder.</param>
    internal string CSharp(string folder)
    {
        var request = string.Join(", ", Properties.Where(property => property.Value is not null)
            .Select(property => $"{property.Name} = {property.Value}"));
        return string.Join('\n',
        [
            $"using var model = TrainedModel.Open({Literal(folder)}, CPU, Console.Error.WriteLine);",
            $"using var sampler = new ModelSampler(model, new() {{ {request} }});",
            $"using var samples = sampler.Draw({Text(Count)}); // float32 [N, C, H, W] in [-1, 1]",
            "Png.Save(\"samples.png\", new SampleSheet(sampler).Compose(samples).Draw(), []);",
        ]);
    }

    private IEnumerable<(string Option, string? Value)> Options =>
    [
        ("--sampler", Sampler), ("--steps", Text(Steps)), ("--eta", Text(Eta)), ("--guidance", Text(Guidance)),
        ("--guidance-interval", GuidedFrom is null ? null : $"{Text(GuidedFrom)},{Text(GuidedTo)}"),
        ("--label", Label is { Length: > 0 } label ? label : null), ("--seed", Text(Seed)), ("--count", Text(Count)),
    ];

    private IEnumerable<(string Name, string? Value)> Properties =>
    [
        ("Sampler", Sampler is { } name ? $"SamplerCatalogue.Find({Literal(name)})!.Sampler" : null), ("Steps", Text(Steps)),
        ("Eta", Text(Eta)), ("GuidanceW", Text(Guidance)),
        ("GuidanceInterval", GuidedFrom is null ? null : $"new({Text(GuidedFrom)}, {Text(GuidedTo)})"),
        ("Labels", Label is { Length: > 0 } label ? $"new SampleLabels.Named([{Literal(label)}])" : null), ("Seed", Text(Seed)),
        ("Count", Text(Count)),
    ];

    private static string? Text(IFormattable? number) => number?.ToString(null, CultureInfo.InvariantCulture);

    // A string of JSON is one of C#.
    private static string Literal(string text) => JsonSerializer.Serialize(text);
}
