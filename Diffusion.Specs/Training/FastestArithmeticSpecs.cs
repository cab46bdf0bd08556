using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Training;

public sealed class FastestArithmeticSpecs
{
    [Fact]
    public void On_a_cpu_the_arithmetic_is_chosen_and_nothing_else_is_changed()
    {
        var ways = FastestArithmetic.WithAnyPrecision(Small.Recipe);
        Assert.Equal([Precision.Float32, Precision.Bfloat16], ways.Select(way => way.Precision));
        var chosen = FastestArithmetic.Among(ways, new(1, 8, 8), CPU);
        Assert.Equal(Small.Recipe, chosen with { Precision = Small.Recipe.Precision });
    }

    [Fact]
    public void Layouts_are_tried_where_they_may_differ()
    {
        Assert.Equal([MemoryLayout.ChannelsFirst], FastestArithmetic.WithAnyLayout(
            Small.Recipe with { Layout = MemoryLayout.ChannelsLast }, DeviceType.CPU).Select(way => way.Layout));
        foreach (var (recipe, device) in new[]
            { (Small.Recipe, DeviceType.CUDA), (Small.Recipe with { Precision = Precision.Bfloat16 }, DeviceType.CPU) })
            Assert.Equal([MemoryLayout.ChannelsFirst, MemoryLayout.ChannelsLast],
                FastestArithmetic.WithAnyLayout(recipe, device).Select(way => way.Layout));
    }

    [Fact]
    public void What_cannot_be_otherwise_is_not_tried()
    {
        // A trial would find that such images do not fit the network.
        Assert.Same(Small.Recipe, FastestArithmetic.Among([Small.Recipe], new ImageShape(5, 1, 1), CPU));
        Assert.ThrowsAny<Exception>(() => FastestArithmetic.Among([Small.Recipe, Small.Recipe], new ImageShape(5, 1, 1), CPU));
    }

    [Fact]
    public void Where_memory_does_not_suffice_for_a_single_image_the_first_way_is_taken() =>
        Assert.Same(Small.Recipe, FastestArithmetic.Among([Small.Recipe, Small.Labelled], new(1, 1 << 22, 1 << 22), CPU));
}
