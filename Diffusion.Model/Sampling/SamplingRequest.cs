using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Recipes;

namespace Diffusion.Model.Sampling;

/// <summary>What a person asks of a trained model's samples. A value; null where the run's recipe decides.</summary>
/// <remarks>
/// It changes the run's own sampler, spacing, guidance and clipping one by one: <c>new() { Steps = 50 }</c> keeps the sampler, a
/// <see cref="Sampler"/> keeps the number of steps, and comes with its own settings and usual spacing. Its JSON says what is asked and
/// nothing else; together with the weights it draws the same samples again.
/// </remarks>
public sealed record SamplingRequest
{
    /// <summary>The plan itself, in place of a sampler, its settings and levels.</summary>
    public PlanChoice? Plan { get; init; }

    /// <summary>Another sampler than the run's, with its settings.</summary>
    public Sampler? Sampler { get; init; }

    /// <summary>The number of steps; at least 1.</summary>
    public int? Steps { get; init => field = AtLeast(value, 1, nameof(Steps)); }

    /// <summary>Which levels are visited, in as many steps as there are.</summary>
    public Spacing? Spacing { get; init; }

    /// <summary>The levels themselves; steps and spacing then say nothing.</summary>
    public TimestepSpacing? Grid { get; init; }

    /// <summary>η, in [0, 1]: how random the sampler is.</summary>
    public double? Eta { get; init; }

    /// <summary>The sampler's order.</summary>
    public int? Order { get; init; }

    /// <summary>S_churn of Karras et al. 2022; at least 0.</summary>
    public double? Churn { get; init; }

    /// <summary>What happens to estimates of the clean image that leave [−1, 1].</summary>
    public Clipping? Clipping { get; init; }

    /// <summary>w of classifier-free guidance; the guidance scale s is 1 + w.</summary>
    public double? GuidanceW { get; init => field = value is { } w ? Require.Finite(w, nameof(GuidanceW)) : null; }

    /// <summary>The noise levels at which samples are guided; all of them without it.</summary>
    public GuidanceRange? GuidanceInterval { get; init; }

    /// <summary>How w changes with the noise level.</summary>
    public GuidanceSchedule? GuidanceSchedule { get; init; }

    /// <summary>φ of Lin et al. 2023, in [0, 1]: how far guided outputs are brought back to the conditional one's deviation.</summary>
    public double? GuidanceRescale
    {
        get;
        init => field = value is { } share ? Require.Within(share, 0, 1, nameof(GuidanceRescale)) : null;
    }

    /// <summary>How the direction of guidance is adjusted: adaptive projected guidance of Sadat et al. 2024.</summary>
    public Projection? Projection { get; init; }

    /// <summary>The weaker model that samples are guided away from, by w; null for none.</summary>
    public AutoguidanceRequest? Autoguidance { get; init; }

    /// <summary>Labels beside that of each sample, one after another; null for none.</summary>
    public Sequence<ComposedLabel>? Composition { get; init; }

    /// <summary>The classifier that guides samples to their labels; null for none.</summary>
    public ClassifierRequest? Classifier { get; init; }

    /// <summary>The label of each sample; all labels in turn without it.</summary>
    public SampleLabels? Labels { get; init; }

    /// <summary>What the noise follows from.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Which noise a sample is made of; sample number k of noise number k without it.</summary>
    public NoiseNumbering? Noise { get; init; }

    /// <summary>How real images are edited; null for samples from noise alone.</summary>
    public ImageEdit? Edit { get; init; }

    /// <summary>Height and width of a sample.</summary>
    public SampleSize? Size { get; init; }

    /// <summary>How many samples; at least 1.</summary>
    public int? Count { get; init => field = AtLeast(value, 1, nameof(Count)); }

    /// <summary>Number of the first sample; at least 0, which it is without it.</summary>
    public long? First { get; init => field = value is { } first ? Require.AtLeast(first, 0, nameof(First)) : null; }

    /// <summary>What a sheet of the samples shows; the samples themselves without it.</summary>
    public SheetKind? Sheet { get; init; }

    /// <summary>Samples that pass through the network at once; at least 1. They are the same up to rounding.</summary>
    public int? Batch { get; init => field = AtLeast(value, 1, nameof(Batch)); }

    /// <summary>What differs from the run's sampler and the levels it visits.</summary>
    public SamplerChange Change => new()
    {
        Sampler = Sampler,
        Steps = Steps,
        Spacing = Spacing,
        Grid = Grid,
        Eta = Eta,
        Order = Order,
        Churn = Churn,
        Clipping = Clipping,
    };

