using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Diffusion.Specs.Downloads;

/// <summary>What goes wrong with one answer.</summary>
public abstract record Mishap
{
    /// <summary>Nothing.</summary>
    public sealed record None : Mishap;

    /// <summary>The connection is cut after so many bytes of the body.</summary>
    public sealed record Drop(int After) : Mishap;

    /// <summary>The body ends early, and its header says that this is all.</summary>
    public sealed record Truncate(int After) : Mishap;

    /// <summary>The server falls silent after so many bytes of the body; before the header where it is negative.</summary>
    public sealed record Silence(int After) : Mishap;

    /// <summary>One byte is wrong.</summary>
    public sealed record Corrupt(int At) : Mishap;

    /// <summary>Another status and no content.</summary>
    public sealed record Status(int Code) : Mishap;

    /// <summary>The whole file, whatever part was asked for.</summary>
    public sealed record Whole : Mishap;

    /// <summary>Zeros without end.</summary>
    public sealed record Endless : Mishap;
}

/// <summary>A web server on this machine that delivers one file, badly: each request meets the next mishap, then none.</summary>
public sealed partial class FlakyServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly byte[] _content;
    private readonly ConcurrentQueue<Mishap> _mishaps;
    private readonly Task _serving;

    /// <summary>Starts serving.</summary>
    public FlakyServer(byte[] content, params Mishap[] mishaps)
    {
        (_content, _mishaps) = (content, new(mishaps));
        _listener.Start();
        Address = new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/file.bin");
        _serving = Task.Run(Accept);
    }

    /// <summary>Where the file is.</summary>
    public Uri Address { get; }

    /// <summary>The first byte that each request asked for.</summary>
    public ConcurrentQueue<int> Requests { get; } = [];

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _serving.Wait();
        _listener.Stop();
        _closing.Dispose();
    }

    private async Task Accept()
    {
        var open = new List<Task>();
        try
        {
            while (true)
                open.Add(Serve(await _listener.AcceptSocketAsync(_closing.Token)));
        }
        catch (Exception closed) when (closed is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task Serve(Socket socket)
    {
        using var connection = socket;
        try
        {
            await using var stream = new NetworkStream(socket);
            var from = await ReadRequest(stream);
            Requests.Enqueue(from);
            var mishap = _mishaps.TryDequeue(out var next) ? next : new Mishap.None();
            await Answer(stream, mishap is Mishap.Whole ? 0 : from, mishap);
            // Cut off without ceremony, so that the client sees a reset connection.
            if (mishap is Mishap.Drop)
                socket.LingerState = new(true, 0);
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or SocketException)
        {
        }
    }

    private async Task Answer(NetworkStream stream, int from, Mishap mishap)
    {
        if (mishap is Mishap.Silence { After: < 0 })
            await Task.Delay(Timeout.Infinite, _closing.Token);
        if (mishap is Mishap.Status(var code))
            await Head(stream, $"{code} Trouble", 0);
        else if (mishap is Mishap.Endless)
        {
            await Send(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8.ToArray());
            while (true)
                await Send(stream, new byte[1 << 16]);
        }
        else if (from >= _content.Length)
            await Head(stream, "416 Range Not Satisfiable", 0, $"Content-Range: bytes */{_content.Length}\r\n");
        else
            await Deliver(stream, from, mishap);
    }

    private async Task Deliver(NetworkStream stream, int from, Mishap mishap)
    {
        var body = _content[from..];
        if (mishap is Mishap.Corrupt(var at) && at >= from)
            body[at - from] ^= 1;
        var sent = mishap switch
        {
            Mishap.Drop(var after) => Min(after, body.Length),
            Mishap.Truncate(var after) => Min(after, body.Length),
            Mishap.Silence(var after) => Min(after, body.Length),
            _ => body.Length,
        };
        var (status, range) = from > 0
            ? ("206 Partial Content", $"Content-Range: bytes {from}-{_content.Length - 1}/{_content.Length}\r\n")
            : ("200 OK", "");
        await Head(stream, status, mishap is Mishap.Truncate ? sent : body.Length, range);
        await Send(stream, body[..sent]);
        if (mishap is Mishap.Silence)
            await Task.Delay(Timeout.Infinite, _closing.Token);
    }

    private Task Head(NetworkStream stream, string status, int length, string more = "") =>
        Send(stream, Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: {length}\r\n{more}Connection: close\r\n\r\n"));

    private Task Send(NetworkStream stream, byte[] bytes) => stream.WriteAsync(bytes, _closing.Token).AsTask();

    private async Task<int> ReadRequest(NetworkStream stream)
    {
        var (text, buffer) = ("", new byte[4096]);
        while (!text.EndsWith("\r\n\r\n"))
        {
            var count = await stream.ReadAsync(buffer, _closing.Token);
            if (count == 0)
                throw new IOException("The client went away.");
            text += Encoding.ASCII.GetString(buffer, 0, count);
        }
        return Range().Match(text) is { Success: true } range ? int.Parse(range.Groups[1].Value) : 0;
    }

    [GeneratedRegex(@"Range: bytes=(\d+)-")]
    private static partial Regex Range();
}
