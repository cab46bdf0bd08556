using System.Globalization;
using Diffusion.Host.Plots;
using Diffusion.Host.Reports;
using Diffusion.Math.Values;
using Diffusion.Model.Data;

namespace Diffusion.Host.Experiments;

/// <summary>What guidance does, as a figure: accuracy, distance and diversity against its strength, and distance against accuracy.</summary>
/// <param name="Title">What was sampled.</param>
/// <param name="Tables">Tables of sweeps; every method in them is a line.</param>
public sealed record GuidanceFigure(string Title, Sequence<ReportTable> Tables)
{
    /// <summary>Reads the table of another sweep.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static ReportTable Read(string path)
    {
        if (!File.Exists(path))
            throw new InputException(path, "nothing there", "the table of a sweep over guidance");
        var table = ReportTable.Read(path);
        return new[] { "method", "strength", "accuracy", "diversity" }.FirstOrDefault(name => !table.Columns.Contains(name)) is { } missing
            ? throw new InputException(path, $"no column {missing}", "the table of a sweep over guidance")
            : table;
    }

    /// <summary>The figure.</summary>
    public ChartSheet Sheet
    {
        get
        {
            var distance = Tables[0].Columns.First(column => column.StartsWith("fd_", StringComparison.Ordinal) || column == "fid");
            var strength = new ChartAxis("guidance scale s (w = s - 1)", new ValueScale.Linear());
            return new(Title,
            [
                new("accuracy", strength, new ValueScale.FromZero(), Lines("strength", "accuracy")) { Levels = Real("accuracy"), Remark = "recognised by an independent network" },
                new(distance, strength, new ValueScale.FromZero(), Lines("strength", distance)) { Levels = Real(distance), Remark = "smaller is better" },
                new("diversity", strength, new ValueScale.FromZero(), Lines("strength", "diversity")) { Levels = Real("diversity"), Remark = "1: as varied within a class as real ones" },
                new($"{distance} against accuracy", new("accuracy", new ValueScale.Linear()), new ValueScale.FromZero(), Lines("accuracy", distance)) { Remark = "the trade-off; numbers are s" },
            ]);
        }
    }

    private Sequence<Series> Lines(string horizontal, string vertical) =>
    [
        .. from table in Tables
           from row in Rows(table, "method", "strength", horizontal, vertical)
           where row[1].Length > 0
           group row by row[0] into method
           select new Series(method.Key, method.Select(row => new ChartPoint(Number(row[2]), Number(row[3]), horizontal == "accuracy" ? row[1] : "")).ToSequence()),
    ];

    private Sequence<Level> Real(string column) =>
        Rows(Tables[0], "method", "strength", column).Where(row => row[1].Length == 0).Select(row => new Level(row[0], Number(row[2]))).ToSequence();

    private static IEnumerable<Sequence<string>> Rows(ReportTable table, params ReadOnlySpan<string> columns) => table.Under([.. columns]).Rows;

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);
}
