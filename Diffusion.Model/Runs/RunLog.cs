using System.Globalization;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Runs;

/// <summary><c>log.txt</c>: every line that was said, and those that were too detailed to say, with the time.</summary>
/// <param name="path">The file; lines are added to what it holds.</param>
/// <param name="clock">The time.</param>
public sealed class RunLog(string path, TimeProvider clock) : IDisposable
{
    private FileStream _file = Open(path);

    /// <summary>Adds a line. A log that cannot be written is no reason to lose a run: the line is then missing.</summary>
    public void Add(string line)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{clock.GetUtcNow():yyyy-MM-dd HH:mm:ss}Z  {line}\n");
        try
        {
            if (!File.Exists(path))
            {
                // The run's folder was removed, and may be there again.
                _file.Dispose();
                _file = Open(path);
            }
            _file.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (Exception trouble) when (trouble is IOException or ObjectDisposedException)
        {
            Missing++;
        }
    }

    /// <summary>Lines that could not be written.</summary>
    public int Missing { get; private set; }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static FileStream Open(string path)
    {
        FileStream? file = null;
        OutputException.Guard(path, () =>
            file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        return file!;
    }
}
