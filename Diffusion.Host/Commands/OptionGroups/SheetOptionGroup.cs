using Diffusion.Host.CommandLine;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that say where a sheet of images goes and how large it is.</summary>
/// <param name="usual">The file where none is given.</param>
internal sealed class SheetOptionGroup(string usual)
{
    private const int Largest = 64;

    private readonly OutputOption _out = new OutputOption(
        "--out", $".png or .svg file to write (default: {usual})", ".png", ".svg").Also("-o");

    private readonly Cli.Option<int?> _zoom = Zoom();

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_out, _zoom];

    /// <summary>How large images are shown.</summary>
    public static Cli.Option<int?> Zoom() => Define.Option("--zoom", "N",
        "enlarge every image pixel to N by N pixels, and gaps and texts with it (default: as fits a screen)",
        new WholeNumber<int>($"a whole number from 1 to {Largest}", 1, Largest));

    /// <summary>The file, where one is given.</summary>
    public string? Out(Cli.ParseResult typed) => typed.GetValue(_out);

    /// <summary>The scale, where one is given.</summary>
    public int? Scale(Cli.ParseResult typed) => typed.GetValue(_zoom);
}
