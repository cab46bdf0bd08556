using System.Text;
using System.Text.RegularExpressions;

namespace Diffusion.Specs.Host;

/// <summary>
/// A terminal as they mostly are: it breaks lines that are too long, and breaks them anew when its window changes. It knows what the
/// program writes, and no other control sequence.
/// </summary>
internal sealed partial class FakeTerminal(int columns) : TextWriter
{
    private readonly List<StringBuilder> _lines = [new()];
    private int _line;
    private int _at;

    public int Columns { get; set; } = columns;

    public override Encoding Encoding { get; } = new UTF8Encoding(false);

    /// <summary>What is on the screen, without the rows below the last one that shows something.</summary>
    public string[] Rows => [.. string.Join('\n', _lines.SelectMany(RowsOf)).TrimEnd('\n').Split('\n')];

    public override void Write(char value) => Write($"{value}");

    public override void Write(string? value)
    {
        foreach (Match part in Parts().Matches(value ?? ""))
            Obey(part);
    }

    private void Obey(Match part)
    {
        if (part.Groups["up"].Success)
            for (var rows = int.Parse(part.Groups["up"].ValueSpan); rows > 0; rows--)
                Up();
        else if (part.Value == "\e[J")
        {
            _lines.RemoveRange(_line + 1, _lines.Count - _line - 1);
            _lines[_line].Length = Min(_lines[_line].Length, _at);
        }
        else if (part.Value == "\r")
            _at -= _at % Columns;
        else if (part.Value == "\n")
        {
            Assert.True(_at + Columns > _lines[_line].Length, "The end of a line within it.");
            (_line, _at) = (_line + 1, 0);
            if (_line == _lines.Count)
                _lines.Add(new());
        }
        else
        {
            Assert.False(char.IsControl(part.Value[0]), "A control sequence that the terminal does not know.");
            if (_at < _lines[_line].Length)
                _lines[_line].Remove(_at, 1);
            _lines[_line].Insert(_at++, part.Value);
        }
    }

    private void Up()
    {
        if (_at >= Columns)
            _at -= Columns;
        else if (_line > 0)
        {
            _line--;
            _at += Max(0, _lines[_line].Length - 1) / Columns * Columns;
        }
    }

    private IEnumerable<string> RowsOf(StringBuilder line) =>
        line.Length == 0 ? [""] : line.ToString().Chunk(Columns).Select(row => new string(row));

    [GeneratedRegex(@"\e\[(?<up>\d+)A|\e\[J|.|\n", RegexOptions.Singleline)]
    private static partial Regex Parts();
}
