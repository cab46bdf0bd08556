using System.Xml.Linq;
using Diffusion.Host.Charts;
using Diffusion.Model.Images;

namespace Diffusion.Specs.Plots;

public sealed class ChartSpecs
{
    private static readonly PixelTolerance Antialiasing = new(48, 0.0003);

    private static readonly ChartSheet Samplers = new("distance against network calls", [new(
        "fd_lenet", new("network calls per sample", new ValueScale.Logarithmic()), new ValueScale.Logarithmic(),
        [
            new("ddpm", [new(10, 400), new(20, 180), new(50, 60), new(100, 22), new(250, 7), new(1000, 4)]),
            new("ddim", [new(10, 30), new(20, 9), new(50, 5), new(100, 4.4), new(250, 4.2), new(1000, 4.1)]),
            new("dpm-solver++ 2m", [new(10, 11), new(20, 5), new(50, 4.3), new(100, 4.15), new(250, 4.1), new(1000, 4.1)]),
        ])
    {
        Remark = "n = 1000, log scales",
        Levels = [new("real images", 1.5)],
    }]);

    private static readonly ChartSheet Sweep = new("a sweep over w",
    [
        new("distance", new("w", new ValueScale.Linear()), new ValueScale.FromZero(),
            [new("classifier-free", [new(-1, 9), new(0, 4), new(3, 6), new(8, 15)]),
                new("classifier", [new(0, 9), new(1, 8), new(3, 7.5), new(10, 14)])]),
        new("distance against accuracy", new("accuracy", new ValueScale.Linear()), new ValueScale.FromZero(),
            [new("classifier-free", [new(0.1, 9, "w = −1"), new(0.9, 4, "w = 0"), new(0.99, 6, "w = 3")]) { Style = SeriesStyle.Dots }]),
    ]);

    [Fact]
    public void One_chart_names_its_lines_at_their_ends() => Golden.Project.Png(Drawn(Samplers), Antialiasing, "Chart.Samplers");

    [Fact]
    public void Several_charts_share_their_colours_and_a_legend() => Golden.Project.Png(Drawn(Sweep), Antialiasing, "Chart.Sweep");

    [Fact]
    public void A_chart_without_points_can_be_drawn() =>
        Assert.NotEmpty(
            Drawn(new("nothing", [new("y", new("x", new ValueScale.Logarithmic()), new ValueScale.Logarithmic(), [new("none", [])])])));

    [Fact]
    public void A_png_carries_its_title_and_what_else_is_known_of_it()
    {
        var text = System.Text.Encoding.Latin1.GetString(Drawn(Samplers with { Notes = [new("seed", "17")] }));
        Assert.Contains("Title\0distance against network calls", text);
        Assert.Contains("seed\017", text);
    }

    [Fact]
    public void Every_word_of_a_chart_is_a_word_of_its_svg()
    {
        using var svg = new MemoryStream();
        Samplers.WriteSvg(svg);
        svg.Position = 0;
        var words = XDocument.Load(svg)
            .Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value.Trim()).ToList();
        Assert.All(["fd_lenet", "network calls per sample", "ddpm", "ddim", "dpm-solver++ 2m", "real images"], word =>
            Assert.Contains(word, words));
    }

    private static byte[] Drawn(ChartSheet sheet)
    {
        using var png = new MemoryStream();
        sheet.WritePng(png);
        Assert.True(ImageDecoder.Decode("chart", png.ToArray()).Width > 0);
        return png.ToArray();
    }
}
