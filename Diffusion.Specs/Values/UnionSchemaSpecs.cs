using System.Text.Json;
using Diffusion.Math.Json;
using Diffusion.Math.Plans;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Training;

namespace Diffusion.Specs.Values;

public sealed class UnionSchemaSpecs
{
    private static bool Accepts<T>(string json)
    {
        using var schema = JsonDocument.Parse(UnionSchema.Of<T>());
        using var value = JsonDocument.Parse(json);
        return new SchemaCheck(schema.RootElement).Accepts(value.RootElement);
    }

    private static bool Reads<T>(string json)
    {
        try
        {
            UnionJson.Read<T>(json);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    [Fact]
    public void The_schema_of_a_union_is_a_choice_of_its_cases() =>
        Golden.Project.Text(UnionSchema.Of<LearningRate>() + "\n", "Schema.LearningRate");

    [Theory]
    [InlineData("""{ "kind": "linear" }""")]
    [InlineData("""{ "kind": "linear", "count": 50 }""")]
    [InlineData("""{ "kind": "zeroTerminalSnr", "base": { "kind": "cosine" } }""")]
    [InlineData("""{ "kind": "respaced", "base": { "kind": "linear" }, "grid": { "kind": "sections", "counts": [10, 5] } }""")]
    [InlineData("""{ "kind": "linaer" }""")]
    [InlineData("""{ "count": 10 }""")]
    [InlineData("""{ "kind": "linear", "cuont": 10 }""")]
    [InlineData("""{ "kind": "linear", "count": 1.5 }""")]
    [InlineData("""{ "kind": "linear", "count": null }""")]
    [InlineData("""{ "kind": "linear", "last": "0.02" }""")]
    [InlineData("""{ "kind": "zeroTerminalSnr" }""")]
    [InlineData("""{ "kind": "zeroTerminalSnr", "base": { "kind": "edm" } }""")]
    [InlineData("""{ "kind": "respaced", "base": { "kind": "linear" }, "grid": { "kind": "sections", "counts": 10 } }""")]
    [InlineData("""{ "kind": 3 }""")]
    [InlineData("[]")]
    [InlineData("3")]
    public void A_schema_accepts_what_the_reader_reads(string json) =>
        Assert.Equal(Reads<NoiseSchedule>(json), Accepts<NoiseSchedule>(json));

    [Fact]
    public void Words_and_lists_are_described_too()
    {
        Assert.True(Accepts<TimestepSpacing>("""{ "kind": "uniform", "count": 3, "between": "sigma" }"""));
        Assert.False(Accepts<TimestepSpacing>("""{ "kind": "uniform", "count": 3, "between": "beta" }"""));
        Assert.True(Accepts<TimestepSpacing>("""{ "kind": "explicit", "times": [3, 2.5] }"""));
        Assert.False(Accepts<TimestepSpacing>("""{ "kind": "explicit", "times": [3, "two"] }"""));
    }

    [Fact]
    public void What_is_written_is_accepted()
    {
        var plan = new Sampler.DpmMultistep(
            2, new SolverVariable.Data(), SolverType.Midpoint, Ending.LowerOrderFinal, new Clipping.Clip()).Plan(
                new NoiseSchedule.Linear(), new TimestepSpacing.Trailing(7));
        Assert.True(Accepts<SamplerPlan>(UnionJson.Write(plan)));
    }
}
