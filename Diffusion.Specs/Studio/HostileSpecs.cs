using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Diffusion.Specs.Studio;

/// <summary>Requests that nobody with good intentions sends.</summary>
[Collection(StudioCollection.Name)]
public sealed class HostileSpecs(StudioFixture studio)
{
    private const int Usual = 300;

    // DIFFUSION_HOSTILE=10000 sends so many, and looks at the memory.
    private static readonly int Requests =
        int.TryParse(Environment.GetEnvironmentVariable("DIFFUSION_HOSTILE"), CultureInfo.InvariantCulture, out var asked) ? asked : Usual;

    private static readonly string[] Paths =
    [
        "/", "/runs", "/sample", "/api/models", "/api/samples", "/api/samples/film", "/api/guidance", "/api/drawings/redraw",
        "/api/drawings/fill", "/api/drawings/class", "/api/drawings/likelihood", "/api/drawings/between", "/api/runs", "/api/runs/check",
        "/api/runs/stop", "/api/runs/resume", "/api/runs/events", "/api/runs/file", "/api/recipes/recipe", "/api/openapi.json",
        "/assets/common.js", "/runs/~compare", "/forward", "/world", "/api/forward/state", "/api/world/field", "/api/world/samples",
        "/api/world/errors",
    ];

    private static readonly string[] Values =
    [
        "1", "-1", "1e308", "1e-308", "NaN", "99999999999999999999", "0.1", "null", "true", "\"digits\"", "\"\\u0000\"", "\"../..\"",
        "[]", "{}",
        "\"" + new string('x', 2000) + "\"", "[[[[[[[[]]]]]]]]", "\"AAAA\"", "\"\\ud800\"",
    ];

    private static readonly string[] Names =
    [
        "model", "sampler", "steps", "eta", "guidance", "label", "seed", "count", "samples", "drawing", "mask", "strength", "strengths",
        "pixels", "jump", "rounds", "first", "second", "points", "time", "run", "recipe", "name", "changes", "path", "value", "preset",
        "set", "image", "at", "by", "x", "y", "channel", "schedules", "world", "sigma", "samplers", "schedule", "spacing",
    ];

    [Fact]
    public async Task Odd_requests_are_refused_and_the_studio_goes_on_in_the_same_memory()
    {
        var random = new Random(1);
        for (var request = 0; request < Requests / 10; request++)
            await Send(Request(random));
        var (before, answered) = (Memory(), 0);
        for (var request = 0; request < Requests; request++)
        {
            var answer = await Send(Request(random));
            Assert.False(answer.StartsWith("HTTP/1.1 5", StringComparison.Ordinal), answer);
            answered += answer.Length > 0 ? 1 : 0;
        }
        Assert.True(answered > Requests / 2, $"{answered} of {Requests} requests were answered");
        // Other specs beside it take memory too: it is looked at where this one is run alone.
        if (Requests > Usual)
            Assert.InRange(Memory() - before, long.MinValue, 48 << 20);
        Assert.NotEmpty((await studio.Get("/models"))["models"]!.AsArray());
    }

    [Fact]
    public async Task Clients_that_send_nothing_more_hold_nobody_up()
    {
        var slow = new List<TcpClient>();
        for (var client = 0; client < 40; client++)
        {
            slow.Add(new());
            await slow[^1].ConnectAsync(IPAddress.Loopback, studio.Address.Port);
            await slow[^1].GetStream().WriteAsync(Encoding.Latin1.GetBytes(client % 2 == 0
                ? $"POST /api/samples HTTP/1.1\r\nHost: localhost:{studio.Address.Port}\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 100000\r\n\r\n{"
                : "GET / HT"));
        }
        Assert.NotEmpty((await studio.Get("/models"))["models"]!.AsArray());
        slow.ForEach(client => client.Dispose());
    }

    // And whether all of it is there that it announces.
    private (byte[] Bytes, bool IsWhole) Request(Random random)
    {
        string Any(string[] words) => words[random.Next(words.Length)];
        if (random.Next(20) == 0)
        {
            var noise = new byte[random.Next(1, 400)];
            random.NextBytes(noise);
            return (noise, false);
        }
        // A name of a recipe would begin a run, and is no hostile request.
        var body = random.Next(8) == 0 ? Any(Values) : $"{{{string.Join(',', Enumerable.Range(0, random.Next(1, 7)).Select(_ =>
            $"\"{Any(Names)}\":{(random.Next(4) == 0 ? $"{{\"{Any(Names)}\":{Any(Values)}}}" : Any(Values))}"))}}}";
        var path = Any(Paths) + (random.Next(3) == 0 ? $"?{Any(Names)}={Uri.EscapeDataString(Any(Values))}&run=%2e%2e%2f&file=..%5c" : "");
        var isWhole = random.Next(10) > 0;
        var length = isWhole ? $"{Encoding.UTF8.GetByteCount(body)}" : $"{random.NextInt64(-5, long.MaxValue)}";
        var method = random.Next(3) == 0 ? "GET" : random.Next(12) == 0 ? Any(["PUT", "X", "HEAD", "OPTIONS"]) : "POST";
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\n");
        head.Append(random.Next(15) == 0 ? "Host: evil.example\r\n" : $"Host: 127.0.0.1:{studio.Address.Port}\r\n");
        head.Append(random.Next(10) == 0 ? "" : "Content-Type: application/json\r\n");
        head.Append(random.Next(10) == 0 ? $"X-Long: {new string('y', random.Next(40_000))}\r\n" : "");
        head.Append(isWhole || random.Next(2) == 0 ? $"Content-Length: {length}\r\n" : "Transfer-Encoding: chunked\r\n");
        return (Encoding.UTF8.GetBytes($"{head}Connection: close\r\n\r\n{body}"), isWhole);
    }

    // The beginning of the answer; whoever announces more than is sent does not wait for one.
    private async Task<string> Send((byte[] Bytes, bool IsWhole) request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, studio.Address.Port);
        var stream = client.GetStream();
        try
        {
            await stream.WriteAsync(request.Bytes);
            var answer = new byte[200];
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(request.IsWhole ? 30 : 0.05));
            return Encoding.Latin1.GetString(answer, 0, await stream.ReadAsync(answer, patience.Token));
        }
        catch (OperationCanceledException) when (!request.IsWhole)
        {
            return "";
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static long Memory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
