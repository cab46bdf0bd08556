using Diffusion.Math.Training;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Recipes;

/// <summary>EMAs in tables and captions.</summary>
public sealed class EmaTextSpecs
{
    [Fact]
    public void An_EMA_is_stated_in_the_words_of_a_recipe() => Assert.Equal(
        [
            "constant 0.9999", "ramp 0.998", "power function, width 0.05", "half life, updates 1000, ramp up 0.05",
            "inverse gamma 0.9999, power 0.75, scale 1",
        ],
        new EmaDecay[]
        {
            new EmaDecay.Constant(0.9999), new EmaDecay.Ramp(0.998), new EmaDecay.PowerFunction(0.05), new EmaDecay.HalfLife(1000),
            new EmaDecay.InverseGamma(0.9999, 0.75),
        }.Select(EmaText.Of));

    [Fact]
    public void What_an_earlier_version_wrote_reads_as_the_same_words()
    {
        Assert.Equal(
            "ema=ramp 0.998; plan=4cd1; guidance=None { }",
            EmaText.Present("ema=Ramp { Ceiling = 0.998 }; plan=4cd1; guidance=None { }"));
        Assert.Equal("ramp 0.998", EmaText.Present(EmaText.Of(new EmaDecay.Ramp(0.998))));
        Assert.Equal("power function, width 0.1", EmaText.Present("PowerFunction { Width = 0.1, Gamma = 6.94 }"));
    }
}
