using System.Text;

namespace Diffusion.Host.Displays;

/// <summary>A writer that hands on whole lines.</summary>
/// <param name="write">Takes a line, without its end.</param>
internal sealed class LineWriter(Action<string> write) : TextWriter
{
    private readonly StringBuilder _line = new();
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value)
    {
        lock (_lock)
        {
            if (value == '\n')
            {
                write(_line.ToString());
                _line.Clear();
            }
            else if (value != '\r')
                _line.Append(value);
        }
    }
}
