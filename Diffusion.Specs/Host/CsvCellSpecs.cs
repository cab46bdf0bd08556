using Diffusion.Model.Runs;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class CsvCellSpecs
{
    [Theory]
    [InlineData("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0")]
    [InlineData("@SUM(A1)", "'@SUM(A1)")]
    [InlineData("+1+1", "'+1+1")]
    [InlineData("-2+3", "'-2+3")]
    [InlineData("\t=1", "'\t=1")]
    [InlineData("'=1", "''=1")]
    [InlineData("-1.5e-7", "-1.5e-7")]
    [InlineData("+3", "+3")]
    [InlineData("-Infinity", "-Infinity")]
    [InlineData("'tis", "'tis")]
    [InlineData("ddim eta=0", "ddim eta=0")]
    [InlineData("", "")]
    public void A_name_that_a_spreadsheet_would_compute_becomes_text_and_a_number_stays(string value, string cell)
    {
        Assert.Equal(cell, CsvCell.Write(value));
        Assert.Equal(value, CsvCell.Read(cell));
    }

    [Property]
    public void Every_value_comes_back(NonNull<string> value)
    {
        foreach (var text in new[] { value.Get, $"={value.Get}", $"'{value.Get}", $"''-{value.Get}" })
            Assert.Equal(text, CsvCell.Read(CsvCell.Write(text)));
    }

    [Fact]
    public void A_table_is_written_so_and_read_back()
    {
        using var place = new TemporaryFolder();
        var table = new ReportTable(["=name", "fid"], [["@a", "-3.5"], ["+b", "1"]]);
        table.AppendTo(place["a.csv"]);
        Assert.Equal("'=name,fid\n'@a,-3.5\n'+b,1\n", File.ReadAllText(place["a.csv"]));
        Assert.Equal(table, ReportTable.Read(place["a.csv"]));
        table.AppendTo(place["a.csv"]);
        Assert.Equal(["@a", "+b", "@a", "+b"], ReportTable.Read(place["a.csv"]).Rows.Select(row => row[0]));
    }
}
