using System.Text;

namespace Diffusion.Host.CommandLine;

/// <summary>A writer that hands on whole lines.</summary>
/// <param name="write">Takes a line, without its end.</param>
internal sealed class LineWriter(Action<string> write) : TextWriter
{
    private readonly StringBuilder _line = new();
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Write([value]);

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write($"{value}\n".AsSpan());

    // Under one lock, so that lines of several threads come one after another.
    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_lock)
        {
            for (int end; (end = buffer.IndexOf('\n')) >= 0; buffer = buffer[(end + 1)..])
            {
                _line.Append(buffer[..end]);
                var line = _line.ToString();
                _line.Clear();
                write(line.EndsWith('\r') ? line[..^1] : line);
            }
            _line.Append(buffer);
        }
    }
}
