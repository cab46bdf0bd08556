using System.Reflection;
using Diffusion.Host.Diagnostics;
using Diffusion.Math.Predictions;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Specs.Reference.Samplers;

namespace Diffusion.Specs.Sampling;

public sealed class SamplerChangeSpecs
{
    private static readonly NoiseSchedule Linear = new NoiseSchedule.Linear();
    private static readonly Sampler Ancestral = new Sampler.Ancestral(new Variance.Large(), new Clipping.Clip());
    private static readonly SamplerChoice Own = new(Ancestral, new TimestepSpacing.Linspace(50));

    private static readonly Type[] Samplers = Cases(typeof(Sampler));

    public static TheoryData<SamplerChange, SamplerChoice> EveryChange => new()
    {
        { new(), Own },
        { new() { Steps = 20 }, Own with { Grid = new TimestepSpacing.Linspace(20) } },
        { new() { Spacing = Spacing.Karras }, Own with { Grid = new TimestepSpacing.Karras(50) } },
        { new() { Spacing = Spacing.Trailing, Steps = 8 }, Own with { Grid = new TimestepSpacing.Trailing(8) } },
        { new() { Grid = new TimestepSpacing.Sections([3, 2]) }, Own with { Grid = new TimestepSpacing.Sections([3, 2]) } },
        { new() { Clipping = new Clipping.None() },
            Own with { Sampler = new Sampler.Ancestral(new Variance.Large(), new Clipping.None()) } },
        { new() { Sampler = new Sampler.Heun(new Clipping.None()) },
            new(new Sampler.Heun(new Clipping.None()), new TimestepSpacing.Karras(50)) },
        {
            new() { Sampler = new Sampler.Lms(4, new Clipping.None()), Order = 2 },
            new(new Sampler.Lms(2, new Clipping.None()), new TimestepSpacing.Trailing(50))
        },
        { new() { Sampler = Sampler.Edm.Of(Churn.None), Churn = 40, Steps = 18 },
            new(Sampler.Edm.Of(new(40)), new TimestepSpacing.Karras(18)) },
    };

    [Theory]
    [MemberData(nameof(EveryChange))]
    public void Settings_change_one_by_one_and_another_sampler_keeps_the_number_of_steps(SamplerChange change, SamplerChoice changed) =>
        Assert.Equal(changed, change.Of(Own, Linear));

    [Fact]
    public void A_sampler_of_every_level_gives_way_to_one_of_every_level_and_to_its_usual_spacing_with_fewer_steps()
    {
        var all = Own with { Grid = new TimestepSpacing.All() };
        var heun = new Sampler.Heun(new Clipping.None());
        Assert.Equal(new(heun, new TimestepSpacing.All()), new SamplerChange { Sampler = heun }.Of(all, Linear));
        Assert.Equal(new(Ancestral, new TimestepSpacing.Leading(100)), new SamplerChange { Steps = 100 }.Of(all, Linear));
        // Levels that were named one by one cannot be stretched.
        Assert.Equal(
            new(heun, new TimestepSpacing.Karras(4)), new SamplerChange { Steps = 4 }
                .Of(new(heun, new TimestepSpacing.Explicit([900, 300])), Linear));
    }

    [Fact]
    public void A_setting_that_a_sampler_has_can_be_changed_and_one_it_lacks_names_those_that_have_it()
    {
        foreach (var entry in SamplerCatalogue.Entries)
        {
            var type = entry.Sampler.GetType();
            Assert.Equal(Has(type, "Eta"), entry.Sampler.WithEta(0.5) is not null);
            Assert.Equal(Has(type, "Order"), entry.Sampler.WithOrder(1) is not null);
            Assert.Equal(Has(type, "Churn"), entry.Sampler.WithChurn(2) is not null);
            Assert.Equal(new Clipping.Clip(3), (entry.Sampler with { Clipping = new Clipping.Clip(3) }).Clipping);
        }
        var fault = Assert.Single(new SamplerChange { Eta = 1 }.Faults(Ancestral));
        Assert.Equal("ddpm has no such setting; samplers that have it: ddim, euler-ancestral", fault.Text);
        var ninth = new SamplerChange { Order = 9 }.Faults(new Sampler.Lms(4, new Clipping.None()));
        Assert.Equal("Order is 9; it must be in [1, 4]", Assert.Single(ninth).Text);
        Assert.Throws<ArgumentException>(() => new SamplerChange { Churn = 1 }.Of(Own, Linear));
    }

    [Fact]
    public void Every_sampler_is_in_the_catalogue() =>
        Assert.Equal(
            Samplers.Select(type => type.Name).Order(),
            SamplerCatalogue.Entries.Select(entry => entry.Sampler.GetType().Name).Distinct().Order());

    // A case that is forgotten would silently become the usual spacing.
    [Fact]
    public void Every_spacing_with_a_number_of_steps_keeps_its_kind_with_another_and_so_does_what_is_wrapped_around_it()
    {
        TimestepSpacing Forgotten(int steps) => throw new InvalidOperationException($"{steps}");
        foreach (var type in Cases(typeof(TimestepSpacing)))
        {
            if (Has(type, "Count"))
            {
                var arguments = type.GetConstructors()[0].GetParameters().Select(parameter => parameter.Name is "Count" ? 5
                    : parameter.HasDefaultValue ? parameter.DefaultValue : parameter.Name == "Low" ? 0.1 : 5.0).ToArray();
                var changed = ((TimestepSpacing)type.GetConstructors()[0].Invoke(arguments)).OfSteps(10, Forgotten);
                Assert.Equal(type, changed.GetType());
                Assert.Equal(10, changed.Over(Linear).Count);
            }
            if (Has(type, "Grid"))
            {
                object[] arguments =
                    type == typeof(TimestepSpacing.Last) ? [new TimestepSpacing.Leading(5), 1.0] : [new TimestepSpacing.Leading(5)];
                var changed = ((TimestepSpacing)type.GetConstructors()[0].Invoke(arguments)).OfSteps(10, Forgotten);
                Assert.Equal((type, 10), (changed.GetType(), changed.Over(Linear).Count));
            }
        }
    }

    [Fact]
    public void Every_spacing_that_has_a_word_is_of_as_many_steps_as_asked_for() =>
        Assert.All(NoiseChoice.Spacings, choice => Assert.Equal(20, choice.Spacing.Grid(20).Over(Linear).Count));

    private static Type[] Cases(Type union) => [.. union.GetNestedTypes().Where(union.IsAssignableFrom)];

    private static bool Has(Type type, string property) =>
        type.GetProperty(property, BindingFlags.Public | BindingFlags.Instance) is not null;
}
