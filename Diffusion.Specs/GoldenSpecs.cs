using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using Xunit.Sdk;

namespace Diffusion.Specs;

public sealed class GoldenSpecs : IDisposable
{
    private static readonly PixelTolerance Exact = new(0, 0);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private Golden Strict => new(_folder.Path, OnDifference.Fail);

    private Golden Accepting => new(_folder.Path, OnDifference.Accept);

    private IEnumerable<string?> Files => Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order();

    private static byte[] Image(params byte[] rgb)
    {
        using var png = new MemoryStream();
        Png.Write(png, new(rgb.Length / 3, 1, rgb), []);
        return png.ToArray();
    }

    private static void Fails(string saying, Action check) =>
        Assert.Contains(saying, Assert.ThrowsAny<XunitException>(check).Message);

    [Fact]
    public void A_missing_snapshot_fails_and_leaves_what_was_received()
    {
        Fails("no verified file", () => Strict.Text("a\nb", "Plan"));
        Assert.Equal(["Plan.received.txt"], Files);
    }

    [Fact]
    public void What_was_accepted_is_verified_from_then_on()
    {
        Accepting.Text("a\nb", "Plan");
        Strict.Text("a\r\nb", "Plan");
        Assert.Equal(["Plan.verified.txt"], Files);
    }

    [Fact]
    public void A_difference_names_its_first_line()
    {
        Accepting.Csv("a,b\n1,2", "Report");
        Fails("line 2 is '1,3', verified is '1,2'", () => Strict.Csv("a,b\n1,3", "Report"));
        Fails("line 3 is 'more'", () => Strict.Csv("a,b\n1,2\nmore", "Report"));
        Assert.Equal(["Report.received.csv", "Report.verified.csv"], Files);
    }

    [Fact]
    public void A_result_that_agrees_again_removes_what_was_received()
    {
        Accepting.Text("a", "Plan");
        Assert.ThrowsAny<XunitException>(() => Strict.Text("b", "Plan"));
        Strict.Text("a", "Plan");
        Assert.Equal(["Plan.verified.txt"], Files);
    }

    [Fact]
    public void Images_are_compared_by_pixels_within_a_tolerance()
    {
        Accepting.Png(Image(10, 20, 30, 40, 50, 60), Exact, "Grid");
        Strict.Png(Image(10, 20, 30, 40, 50, 60), Exact, "Grid");
        Strict.Png(Image(10, 20, 30, 40, 52, 60), new(2, 0), "Grid");
        Strict.Png(Image(10, 20, 30, 40, 99, 60), new(2, 0.5), "Grid");
        Fails("1 pixels", () => Strict.Png(Image(10, 20, 30, 40, 53, 60), new(2, 0), "Grid"));
        Fails("1×1", () => Strict.Png(Image(10, 20, 30), new(2, 1), "Grid"));
    }

    [Fact]
    public void Snapshots_are_named_after_the_spec_that_asks()
    {
        Accepting.Text("a");
        Assert.Equal([$"{nameof(Snapshots_are_named_after_the_spec_that_asks)}.verified.txt"], Files);
    }
}
