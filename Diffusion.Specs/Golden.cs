using System.Runtime.CompilerServices;
using Diffusion.Model.Images;

namespace Diffusion.Specs;

/// <summary>What to do with a result that differs from its snapshot.</summary>
public enum OnDifference
{
    /// <summary>Leave it beside the snapshot as <c>Name.received.*</c> and fail.</summary>
    Fail,

    /// <summary>Make it the snapshot; git shows the difference to whoever reviews.</summary>
    Accept,
}

/// <summary>How far two images may be apart: antialiasing and rounding differ between machines.</summary>
/// <param name="Step">A pixel is the same while no channel is further off than this many of 255.</param>
/// <param name="Share">The share of pixels, in [0, 1], that may be further off.</param>
public readonly record struct PixelTolerance(int Step, double Share);

/// <summary>
/// Compares results with snapshots, <c>Name.verified.txt</c>, <c>.csv</c> or <c>.png</c>, which are read in review like code.
/// </summary>
/// <remarks>The convention of Verify. DIFFUSION_ACCEPT=1 accepts every difference. A missing snapshot is a difference.</remarks>
/// <param name="Folder">Where the snapshots lie.</param>
/// <param name="OnDifference">What to do with a difference.</param>
public sealed record Golden(string Folder, OnDifference OnDifference)
{
    /// <summary>The project's own snapshots.</summary>
    public static Golden Project { get; } =
        new(Repository.Golden, Environment.GetEnvironmentVariable("DIFFUSION_ACCEPT") == "1" ? OnDifference.Accept : OnDifference.Fail);

    /// <summary>Checks a text, named after the calling spec unless another name is given; line ends do not count.</summary>
    public void Text(string actual, [CallerMemberName] string name = "") => Lines(actual, name, "txt");

    /// <summary>Checks a CSV; line ends do not count.</summary>
    public void Csv(string actual, [CallerMemberName] string name = "") => Lines(actual, name, "csv");

    /// <summary>Checks a page; line ends do not count.</summary>
    public void Html(string actual, [CallerMemberName] string name = "") => Lines(actual, name, "html");

    /// <summary>Checks the image that a PNG file shows.</summary>
    public void Png(byte[] actual, PixelTolerance tolerance, [CallerMemberName] string name = "") =>
        Check(name, "png", actual, verified =>
            Difference(ImageDecoder.Decode("verified", verified), ImageDecoder.Decode("received", actual), tolerance));

    private void Lines(string actual, string name, string extension)
    {
        var received = actual.ReplaceLineEndings("\n");
        Check(name, extension, System.Text.Encoding.UTF8.GetBytes(received), verified =>
        {
            var expected = System.Text.Encoding.UTF8.GetString(verified).ReplaceLineEndings("\n");
            if (expected == received)
                return null;
            var (before, after) = (expected.Split('\n'), received.Split('\n'));
            var line = before.Zip(after).TakeWhile(pair => pair.First == pair.Second).Count();
            return $"line {line + 1} is '{after.ElementAtOrDefault(line)}', verified is '{before.ElementAtOrDefault(line)}'";
        });
    }

    private static string? Difference(RgbImage verified, RgbImage received, PixelTolerance tolerance)
    {
        if (verified.Width != received.Width || verified.Height != received.Height)
            return $"the image is {received.Width}×{received.Height}, verified is {verified.Width}×{verified.Height}";
        var off = verified.Rgb.Zip(received.Rgb, (a, b) => Abs(a - b)).Chunk(3).Count(pixel => pixel.Max() > tolerance.Step);
        var share = (double)off / (verified.Width * verified.Height);
        return share > tolerance.Share ? $"{off} pixels ({share:P2}) are more than {tolerance.Step} of 255 off" : null;
    }

    private void Check(string name, string extension, byte[] actual, Func<byte[], string?> difference)
    {
        var verified = Path.Combine(Folder, $"{name}.verified.{extension}");
        var received = Path.Combine(Folder, $"{name}.received.{extension}");
        var found = File.Exists(verified) ? difference(File.ReadAllBytes(verified)) : "there is no verified file";
        File.Delete(received);
        if (found is null)
            return;
        File.WriteAllBytes(OnDifference == OnDifference.Accept ? verified : received, actual);
        Assert.True(OnDifference == OnDifference.Accept, $"{name}: {found}. Compare {received}; DIFFUSION_ACCEPT=1 accepts it.");
    }
}
