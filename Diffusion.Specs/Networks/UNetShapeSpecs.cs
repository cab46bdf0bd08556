using Diffusion.Math.Json;
using Diffusion.Model.Networks;

namespace Diffusion.Specs.Networks;

public sealed class UNetShapeSpecs
{
    [Fact]
    public void Shapes_are_values()
    {
        var again = UNetShape.Paper with { Levels = [UNetLevel.Plain(128), UNetLevel.Attending(256), .. UNetShape.Paper.Levels.Skip(2)] };
        Assert.Equal(UNetShape.Paper, again);
        Assert.Equal(UNetShape.Paper.GetHashCode(), again.GetHashCode());
        Assert.NotEqual(UNetShape.Paper, again with { HeadChannels = 8 });
    }

    [Fact]
    public void Shapes_come_back_from_their_text()
    {
        var everything = Tiny.Shape with
        {
            Levels = [.. Tiny.Shape.Levels, new(16, default, new(LevelAttention.Self, Resampling.Residual))],
            HeadChannels = 4,
            Labels = new(10, NullLabel.Learned) { Width = 28 },
            Middle = new() { Attention = MiddleAttention.Unnormalised, Groups = 2, Divisor = 1.5 },
            Time = new(FrequencyOrder.CosineFirst, 0.5),
            Padding = DownsamplePadding.Symmetric,
            Centring = InputCentring.FromUnitInterval,
            Residual = new() { Groups = 4, Dropout = 0.25, Epsilon = 1e-5, Injection = TimeInjection.ScaleAndShift },
        };
        foreach (var shape in new[]
            {
                UNetShape.Paper, Tiny.Shape, everything, Tiny.PostNormalised, Tiny.Labelled, Tiny.MagnitudePreserving,
            })
            Assert.Equal(shape, UnionJson.Read<UNetShape>(UnionJson.Write(shape)));
        var classifier = new NoisyClassifierShape(Tiny.Shape, 10, ClassifierPooling.Attention);
        Assert.Equal(classifier, UnionJson.Read<NoisyClassifierShape>(UnionJson.Write(classifier)));
    }

    [Fact]
    public void The_paper_shape_has_no_faults() => Assert.Empty(UNetShape.Paper.Faults());

    [Fact]
    public void What_does_not_fit_together_is_named_with_its_value()
    {
        Faulty(Tiny.Shape with { Residual = new() { Groups = 3 } }, "8 channels", "3 groups");
        Faulty(Tiny.Shape with { HeadChannels = 5 }, "16 channels", "heads of 5");
        Faulty(Tiny.Shape with { Middle = new() { Groups = 7 } }, "16 channels", "7 groups");
        Faulty(Tiny.Shape with { Time = new(FrequencyOrder.CosineFirst, 4) }, "shift of 4", "8 channels");
        Faulty(Tiny.Shape with { Time = TimeEmbeddingShape.Ho with { Frequencies = [1, 2, 3] } }, "3 frequencies", "8 channels");
        Faulty(Tiny.Shape with { Time = TimeEmbeddingShape.Ho with { Phases = [1] } }, "Phases belong");
        Faulty(Tiny.Shape with { Levels = [new(8, new(LevelAttention.Linear, default), default)] }, "Linear attention belongs");
        Faulty(Tiny.PostNormalised with { BlocksPerLevel = 3 }, "2 blocks per level");
        Faulty(Tiny.PostNormalised with { Labels = new(10, NullLabel.Learned) }, "labels beside the time or none");
        Faulty(Tiny.Shape with { Labels = new(10, NullLabel.Learned) { Entry = LabelEntry.Beside } }, "Labels beside the time belong");
        Faulty(Tiny.PostNormalised with { Levels = [UNetLevel.Plain(8)] }, "linear attention, or attention behind the last block");
        Faulty(Tiny.MagnitudePreserving with { HeadChannels = 5 }, "12 channels", "heads of 5");
        Faulty(Tiny.MagnitudePreserving with { HeadChannels = null }, "attention heads of a number of channels");
        Faulty(Tiny.MagnitudePreserving with { Patch = 2 }, "no other settings than dropout and the filter");
        Faulty(Tiny.MagnitudePreserving with { Levels = [UNetLevel.Plain(8)] }, "blocks that resample");
        Faulty(Tiny.Shape with { Levels = [.. Enumerable.Repeat(UNetLevel.Plain(8), 17)] }, "17 levels");
    }

    [Fact]
    public void Values_out_of_range_are_refused_at_once()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Shape with { InputChannels = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Shape with { OutputChannels = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Shape with { BlocksPerLevel = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => Tiny.Shape with { HeadChannels = 0 });
        Assert.Throws<ArgumentException>(() => Tiny.Shape with { Levels = [] });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualShape { Dropout = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualShape { Epsilon = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResidualShape { Groups = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MiddleShape { Groups = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MiddleShape { Divisor = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelShape(0, NullLabel.Absent));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelShape(10, NullLabel.Absent) { Width = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new TimeEmbeddingShape(FrequencyOrder.SineFirst, double.PositiveInfinity));
    }

    private static void Faulty(UNetShape shape, params string[] words)
    {
        var fault = shape.Faults().First();
        Assert.All(words, word => Assert.Contains(word, fault));
        var refusal = Assert.Throws<ArgumentException>(() => new UNet(shape, Tiny.Seed));
        Assert.Contains(fault, refusal.Message);
    }
}
