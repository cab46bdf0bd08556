using System.Text.Json;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Samplers;
using Diffusion.Math.Spacings;
using Diffusion.Model.Sampling;

namespace Diffusion.Specs.Generation;

public sealed class SamplingRequestSpecs
{
    private static readonly SamplingRequest Full = new()
    {
        Plan = new PlanChoice.Named("few"),
        Sampler = new Sampler.DpmMultistep(2, new SolverVariable.Data(), SolverType.Midpoint, Ending.LowerOrderFinal, new Clipping.None()),
        Steps = 20,
        Spacing = Spacing.LogSnr,
        Grid = new TimestepSpacing.Sections([3, 2]),
        Eta = 0.5,
        Order = 3,
        Churn = 4,
        Clipping = new Clipping.Clip(),
        GuidanceW = 2.5,
        GuidanceInterval = new(0.3, 5),
        GuidanceSchedule = new GuidanceSchedule.Points([new(0.1, 1), new(2, 3)]),
        GuidanceRescale = 0.7,
        Projection = new(0, 5, -0.5),
        Autoguidance = new("runs/weak"),
        Composition = [new(LabelComposition.And, "cat"), new(LabelComposition.Blend, "2", 0.3)],
        Classifier = new("runs/classifier", 3, SteeringForm.Score),
        Labels = new SampleLabels.Listed([3, 1]),
        Seed = ulong.MaxValue,
        Noise = new NoiseNumbering.Between([new(3, 1)], Slerp.Points(3)),
        Edit = new ImageEdit.RePaint(10, 5),
        Size = new(24, 32),
        Count = 7,
        First = 4_000_000_000,
        Sheet = SheetKind.Strip,
        Batch = 3,
    };

    [Fact]
    public void A_request_comes_back_from_its_JSON_and_says_nothing_that_was_not_asked()
    {
        Assert.Equal("{}", new SamplingRequest().ToText());
        Assert.Equal("""{"steps":50,"guidanceW":3,"labels":{"kind":"one","label":7}}""",
            new SamplingRequest { Steps = 50, GuidanceW = 3, Labels = new SampleLabels.One(7) }.ToText());
        Assert.Equal(Full, SamplingRequest.Parse(Full.ToText()));
        Assert.Equal(Full, SamplingRequest.Parse($$"""{"file": "a.png", "request": {{Full.ToText()}}}"""));
        // A field that is added here is in the specs too.
        Assert.All(
            typeof(SamplingRequest).GetProperties().Where(property => property.CanWrite),
            property => Assert.NotNull(property.GetValue(Full)));
    }

    [Fact]
    public void A_request_in_the_words_of_before_is_the_same_request() => Assert.Equal(
        new SamplingRequest { Sampler = new Sampler.Euler(new Clipping.None()),
            Grid = new TimestepSpacing.Last(new TimestepSpacing.All(), 0.5) },
        SamplingRequest.Parse("""
            {"sampler": {"kind": "euler", "limit": {"kind": "none"}}, "grid": {"kind": "latter", "grid": {"kind": "all"}, "share": 0.5}}
            """));

    [Theory]
    [InlineData("""{"stepz": 5}""", "unknown field \"stepz\"")]
    [InlineData("""{"steps": 0}""", "steps is 0; it must be at least 1")]
    [InlineData("""{"steps": "5"}""", "it must be a whole number")]
    [InlineData("""{"steps": 5, "steps": 6}""", "")]
    [InlineData("""{"guidanceW": 1e999}""", "")]
    [InlineData("""{"sampler": {"kind": "plms"}}""", "it must be one of")]
    [InlineData("""{"labels": {"kind": "one", "label": -1}}""", "labels.label is -1; it must be at least 0")]
    [InlineData("""{"edit": {"kind": "sdEdit", "strength": 2}}""", "it must be in [0, 1]")]
    [InlineData("[]", "it must be an object")]
    [InlineData("no JSON", "")]
    public void What_is_no_request_is_refused_with_its_place(string text, string reason) =>
        Assert.Contains(reason, Assert.ThrowsAny<JsonException>(() => SamplingRequest.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"steps": "5"}""", "steps is ")]
    [InlineData("[]", "the request is ")]
    public void A_refusal_of_a_request_names_the_field_as_it_is_written(string text, string reason) =>
        Assert.StartsWith(reason, Assert.ThrowsAny<JsonException>(() => SamplingRequest.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_request_is_changed_field_by_field_and_another_sampler_brings_its_own_settings()
    {
        Assert.Equal(Full, Full.With(new()));
        Assert.Equal(Full, new SamplingRequest().With(Full));
        Assert.Equal(Full with { Seed = 1, GuidanceW = 0 }, Full.With(new() { Seed = 1, GuidanceW = 0 }));
        var heun = new Sampler.Heun(new Clipping.None());
        Assert.Equal(
            Full with { Plan = null, Sampler = heun, Spacing = null, Grid = null, Eta = null, Order = null, Churn = null, Clipping = null },
            Full.With(new() { Sampler = heun }));
        // A plan takes the place of a sampler with all that belongs to it.
        var plan = new SamplingRequest { Plan = new PlanChoice.Named("other") };
        Assert.Equal(plan with { Seed = 4 }, new SamplingRequest { Seed = 4, Sampler = heun, Steps = 3, Eta = 0.5 }.With(plan));
        // Levels that were named one by one give way to a number of steps.
        Assert.Equal(Full with { Grid = null, Steps = 9 }, Full.With(new() { Steps = 9 }));
    }

    [Fact]
    public void Labels_go_in_turn_by_row_or_as_listed()
    {
        long[] Of(SampleLabels labels) => [.. Enumerable.Range(0, 6).Select(sample => labels.LabelOf(sample, 3))];
        Assert.Equal([0, 1, 2, 0, 1, 2], Of(new SampleLabels.InTurn()));
        Assert.Equal([0, 0, 1, 1, 2, 2], Of(new SampleLabels.InTurn(2)));
        Assert.Equal([2, 2, 2, 2, 2, 2], Of(new SampleLabels.One(2)));
        Assert.Equal([2, 0, 2, 0, 2, 0], Of(new SampleLabels.Listed([2, 0])));
    }
}