    /// <summary>
    /// This request, changed by another one field by field. Another sampler comes with its own settings, a plan in place of all of them.
    /// </summary>
    public SamplingRequest With(SamplingRequest change)
    {
        if (change.Plan is not null)
            return (this with
            {
                Plan = null, Sampler = null, Steps = null, Spacing = null, Grid = null, Eta = null, Order = null, Churn = null,
                Clipping = null,
            }).With(change with { Plan = null }) with { Plan = change.Plan };
        var (own, levels) = (change.Sampler is null, change.Grid is null);
        return new()
        {
            Plan = own ? Plan : null,
            Sampler = change.Sampler ?? Sampler,
            Steps = change.Steps ?? (levels ? Steps : null),
            Spacing = change.Spacing ?? (levels && own ? Spacing : null),
            Grid = change.Grid ?? (own && change.Steps is null && change.Spacing is null ? Grid : null),
            Eta = change.Eta ?? (own ? Eta : null),
            Order = change.Order ?? (own ? Order : null),
            Churn = change.Churn ?? (own ? Churn : null),
            Clipping = change.Clipping ?? (own ? Clipping : null),
            GuidanceW = change.GuidanceW ?? GuidanceW,
            GuidanceInterval = change.GuidanceInterval ?? GuidanceInterval,
            GuidanceSchedule = change.GuidanceSchedule ?? GuidanceSchedule,
            GuidanceRescale = change.GuidanceRescale ?? GuidanceRescale,
            Projection = change.Projection ?? Projection,
            Autoguidance = change.Autoguidance ?? Autoguidance,
            Composition = change.Composition ?? Composition,
            Classifier = change.Classifier ?? Classifier,
            Labels = change.Labels ?? Labels,
            Seed = change.Seed ?? Seed,
            Noise = change.Noise ?? Noise,
            Edit = change.Edit ?? Edit,
            Size = change.Size ?? Size,
            Count = change.Count ?? Count,
            First = change.First ?? First,
            Sheet = change.Sheet ?? Sheet,
            Batch = change.Batch ?? Batch,
        };
    }

    /// <summary>The request as JSON: what is asked, without what is left to the recipe.</summary>
    public JsonObject ToJson()
    {
        var json = JsonNode.Parse(UnionJson.Write(this))!.AsObject();
        foreach (var unsaid in json.Where(field => field.Value is null).Select(field => field.Key).ToList())
            json.Remove(unsaid);
        return json;
    }

    /// <summary>The request as one line of JSON.</summary>
    public string ToText() => ToJson().ToJsonString();

    /// <summary>The request that a text of JSON holds.</summary>
    /// <param name="text">A request, or an object that holds one as its field <c>request</c>, as <c>sample --json</c> answers.</param>
    /// <exception cref="JsonException">It is none; the message says where and what would have been possible.</exception>
    public static SamplingRequest Parse(string text) => Parsed(NodeOf(text));

    /// <summary>The same, or all requests of a sheet whose rows are drawn differently.</summary>
    /// <param name="text">A request or an array of them, or an object with either as its field <c>request</c>.</param>
    /// <exception cref="JsonException">One of them is none, or there is none.</exception>
    public static Sequence<SamplingRequest> ParseAll(string text) => NodeOf(text) is JsonArray { Count: > 0 } rows
        ? rows.Select(Parsed).ToSequence() : [Parse(text)];

    private static JsonNode? NodeOf(string text) =>
        RecipeMigration.Parse(text) is var root && root is JsonObject answer && answer.TryGetPropertyValue("request", out var inner)
            ? inner : root;

    private static SamplingRequest Parsed(JsonNode? request)
    {
        try
        {
            return UnionJson.Read<SamplingRequest>(
                RecipeMigration.UpgradedRequest(request)?.ToJsonString() ?? "null", RecipeWords.All);
        }
        catch (JsonException refusal)
        {
            throw new JsonException(RecipeText.WithoutRoot(refusal.Message, "the request"), refusal);
        }
    }

    private static int? AtLeast(int? value, int low, string name) => value is { } number ? Require.AtLeast(number, low, name) : null;
}

/// <summary>A classifier that is to guide samples. Dhariwal and Nichol 2021.</summary>
/// <param name="Run">The run folder that trained it, or a checkpoint.</param>
/// <param name="Scale">s: how strongly it guides; 0 not at all.</param>
/// <param name="Form">How it guides; null where the sampler decides.</param>
public sealed record ClassifierRequest(string Run, double Scale = 1, SteeringForm? Form = null);

/// <summary>Height and width of an image.</summary>
/// <param name="Height">At least 1.</param>
/// <param name="Width">At least 1.</param>
public sealed record SampleSize(int Height, int Width)
{
    /// <summary>At least 1.</summary>
    public int Height { get; init => field = Require.AtLeast(value, 1, nameof(Height)); } = Require.AtLeast(Height, 1);

    /// <summary>At least 1.</summary>
    public int Width { get; init => field = Require.AtLeast(value, 1, nameof(Width)); } = Require.AtLeast(Width, 1);
}
