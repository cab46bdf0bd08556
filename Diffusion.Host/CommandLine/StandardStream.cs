using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Host.CommandLine;

/// <summary>One of the two outputs of the process, of which each answers in its own way when it cannot be written.</summary>
internal sealed class StandardStream : Stream
{
    private const int OutputDescriptor = 1;
    private const int ErrorDescriptor = 2;
    private const int LongestLine = 1 << 14;
    private const string OutputName = "standard output";

    // EPIPE of Unix; ERROR_BROKEN_PIPE and ERROR_NO_DATA of Windows.
    private static readonly int[] Unread = OperatingSystem.IsWindows() ? [0x6D, 0xE8] : [32];

    private readonly Action<byte[]> _write;
    private readonly Action<IOException> _failed;

    private StandardStream(Action<byte[]> write, Action<IOException> failed) => (_write, _failed) = (write, failed);

    /// <summary>Results: a person has to know of one that is lost.</summary>
    /// <exception cref="OutputException">On a write: it cannot be done.</exception>
    public static TextWriter Output() =>
        Over(OutputDescriptor, Console.OpenStandardOutput, trouble => throw new OutputException(OutputName, trouble));

    /// <summary>Whether a result was lost because whoever read it has gone, as <c>head</c> does: nobody there needs to know.</summary>
    public static bool HasNoReader(Exception trouble) => trouble is OutputException { InnerException: IOException pipe }
        && trouble.Message.StartsWith(OutputName, StringComparison.Ordinal) && Unread.Contains(pipe.HResult & 0xFFFF);

    /// <summary>Messages: without them the work goes on, and there is nobody to complain to.</summary>
    public static TextWriter Error() => Over(ErrorDescriptor, Console.OpenStandardError, _ => { });

    /// <summary>Whether the descriptor of messages is open.</summary>
    public static bool HasError => Posix.IsInherited(ErrorDescriptor);

    /// <summary>A writer over any way to write.</summary>
    internal static TextWriter Over(Action<byte[]> write, Action<IOException> failed) =>
        TextWriter.Synchronized(new StreamWriter(new StandardStream(write, failed), Encoding, LongestLine) { AutoFlush = true });

    private static TextWriter Over(int descriptor, Func<Stream> open, Action<IOException> failed)
    {
        if (OperatingSystem.IsWindows())
        {
            var stream = open();
            return Over(bytes => stream.Write(bytes), failed);
        }
        // Whatever writing needs is loaded now, not when there is something to say about having run out of files.
        Posix.Write(descriptor, []);
        return Posix.IsInherited(descriptor)
            ? Over(bytes => Posix.Write(descriptor, bytes), failed)
            : Over(_ => throw new IOException("it is closed"), failed);
    }

    private static Encoding Encoding => Console.OutputEncoding is UTF8Encoding ? new UTF8Encoding(false) : Console.OutputEncoding;

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.IsEmpty)
            return;
        try
        {
            _write(buffer.ToArray());
        }
        catch (IOException trouble)
        {
            _failed(trouble);
        }
        catch (UnauthorizedAccessException refusal)
        {
            _failed(new(refusal.Message, refusal));
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();
}
