using System.Text;
using Diffusion.Host.Pictures;
using Diffusion.Host.Plots;
using Diffusion.Host.Reports;
using Diffusion.Math.Values;
using Diffusion.Model.Data;

namespace Diffusion.Host.Experiments;

/// <summary>What a sweep over guidance has found.</summary>
/// <param name="Distance">What the distance is called.</param>
/// <param name="Classes">How many classes there are.</param>
/// <param name="Rows">The numbers, real pictures first.</param>
/// <param name="Sheets">A sheet of samples for each method.</param>
public sealed record GuidanceFindings(string Distance, int Classes, Sequence<GuidanceRow> Rows, Sequence<FoundSheet> Sheets)
{
    private const string TableName = "guidance.csv";
    private const string FigureName = "guidance.png";

    /// <summary>The names of the files that <see cref="Save"/> writes.</summary>
    public Sequence<string> Files => [TableName, FigureName, .. Sheets.Select(sheet => sheet.FileName)];

    private ReportTable Table => new(GuidanceRow.Columns(Distance, Classes), Rows.Select(row => row.Cells).ToSequence());

    private string Title
    {
        get
        {
            var first = Rows.First(row => row.Strength is not null);
            return FormattableString.Invariant($"guidance: {first.Count} samples at each scale, {first.Sampler}");
        }
    }

    /// <summary>Writes the table alone.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <exception cref="OutputException">It cannot be written; what was there before still is.</exception>
    public void SaveTable(string folder) =>
        RunFolder.Write(Path.Combine(folder, TableName), stream => stream.Write(Encoding.UTF8.GetBytes(Table.ToString())));

    /// <summary>Writes table, figure and sheets.</summary>
    /// <param name="folder">A folder that is there.</param>
    /// <param name="others">Tables of other sweeps, drawn into the figure too.</param>
    /// <exception cref="OutputException">A file cannot be written.</exception>
    public GuidanceFindings Save(string folder, IEnumerable<ReportTable> others)
    {
        SaveTable(folder);
        PlotFile.At(Path.Combine(folder, FigureName)).Save(new GuidanceFigure(Title, [Table, .. others]).Sheet);
        foreach (var sheet in Sheets)
            OutputException.Guard(Path.Combine(folder, sheet.FileName), () => Png.Save(Path.Combine(folder, sheet.FileName), sheet.Picture, sheet.Notes));
        return this;
    }
}

/// <summary>Samples of one method at all strengths.</summary>
/// <param name="Method">What guided.</param>
/// <param name="Picture">The sheet.</param>
/// <param name="Notes">What its file says of how they were drawn.</param>
public sealed record FoundSheet(string Method, Picture Picture, Sequence<Note> Notes)
{
    /// <summary>The file's name.</summary>
    public string FileName => $"{Method.Replace(' ', '-')}.png";
}
