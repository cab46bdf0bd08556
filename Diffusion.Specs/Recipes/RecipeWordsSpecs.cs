using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

/// <summary>What the command line calls a thing, recipes understand too, and the other way round.</summary>
public sealed class RecipeWordsSpecs
{
    private static readonly Recipe Mnist = BuiltInRecipes.Find("mnist")!.Quick;

    public static TheoryData<string> Schedules => [.. NoiseChoice.Schedules.Select(choice => choice.Word)];

    public static TheoryData<string> Samplers => [.. SamplerCatalogue.Entries.Select(entry => entry.Name)];

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_schedule_may_be_its_word(string word)
    {
        var meant = NoiseChoice.Schedules.Single(choice => choice.Word == word).Schedule;
        Assert.Equal(meant, RecipeText.ReadSchedule($$"""{ "kind": "{{word}}" }""", "here"));
        if (meant is NoiseSchedule.Discrete and not NoiseSchedule.ZeroTerminalSnr)
            Assert.Equal(meant, Changed($"schedule={word}").Schedule);
    }

    [Theory]
    [MemberData(nameof(Samplers))]
    public void A_sampler_may_be_its_word(string word)
    {
        // The network of this recipe learns no variance.
        var meant = SamplerCatalogue.Find(word)!.Sampler;
        if (meant is not Sampler.Ancestral { Variance: Variance.Learned })
            Assert.Equal(meant, Changed($"evaluation.sampler=\"{word}\"").Evaluation.Sampler);
    }

    [Fact]
    public void Settings_beside_a_word_differ_from_it()
    {
        Assert.Equal(new NoiseSchedule.SigmoidBeta(500), RecipeText.ReadSchedule("""{ "kind": "sigmoid", "count": 500 }""", "here"));
        Assert.Equal(
            new Sampler.Ancestral(new Variance.Small(), new Clipping.Clip()),
            Changed("""evaluation.sampler={"kind":"ddpm","variance":"small"}""").Evaluation.Sampler);
        Assert.Equal(
            new Sampler.Heun(new Clipping.Clip(2)),
            Changed("""evaluation.sampler={"kind":"heun","clipping":{"kind":"clip","bound":2}}""").Evaluation.Sampler);
    }

    [Fact]
    public void A_kind_may_be_spelt_as_on_the_command_line() =>
        Assert.Equal(new NoiseSchedule.WarmUp(300), RecipeText.ReadSchedule("""{ "kind": "Warm-Up", "count": 300 }""", "here"));

    [Theory]
    [InlineData("schedule=consine", "did you mean cosine?")]
    [InlineData("schedule={\"kind\":\"sigmod\"}", "did you mean sigmoid?")]
    [InlineData("evaluation.sampler=hun", "did you mean heun?")]
    [InlineData("prediction=velocty", "did you mean velocity?")]
    [InlineData("schedule={\"kind\":\"cosine\",\"ofset\":0.1}", "did you mean offset?")]
    public void A_word_that_is_none_leads_to_the_nearest(string change, string hint) =>
        Assert.EndsWith(hint, Assert.Throws<RecipeException>(() => Changed(change)).Message, StringComparison.Ordinal);

    [Fact]
    public void What_is_written_stays_as_it_was() =>
        Assert.Contains("\"kind\": \"sigmoidBeta\"", RecipeText.Write(Changed("schedule=sigmoid")), StringComparison.Ordinal);

    [Theory]
    [InlineData("""{ "kind": "cosine", "count": 2000000000 }""", "here: count: 2000000000 is more than 1,000,000")]
    [InlineData("""{ "kind": "cosine", "count": 0 }""", "here: count is 0; it must be at least 1")]
    [InlineData("""{ "kind": "cosine" """, "here: the text cannot be read as JSON from line 1, byte")]
    [InlineData("null", "here: the schedule is null; it must be an object")]
    [InlineData("{}", "here: the schedule has no \"kind\"; it must be one of")]
    [InlineData("""{ "kind": "sigmoidSignal", "start": 481, "end": 960 }""", "here: SigmoidSignal { Count = 1000, Start = 481")]
    public void A_schedule_that_is_none_is_refused_as_in_a_recipe(string json, string fault) =>
        Assert.StartsWith(
            fault, Assert.Throws<RecipeException>(() => RecipeText.ReadSchedule(json, "here")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_recipe_is_read_for_its_schedule() =>
        Assert.Equal(Mnist.Schedule, RecipeText.ReadSchedule(RecipeText.Write(Mnist), "here"));

    private static Recipe Changed(string change)
    {
        var place = change.IndexOf('=', StringComparison.Ordinal);
        return RecipeChanges.Apply(Mnist, [new(change[..place], change[(place + 1)..])]);
    }
}
