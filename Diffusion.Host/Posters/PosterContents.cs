using Diffusion.Host.Comparisons;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Posters;

/// <summary>A poster whose figures are drawn: what its pages are written from.</summary>
/// <param name="Plan">What it shows.</param>
/// <param name="Place">Where the figures are.</param>
internal sealed record PosterContents(PosterPlan Plan, PosterPlace Place)
{
    private const int MostRows = 8;
    private static readonly Sequence<string> Untold = ["Title", "plan", "request", "first", "schedules"];
    private static readonly Sequence<string> Plain = ["recipe", "sampler"];

    /// <summary>The heading.</summary>
    public static string Title => "Denoising diffusion and classifier-free guidance";

    /// <summary>What it shows, in a sentence.</summary>
    public string Lead => $"Denoising diffusion probabilistic models on {string.Join(" and ", Plan.Models.Select(model => model.Title))}: "
        + "every figure with its equation, its settings and the command that makes it.";

    /// <summary>How the whole is made again.</summary>
    public required string Command { get; init; }

    /// <summary>What should be known of the numbers.</summary>
    public Sequence<string> Remarks =>
    [
        .. Plan.Models.SelectMany(model => Tables.Where(table => table.Model == model)).Select(table => ProtocolOf(table)),
        .. Plan.Missing.Select(set => $"No model of {set.Title}: {ResumeLine.Program} poster --minutes 30 trains one, and "
            + $"--model RUN takes one that is trained, as with {ResumeLine.Program} {set.Name}-cfg."),
    ];

    private IEnumerable<PosterItem.Table> Tables => Plan.Sections.SelectMany(section => section.Items).OfType<PosterItem.Table>();

    /// <summary>How a figure was made, as its file says.</summary>
    public string SettingsOf(PosterItem.Figure figure)
    {
        if (figure.Settings.Length > 0)
            return figure.Settings;
        // A note of one row, such as "guidance 3", has the row's name, which the figure shows.
        return string.Join(", ", Read(figure).Notes.Where(note => !Untold.Contains(note.Keyword) && !note.Keyword.Contains(' '))
            .Select(note => Plain.Contains(note.Keyword) ? note.Text : $"{note.Keyword} {note.Text}"));
    }

    /// <summary>Width and height of a figure, in pixels.</summary>
    public (int Width, int Height) SizeOf(PosterItem.Figure figure) => (Read(figure).Width, Read(figure).Height);

    /// <summary>The evaluations of a run; of many, some at equal distances and the last one.</summary>
    public static TextTable RowsOf(PosterItem.Table table)
    {
        var all = EvaluationTable.Of([table.Model.Folder]).Of(table.Columns);
        var rows = all.Rows;
        return rows.Count <= MostRows ? all
            : all with { Rows = Sequence.Generate(MostRows, row => rows[row * (rows.Count - 1) / (MostRows - 1)]) };
    }

    private PngNotes Read(PosterItem.Figure figure) => PngNotes.Read(OrdinaryFile.ReadAll(Place[figure.File], Array.MaxLength))
        ?? throw new InputException(Place[figure.File], "an image that is damaged", "the figure that was just drawn");

    // How the numbers of a table were measured.
    private static string ProtocolOf(PosterItem.Table table)
    {
        var rows = EvaluationTable.Of([table.Model.Folder]).All;
        string Last(string column) => rows.Columns.Contains(column) ? rows.Under([column]).Rows[^1][0] : "";
        var names = table.Columns.Where(column => column.StartsWith("fd_", StringComparison.Ordinal)).ToList();
        return $"{table.Model.Title}: {Last("samples")} samples, {Last("sampler")}"
            + (names.Count == 0 ? "" : $". {string.Join(" and ", names)} is a Fréchet distance in the features of a small network in the "
                + "program: it ranks runs, and is no FID")
            + $". Report: {table.Model.Word}, report.csv.";
    }
}
