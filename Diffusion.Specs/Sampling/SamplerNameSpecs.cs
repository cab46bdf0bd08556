using Diffusion.Host.Commands;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;

namespace Diffusion.Specs.Sampling;

/// <summary>A sampler is called by the name that asks for it.</summary>
public sealed class SamplerNameSpecs
{
    [Fact]
    public void Every_sampler_of_the_catalogue_is_called_by_its_own_name_whatever_happens_to_estimates_out_of_range() =>
        Assert.All(SamplerCatalogue.Entries, entry => Assert.All(NoiseChoice.Clippings, clipping => Assert.Equal(
            (entry.Name, entry.Name),
            (SamplerCatalogue.NameOf(entry.Sampler with { Clipping = clipping.Clipping }),
                SamplerCatalogue.TextOf(entry.Sampler with { Clipping = clipping.Clipping })))));

    [Fact]
    public void A_setting_that_is_not_the_entrys_is_named()
    {
        static string Text(string name, Func<Sampler, Sampler?> change) =>
            SamplerCatalogue.TextOf(change(SamplerCatalogue.Find(name)!.Sampler)!);
        Assert.Equal("ddim (eta 0.5)", Text("ddim", sampler => sampler.WithEta(0.5)));
        Assert.Equal("dpm++2m (order 1)", Text("dpm++2m", sampler => sampler.WithOrder(1)));
        Assert.Equal("edm (churn 2)", Text("edm", sampler => sampler.WithChurn(2)));
        Assert.Equal("ddpm-small", SamplerCatalogue.TextOf(
            new Sampler.Ancestral(new Variance.Small(), new Clipping.None(), FinalNoise.AboveFirstLevel)));
        Assert.Equal("ddpm-learned", SamplerCatalogue.NameOf(
            new Sampler.Ancestral(new Variance.LearnedLogarithm(), new Clipping.None())));
    }

    [Fact]
    public void A_kind_of_recipes_with_several_names_is_not_a_name()
    {
        var reason = Assert.IsType<ParsedLine.Refused>(CommandParser.Parse(["sample", "a", "--sampler", "ancestral"])).Reason;
        Assert.EndsWith("; did you mean ddpm (large variance) or ddpm-small?", reason, StringComparison.Ordinal);
        Assert.IsType<ParsedLine.Accepted>(CommandParser.Parse(["sample", "a", "--sampler", "eulerAncestral"]));
    }
}
