using System.Text.Json;
using Diffusion.Math.Json;
using Diffusion.Math.Plans;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class UnionJsonSpecs
{
    [Fact]
    public void Names_in_json_stay_when_names_in_code_change()
    {
        Assert.Equal(
            new Sampler.DpmMultistep(2, new SolverVariable.Data(), SolverType.Midpoint, Ending.LowerOrderFinal, new Clipping.Clip()),
            UnionJson.Read<Sampler>("""
                {
                  "kind": "dpmMultistep", "order": 2, "form": { "kind": "data" }, "rule": "midpoint", "ending": "lowerOrderFinal",
                  "clipping": { "kind": "clip", "bound": 1 }
                }
                """));
        Assert.Equal(
            new TimestepSpacing.Last(new TimestepSpacing.Leading(50), 0.5),
            UnionJson.Read<TimestepSpacing>("""{ "kind": "last", "grid": { "kind": "leading", "count": 50 }, "share": 0.5 }"""));
        var written = UnionJson.Write<Sampler>(
            new Sampler.UniPc(2, new SolverVariable.Data(), UniPcBasis.Linear, Ending.LowerOrderFinal, new Clipping.None()));
        Assert.Contains("\"clipping\":", written);
        Assert.Contains("\"lowerOrderFinal\"", written);
    }

    [Fact]
    public void A_case_says_its_kind_and_its_settings_and_nothing_computed() =>
        Assert.Equal("{\n  \"kind\": \"linear\",\n  \"count\": 1000,\n  \"first\": 0.0001,\n  \"last\": 0.02\n}",
            UnionJson.Write<NoiseSchedule>(new NoiseSchedule.Linear()));

    [Fact]
    public void A_case_without_settings_is_its_kind() =>
        Assert.Equal(new Prediction.Velocity(), UnionJson.Read<Prediction>("""{ "kind": "velocity" }"""));

    [Fact]
    public void What_has_a_default_may_be_left_out() =>
        Assert.Equal(new NoiseSchedule.Linear(50), UnionJson.Read<NoiseSchedule>("""{ "kind": "linear", /* short */ "count": 50, }"""));

    [Fact]
    public void Unions_nest_and_enums_are_words()
    {
        TimestepSpacing grid = new TimestepSpacing.ToFirstLevel(
            new TimestepSpacing.WithoutLast(new TimestepSpacing.Uniform(7, Interpolation.Sigma)));
        var text = UnionJson.Write(grid);
        Assert.Contains("\"between\": \"sigma\"", text);
        Assert.Equal(grid, UnionJson.Read<TimestepSpacing>(text));
    }

    [Fact]
    public void A_struct_of_one_component_is_that_component()
    {
        var draw = new Instruction.Draw(Slot.Noise, 3);
        Assert.Contains("\"into\": \"noise\"", UnionJson.Write<Instruction>(draw));
        Assert.Equal(draw, UnionJson.Read<Instruction>(UnionJson.Write<Instruction>(draw)));
        Assert.Equal(new Seed(ulong.MaxValue), UnionJson.Read<Seed>("18446744073709551615"));
    }

    [Fact]
    public void A_plan_survives()
    {
        var plan =
            new Sampler.Ddim(0.5, new Clipping.Clip(), NoiseDirection.Predicted)
                .Plan(new NoiseSchedule.Linear(), new TimestepSpacing.Trailing(7));
        Assert.Equal(plan.Steps, UnionJson.Read<SamplerPlan>(UnionJson.Write(plan)).Steps);
    }

    [Theory]
    [InlineData("""{ "kind": "linaer" }""", "$.kind", "\"linaer\"", "\"cosine\"", "\"linear\"")]
    [InlineData("""{ "count": 10 }""", "no \"kind\"", "\"cosine\"", "\"linear\"")]
    [InlineData("""{ "kind": "linear", "cuont": 10 }""", "$", "\"cuont\"", "\"count\"", "\"first\"")]
    [InlineData("""{ "kind": "linear", "steps": 10 }""", "\"steps\"")]
    [InlineData("""{ "kind": "linear", "count": 0 }""", "$.count", "0", "at least 1")]
    [InlineData("""{ "kind": "linear", "count": 1.5 }""", "$.count", "1.5", "whole")]
    [InlineData("""{ "kind": "linear", "count": null }""", "$.count", "null", "whole")]
    [InlineData("""{ "kind": "linear", "last": 1e999 }""", "$.last", "1e999", "finite")]
    [InlineData("""{ "kind": "linear", "last": "0.02" }""", "$.last", "finite number")]
    [InlineData("""{ "kind": "linear", "count": 10, "count": 11 }""", "count")]
    [InlineData("""{ "kind": 3 }""", "$.kind is 3")]
    [InlineData("[]", "$ is []", "object")]
    [InlineData("nonsense", "n")]
    public void What_is_not_understood_is_refused_with_its_place_and_what_would_be(string text, params string[] said)
    {
        var message = Assert.ThrowsAny<JsonException>(() => UnionJson.Read<NoiseSchedule>(text)).Message;
        Assert.All(said, part => Assert.Contains(part, message));
    }

    [Fact]
    public void A_required_field_that_is_missing_is_named() =>
        Assert.Contains("\"w\", a finite number", Assert.Throws<RequiredFieldException>(
            () => UnionJson.Read<Guidance>("""{ "kind": "classifierFree" }""")).Message);

    [Fact]
    public void A_word_that_is_none_is_refused_with_the_known_ones() =>
        Assert.Contains("\"logSnr\", \"sigma\"", Assert.Throws<JsonException>(
            () => UnionJson.Read<TimestepSpacing>("""{ "kind": "uniform", "count": 3, "between": "beta" }""")).Message);

    [Fact]
    public void A_place_deep_inside_is_named() =>
        Assert.Contains("$.times[1]", Assert.Throws<JsonException>(
            () => UnionJson.Read<TimestepSpacing>("""{ "kind": "explicit", "times": [3, "two"] }""")).Message);

    [Fact]
    public void A_case_of_another_branch_is_refused() =>
        Assert.Contains("velocity", Assert.Throws<JsonException>(
            () => UnionJson.Read<Prediction.Noise>("""{ "kind": "velocity" }""")).Message);

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Numbers_that_are_not_finite_are_not_written(double value) =>
        Assert.ThrowsAny<ArgumentException>(() => UnionJson.Write(new TrainingTarget(value, 0)));

    [Theory]
    [InlineData("", "the text is empty; it must be JSON.")]
    [InlineData("{\"kind\":\n \"lin", "the text cannot be read as JSON from line 2, byte ")]
    [InlineData("{\"kind\": NaN}", "the text cannot be read as JSON from line 1, byte 10 on.")]
    [InlineData("{\"kind\": \"explicit\", \"times\": [\"\\ud800\"]}", "it must be")]
    [InlineData("{\"kind\": \"\\ud800\"}", "a text in it ends in the middle of a character (a lone surrogate).")]
    public void What_is_no_json_is_refused_in_plain_words(string text, string reason) =>
        Assert.Contains(
            reason, Assert.Throws<JsonException>(() => UnionJson.Read<TimestepSpacing>(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_no_record_is_refused() =>
        Assert.Throws<NotSupportedException>(() => UnionJson.Write(new Uri("https://example.org")));
}
