using Diffusion.Model.Files;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Charts;

/// <summary>A figure's file; its ending says its form. A closed union.</summary>
/// <param name="Path">Where it is.</param>
public abstract record PlotFile(string Path)
{
    /// <summary>The file that a path names.</summary>
    /// <exception cref="ArgumentException">It ends neither in .png nor in .svg.</exception>
    public static PlotFile At(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".png" => new Png(path),
        ".svg" => new Svg(path),
        _ => throw new ArgumentException($"{path} ends neither in .png nor in .svg.", nameof(path)),
    };

    /// <summary>Writes the figure, or leaves the file that is there as it was.</summary>
    /// <exception cref="OutputException">It cannot be written.</exception>
    public void Save(ChartSheet sheet) => RunFolder.Write(Path, stream => Write(sheet, stream));

    private protected abstract void Write(ChartSheet sheet, Stream stream);

    /// <summary>Pixels.</summary>
    /// <param name="Path">Where it is.</param>
    public sealed record Png(string Path) : PlotFile(Path)
    {
        private protected override void Write(ChartSheet sheet, Stream stream) => sheet.WritePng(stream);
    }

    /// <summary>Lines and words, sharp at any size.</summary>
    /// <param name="Path">Where it is.</param>
    public sealed record Svg(string Path) : PlotFile(Path)
    {
        private protected override void Write(ChartSheet sheet, Stream stream) => sheet.WriteSvg(stream);
    }
}
