using Diffusion.Math.Training;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using Diffusion.Specs.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Networks;

/// <summary>What holds for the layers of the families beside that of Ho et al.</summary>
public sealed class UNetFamilySpecs
{
    [Fact]
    public void Operations_that_preserve_magnitudes_do_so()
    {
        using var scope = NewDisposeScope();
        var (one, other) = (Drawn.Normal(64, 24, 16, 16), Drawn.Normal([64, 8, 16, 16], 3));
        Assert.Equal(1, Magnitude(MagnitudePreserving.Silu(one)), 0.01);
        Assert.Equal(1, Magnitude(MagnitudePreserving.Sum(one, one.roll(1, 0), 0.3)), 0.01);
        Assert.Equal(1, Magnitude(MagnitudePreserving.Normalise(one.Times(7), 1)), 1e-3);
        var joined = MagnitudePreserving.Join(one, other, 0.5);
        Assert.Equal(1, Magnitude(joined), 0.01);
        // Both halves contribute alike to a sum over all channels, however many they have.
        double Total(long first, long count) => joined.narrow(1, first, count).Squared().sum().item<float>();
        Assert.Equal(1, Total(0, 24) / Total(24, 8), 0.02);
    }

    [Fact]
    public void Training_keeps_the_stored_weights_of_a_magnitude_preserving_network_at_unit_magnitude()
    {
        using var scope = NewDisposeScope();
        using var network = Tiny.Lively(Tiny.MagnitudePreserving with { Residual = new() });
        var (state, time, labels) = (Drawn.Normal(1, 1, 8, 8), zeros(1), tensor([3L]));
        network.eval();
        var before = network.call(state, time, labels);
        network.train();
        network.call(state, time, labels);
        foreach (var (name, weight) in network.named_parameters().Where(item => item.parameter.dim() > 1))
        {
            var rows = name.StartsWith("class_embedding", StringComparison.Ordinal) ? weight.transpose(0, 1) : weight;
            Assert.True((rows.flatten(1).Squared().mean([1]).sqrt().Minus(1)).abs().max().item<float>() < 1e-3, name);
        }
        network.eval();
        // Up to ε, which is added to the magnitude each time.
        Assert.True(before.allclose(network.call(state, time, labels), 1e-2, 1e-3));
    }

    [Theory]
    [InlineData(LevelAttention.Linear)]
    [InlineData(LevelAttention.Last)]
    public void Attention_with_learned_places_does_not_depend_on_where_pixels_are(LevelAttention kind)
    {
        using var scope = NewDisposeScope();
        using var initial = new Initialiser(Tiny.Seed);
        using var attention = Tiny.Stirred(new MemoryAttention(6, kind, new(2, 3, 4), initial));
        var state = Drawn.Normal(2, 6, 4, 5);
        var turned = attention.call(state.flip(2, 3));
        Assert.True(turned.allclose(attention.call(state).flip(2, 3), 1e-4, 1e-5));
        Assert.False(turned.allclose(attention.call(state), 1e-2, 1e-2));
    }

    [Fact]
    public void Smoothing_keeps_what_is_constant_and_doubling_is_the_transpose_of_halving()
    {
        using var scope = NewDisposeScope();
        Tensor Resized(Tensor image, Resize resize) => Smoothing.Resized(image, resize, ResamplingFilter.Binomial);
        var constant = ones(1, 2, 8, 8);
        Assert.True(Resized(constant, Resize.Halve).narrow(2, 1, 2).narrow(3, 1, 2).allclose(ones(1, 2, 2, 2)));
        Assert.True(Resized(constant, Resize.Double).narrow(2, 2, 12).narrow(3, 2, 12).allclose(ones(1, 2, 12, 12)));
        var (large, small) = (Drawn.Normal([2, 3, 8, 6], 1, float64), Drawn.Normal([2, 3, 4, 3], 2, float64));
        var down = (Resized(large, Resize.Halve) * small).sum().item<double>();
        var up = (large * Resized(small, Resize.Double)).sum().item<double>();
        Assert.Equal(4 * down, up, 1e-10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Networks_of_all_families_learn(bool isMagnitudePreserving)
    {
        using var images = Small.Images();
        var network = isMagnitudePreserving ? Tiny.MagnitudePreserving with { Labels = null } : Tiny.PostNormalised;
        var recipe = Small.Recipe with { Network = network, Optimiser = new() { Rate = new LearningRate.WarmUp(1e-2, 4) } };
        using var run = new TrainingRun(recipe, images, CPU);
        double Epoch()
        {
            for (var update = 0; update < 12; update++)
                run.Advance();
            return run.CloseEpoch().Loss;
        }
        var (first, last) = (Epoch(), Epoch());
        Assert.True(last < 0.9 * first, $"{first} → {last}");
    }

    private static double Magnitude(Tensor state) => state.Squared().mean().sqrt().item<float>();
}
