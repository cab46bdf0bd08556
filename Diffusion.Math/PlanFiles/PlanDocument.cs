using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Math.Json;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.PlanFiles;

/// <summary>A plan as a file: its fields, its hash, and how it was found, where it was searched for.</summary>
/// <remarks>
/// The fields of <see cref="SamplerPlan"/> beside one another: <c>{ "name", "initialScale", "steps", "hash", "found" }</c>. Numbers are
/// written in full, so that a plan that was read draws what the plan that was written draws, to the last bit.
/// </remarks>
/// <param name="Name">What the plan is called.</param>
/// <param name="InitialScale">Standard deviation of the state that sampling starts from; above 0.</param>
/// <param name="Steps">The steps.</param>
public sealed record PlanDocument(string Name, double InitialScale, Sequence<SamplerStep> Steps)
{
    /// <summary><see cref="PlanHash"/> of the plan; null where the file does not say.</summary>
    public string? Hash { get; init; }

    /// <summary>How the plan was found; null for one that follows from a formula.</summary>
    public PlanOrigin? Found { get; init; }

    /// <summary>The plan.</summary>
    /// <exception cref="ArgumentException">It exceeds the limits.</exception>
    public SamplerPlan Plan => PlanLimits.Require(new(Name, InitialScale, Steps));

    /// <summary>The file of a plan.</summary>
    public static PlanDocument Of(SamplerPlan plan, PlanOrigin? found = null) =>
        new(plan.Name, plan.InitialScale, plan.Steps) { Hash = PlanHash.Of(plan), Found = found };

    /// <summary>As JSON, without what is unknown.</summary>
    public JsonObject ToJson()
    {
        var json = JsonNode.Parse(UnionJson.Write(this))!.AsObject();
        foreach (var unsaid in json.Where(field => field.Value is null).Select(field => field.Key).ToList())
            json.Remove(unsaid);
        return json;
    }

    /// <summary>What a file of JSON holds, checked: the plan runs, keeps to the limits and has the hash that the file states.</summary>
    /// <exception cref="JsonException">It holds no such plan; the message says where and why.</exception>
    public static PlanDocument Parse(string text)
    {
        var read = UnionJson.Read<PlanDocument>(text);
        try
        {
            return PlanHash.Of(read.Plan) is var hash && (read.Hash ?? hash) == hash
                ? read with { Hash = hash }
                : throw new JsonException(
                    $"$.hash is {PlainText.Elided(PlainText.Name(read.Hash!), 70)}, and that of the steps is {hash}: the plan was changed");
        }
        catch (ArgumentException refusal)
        {
            throw new JsonException(Sentence.Of(refusal), refusal);
        }
    }
}

/// <summary>How a plan was found by search. Every number that is needed to find it again.</summary>
/// <param name="Model">The recipe's name and the step of the model.</param>
/// <param name="WeightsSha256">Hash of the model's weights; null where they are in no file.</param>
/// <param name="Start">The sampler and spacing that the search began with.</param>
/// <param name="Teacher">The plan that was to be matched, by its name and number of network calls.</param>
/// <param name="TeacherHash">Its hash.</param>
public sealed record PlanOrigin(string Model, string? WeightsSha256, string Start, string Teacher, string TeacherHash)
{
    /// <summary>The seed that the noise of the search comes from.</summary>
    public ulong Seed { get; init; }

    /// <summary>Samples that were matched; as many others measured the result.</summary>
    public int Count { get; init; }

    /// <summary>Plans that were tried.</summary>
    public int Trials { get; init; }

    /// <summary>What was chosen: levels, or levels and weights.</summary>
    public string Freedom { get; init; } = "";

    /// <summary>Guidance of the model, in words.</summary>
    public string Guidance { get; init; } = "";

    /// <summary>‖x_0 − teacher's x_0‖ / ‖teacher's x_0‖ of the samples that were matched, by the sampler's usual levels.</summary>
    public double Before { get; init; }

    /// <summary>The same by the plan that was found.</summary>
    public double After { get; init; }

    /// <summary>The same of samples that the search did not see, by the sampler's usual levels.</summary>
    public double UnseenBefore { get; init; }

    /// <summary>The same by the plan that was found.</summary>
    public double UnseenAfter { get; init; }
}
