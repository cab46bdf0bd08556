using Diffusion.Host.Charts;
using SkiaSharp;

namespace Diffusion.Specs.Plots;

public sealed class FreePlacesSpecs
{
    private const float Width = 20;
    private const float Height = 8;
    private static readonly SKPoint[] Starts = [new(40, 40), new(40, 60), new(10, 40)];

    private readonly FreePlaces _places = new(new(0, 0, 100, 100));

    [Fact]
    public void The_first_of_free_places_is_taken() => Assert.Equal(Starts[0], Take());

    [Fact]
    public void Words_do_not_cover_words() => Assert.Equal(Starts, Starts.Select(_ => Take()));

    [Fact]
    public void Words_keep_off_lines()
    {
        _places.KeepOff(new(0, 30), new(100, 40));
        Assert.Equal(Starts[1], Take());
    }

    [Fact]
    public void Words_are_not_so_near_to_another_point_as_to_be_taken_for_its_own()
    {
        var point = new SKPoint(66, 36);
        _places.KeepOff(point);
        Assert.Equal(Starts[1], Take());
        Assert.Equal(Starts[0], _places.Take(Width, Height, Starts, point));
    }

    [Fact]
    public void A_line_that_passes_by_is_no_hindrance()
    {
        // Its box would meet that of the words.
        _places.KeepOff(new(0, 40), new(60, 100));
        Assert.Equal(Starts[0], Take());
    }

    [Fact]
    public void Where_nothing_is_free_a_line_is_covered_sooner_than_words_or_the_edge()
    {
        _places.KeepOff(new(50, 0), new(50, 100));
        Assert.Equal(Starts[0], _places.Take(Width, Height, [new(90, 40), Starts[0]]));
        Assert.Equal(Starts[1], _places.Take(Width, Height, Starts[..2]));
    }

    private SKPoint Take() => _places.Take(Width, Height, Starts);
}
