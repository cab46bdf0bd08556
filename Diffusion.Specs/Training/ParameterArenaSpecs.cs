using Diffusion.Math.Values;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using Diffusion.Model.Training;
using Diffusion.Specs.Runtime;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class ParameterArenaSpecs
{
    [Fact]
    public void Moving_into_the_arena_changes_no_parameter()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small.Network, new Seed(1));
        var before = network.parameters().Select(parameter => parameter.clone()).ToArray();
        var arena = new ParameterArena(network);
        Assert.All(network.parameters().Zip(before), pair =>
            Assert.True(pair.First.detach().equal(pair.Second.detach()).all().item<bool>()));
        Assert.Equal(network.parameters().Sum(parameter => parameter.numel()), arena.Slices.Sum(slice => slice.Length));
    }

    [Fact]
    public void Parameters_and_gradients_are_views_of_the_arena()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small.Network, new Seed(1));
        var arena = new ParameterArena(network);
        network.call(Drawn.Normal(2, 1, 8, 8), ones(1), null).Squared().mean().backward();
        var once = arena.Gradients.clone();
        Assert.True(once.abs().sum().item<float>() > 0);
        network.call(zeros(2, 1, 8, 8), ones(1), null).Times(0).sum().backward();
        Assert.True(arena.Gradients.equal(once).all().item<bool>());

        using (no_grad())
            arena.Values.zero_();
        Assert.All(network.parameters(), parameter => Assert.Equal(0, parameter.detach().abs().sum().item<float>()));
    }

    [Fact]
    public void Other_values_are_in_place_only_while_they_are_used()
    {
        using var scope = NewDisposeScope();
        var network = new UNet(Small.Network, new Seed(1));
        var arena = new ParameterArena(network);
        var before = arena.Values.clone();
        var during = arena.With(
            zeros_like(arena.Values), () => network.parameters().Sum(parameter => parameter.detach().abs().sum().item<float>()));
        Assert.Equal(0, during);
        Assert.True(arena.Values.equal(before).all().item<bool>());
    }
}
