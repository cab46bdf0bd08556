using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Studio;
using Diffusion.Host.Studio.Web;
using Diffusion.Specs.Data;
using PuppeteerSharp;

namespace Diffusion.Specs.Studio;

/// <summary>A studio that listens at a port of its own, for all specs of the studio, and a folder of runs.</summary>
public sealed class StudioFixture : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly StudioServer _server;
    private Task<IBrowser>? _browser;

    public StudioFixture()
    {
        Runs = Path.Combine(_place.Path, "runs");
        Directory.CreateDirectory(Runs);
        File.WriteAllText(_place["secret.txt"], "secret");
        _server = Start(new());
        Client = new() { BaseAddress = new(_server.Address), Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>The folder of runs; a file secret.txt lies beside it.</summary>
    public string Runs { get; }

    /// <summary>What a browser is given.</summary>
    public Uri Address => Client.BaseAddress!;

    public HttpClient Client { get; }

    /// <summary>What the studio has said.</summary>
    public StringWriter Said { get; } = new();

    /// <summary>Another studio over the same runs.</summary>
    internal StudioServer Start(StudioOptions options) => StudioServer.Start(
        options with
        {
            Port = 0, Runs = options.Runs == StudioOptions.UsualRuns ? Runs : options.Runs, Device = DeviceChoice.Cpu, Threads = 1,
        },
        new(new(TextWriter.Null, TextWriter.Synchronized(Said), Display.Plain), Verbosity.Verbose, ResultForm.Text, _stopping.Token));

    /// <summary>The browser, started by the first spec that needs it.</summary>
    public Task<IBrowser> Browser() => _browser ??= Puppeteer.LaunchAsync(new()
    {
        ExecutablePath = BrowserFactAttribute.Program, Headless = true, Args = ["--no-sandbox", "--disable-gpu"],
    });

    /// <summary>The answer of the API.</summary>
    public async Task<JsonNode> Get(string path) => (await Client.GetFromJsonAsync<JsonNode>($"api{path}"))!;

    /// <summary>The events that the API answers a request with.</summary>
    public async Task<List<(string Name, JsonNode Content)>> Events(string path, object body)
    {
        using var answer = await Client.PostAsJsonAsync($"api{path}", body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var events = new List<(string, JsonNode)>();
        await foreach (var item in System.Net.ServerSentEvents.SseParser.Create(await answer.Content.ReadAsStreamAsync()).EnumerateAsync())
            events.Add((item.EventType, JsonNode.Parse(item.Data)!));
        return events;
    }

    public void Dispose()
    {
        _browser?.GetAwaiter().GetResult().Dispose();
        _stopping.Cancel();
        Client.Dispose();
        _server.Dispose();
        _place.Dispose();
        _stopping.Dispose();
    }
}

/// <summary>The specs that share it.</summary>
[CollectionDefinition(Name)]
public sealed class StudioCollection : ICollectionFixture<StudioFixture>
{
    public const string Name = "studio";
}
