using System.Text;

namespace Diffusion.Host.CommandLine;

/// <summary>
/// A terminal whose last rows can be written again: lines are said above them, as wide as the terminal is at that moment.
/// </summary>
/// <remarks>
/// Rows are a cell narrower than the terminal, so that none of them breaks. A window that was made narrower has broken them all the same:
/// the cursor waits at the beginning of the last one, and goes up by as many rows as the others have become.
/// </remarks>
/// <param name="writer">The terminal.</param>
/// <param name="columns">How wide it is now.</param>
public sealed class Screen(TextWriter writer, Func<int> columns)
{
    private const int Margin = 1;
    private const string EraseBelow = "\e[J";
    private const int Utf8 = 65001;
    private const int Utf16 = 1200;

    private readonly Lock _lock = new();
    private readonly List<ScreenRow> _rows = [];
    private int[] _shown = [];

    /// <summary>Whether the terminal knows more signs than those of ASCII.</summary>
    public bool HasUnicode { get; } = writer.Encoding.CodePage is Utf8 or Utf16;

    /// <summary>Writes a line above the rows, broken between words.</summary>
    /// <param name="line">Plain text.</param>
    public void Say(string line)
    {
        lock (_lock)
            Draw(string.Concat(WrappedText.OfLine(line, WrappedText.Within(columns())).Select(part => $"{part}\n")));
    }

    /// <summary>Adds a row below the others, until it is disposed; nothing of it is left then.</summary>
    public ScreenRow AddRow()
    {
        lock (_lock)
        {
            var row = new ScreenRow(this);
            _rows.Add(row);
            return row;
        }
    }

    internal void Change(Action change)
    {
        lock (_lock)
        {
            change();
            Draw("");
        }
    }

    internal void Remove(ScreenRow row) => Change(() => _rows.Remove(row));

    // All in one write, so that nothing flickers.
    private void Draw(string above)
    {
        var width = Max(1, columns());
        var text = new StringBuilder();
        if (_shown.Length > 0)
        {
            var up = _shown.SkipLast(1).Sum(cells => Max(1, (cells + width - 1) / width));
            text.Append('\r').Append(up > 0 ? $"\e[{up}A" : "").Append(EraseBelow);
        }
        var room = Max(1, width - Margin);
        string[] rows = [.. _rows.Select(row => Cells.Fitted(row.Content(room), room)).Where(row => row.Length > 0)];
        _shown = [.. rows.Select(Cells.Of)];
        text.Append(above).AppendJoin('\n', rows).Append(rows.Length > 0 ? "\r" : "");
        if (text.Length == 0)
            return;
        writer.Write(text.ToString());
        writer.Flush();
    }
}

/// <summary>A row of a <see cref="Screen"/> that can be written again.</summary>
/// <param name="screen">Where it is.</param>
public sealed class ScreenRow(Screen screen) : IDisposable
{
    /// <summary>What it shows in so many cells; empty for no row.</summary>
    internal Func<int, string> Content { get; private set; } = _ => "";

    /// <summary>Writes it again.</summary>
    /// <param name="content">Plain text for so many cells; asked for again when a line is said.</param>
    public void Show(Func<int, string> content) => screen.Change(() => Content = content);

    /// <inheritdoc/>
    public void Dispose() => screen.Remove(this);
}
