using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Diffusion.Host.Studio.Web;

/// <summary>Server-sent events, sent by work that goes on elsewhere. A client that does not listen holds nobody up for long.</summary>
internal sealed class EventStream
{
    private const int Buffered = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web)
    {
        // No markup is made of it: a plus sign in Base64 is one.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly Channel<SseItem<string>> _items = Channel.CreateBounded<SseItem<string>>(Buffered);
    private readonly CancellationTokenSource _leaving = new();

    private EventStream()
    {
    }

    /// <summary>Cancelled when the client goes away or does not listen.</summary>
    public CancellationToken Gone => _leaving.Token;

    /// <summary>Answers a request by the events of some work; whatever it fails with is the last one, named <c>failed</c>.</summary>
    /// <param name="work">Tells events until it is done.</param>
    /// <param name="gone">Cancelled when the client goes away.</param>
    public static ServerSentEventsResult<string> Of(Func<EventStream, Task> work, CancellationToken gone) =>
        TypedResults.ServerSentEvents(new EventStream().Items(work, gone));

    /// <summary>Sends an event that may be missed: it is dropped where the client reads too slowly, or is gone.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="content">What it holds, as JSON.</param>
    public void Mention(string name, object content) => _items.Writer.TryWrite(new(JsonSerializer.Serialize(content, Web), name));

    /// <summary>Sends an event. Waits where the client reads more slowly than events come.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="content">What it holds, as JSON.</param>
    /// <exception cref="OperationCanceledException">The client is gone, or does not listen.</exception>
    public void Tell(string name, object content)
    {
        var item = new SseItem<string>(JsonSerializer.Serialize(content, Web), name);
        while (!_items.Writer.TryWrite(item))
        {
            using var patience = new CancellationTokenSource(Patience);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _leaving.Token);
            if (!_items.Writer.WaitToWriteAsync(either.Token).AsTask().GetAwaiter().GetResult())
                throw new OperationCanceledException("Nobody listens.");
        }
    }

    private async IAsyncEnumerable<SseItem<string>> Items(
        Func<EventStream, Task> work, [EnumeratorCancellation] CancellationToken gone)
    {
        await using var registration = gone.Register(_leaving.Cancel);
        var working = Task.Run(() => Work(work), CancellationToken.None);
        try
        {
            await foreach (var item in _items.Reader.ReadAllAsync(gone))
                yield return item;
        }
        finally
        {
            await _leaving.CancelAsync();
            _items.Writer.TryComplete();
            await working;
        }
    }

    private async Task Work(Func<EventStream, Task> work)
    {
        try
        {
            await work(this);
        }
        catch (OperationCanceledException) when (_leaving.IsCancellationRequested)
        {
            // Nobody is there to receive it.
        }
        catch (Exception trouble)
        {
            _items.Writer.TryWrite(new(JsonSerializer.Serialize(new Fault(Faults.ReasonOf(trouble)), Web), "failed"));
        }
        finally
        {
            _items.Writer.TryComplete();
        }
    }
}
