using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Diffusion.Model.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Sampling;

/// <summary>
/// Samples that several processes draw, each a batch at a time: the batches are those of one process, and so are the images.
/// </summary>
/// <param name="processes">The processes.</param>
/// <param name="count">How many samples.</param>
/// <param name="batch">How many pass through the network at once.</param>
/// <param name="sizes">[C, H, W] of a sample.</param>
internal sealed class SharedSampling(ICommunicator processes, int count, int batch, long[] sizes)
{
    private readonly long _size = sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>What the others are asked for; see <see cref="SharedDraw"/>.</summary>
    public string Asked { get; init; } = "";

    /// <summary>How many batches are drawn at the same time as the one that begins with a sample.</summary>
    public int AtOnce(long first) => (int)Min(processes.Size, (count - first + batch - 1) / batch);

    /// <summary>On rank 0: all batches, in order.</summary>
    /// <param name="draw">Draws the batch that begins with a sample, counted from 0.</param>
    /// <exception cref="OperationCanceledException">It was stopped, here or on another rank.</exception>
    public IEnumerable<SampleBatch> Lead(Func<long, Tensor> draw)
    {
        new Order(OrderKind.Draw, count, Asked).Give(processes);
        try
        {
            for (var first = 0L; first < count; first += (long)processes.Size * batch)
            {
                new Order(OrderKind.Advance, first).Give(processes);
                foreach (var drawn in Round(first, draw))
                    yield return drawn;
            }
        }
        finally
        {
            new Order(OrderKind.Done).Give(processes);
        }
    }

    /// <summary>On the other ranks: draws until rank 0 has all it wants.</summary>
    /// <param name="draw">Draws the batch that begins with a sample, counted from 0.</param>
    public void Follow(Func<long, Tensor> draw)
    {
        while (Order.Next(processes) is { Kind: OrderKind.Advance } round)
            foreach (var _ in Round(round.Number, draw))
            {
            }
    }

    // Whatever happens to one rank, all take part in what all have to: the round ends, and only then the exception comes out.
    private IEnumerable<SampleBatch> Round(long first, Func<long, Tensor> draw)
    {
        using var scope = NewDisposeScope();
        var (own, failure) = (first + (long)processes.Rank * batch, (Exception?)null);
        var images = zeros(LengthFrom(own) * _size);
        try
        {
            if (own < count)
                images = draw(own).contiguous().flatten();
        }
        catch (Exception trouble)
        {
            failure = trouble;
        }
        var states = new double[processes.Size];
        processes.AllGather([failure is null ? 1 : 0], states);
        var all = Gathered(first, images, Array.TrueForAll(states, state => state == 1));
        if (failure is not null && (processes.Rank == 0 || failure is not OperationCanceledException))
            throw failure;
        if (processes.Rank > 0)
            return [];
        if (Array.IndexOf(states, 0.0) is > 0 and var stopped)
            throw new OperationCanceledException(
                string.Create(CultureInfo.InvariantCulture, $"rank {stopped} was stopped while it drew samples"));
        return [.. all.Index().Select(part => new SampleBatch(first + (long)part.Index * batch, part.Item.DetachFromDisposeScope()))];
    }

    private IReadOnlyList<Tensor> Gathered(long first, Tensor images, bool isWhole)
    {
        if (!isWhole)
            return [];
        long[] lengths = [.. Enumerable.Range(0, processes.Size).Select(rank => LengthFrom(first + (long)rank * batch) * _size)];
        var places = new int[processes.Size];
        for (var rank = 1; rank < places.Length; rank++)
            places[rank] = checked((int)(places[rank - 1] + lengths[rank - 1]));
        var isLeader = processes.Rank == 0;
        var all = empty(isLeader ? lengths.Sum() : 0);
        // All for rank 0.
        Part[] given = [.. places.Select((_, rank) => new Part(0, rank == 0 ? (int)images.numel() : 0))];
        Part[] taken = [.. places.Select((place, rank) => isLeader ? new Part(place, (int)lengths[rank]) : new Part(0, 0))];
        processes.AllToAll(FlatNumbers.Of(images), given, FlatNumbers.Of(all), taken);
        return isLeader
            ? [.. lengths.Index().Where(part => part.Item > 0)
                .Select(part => all.narrow(0, places[part.Index], part.Item).view([-1, .. sizes]).clone())] : [];
    }

    private long LengthFrom(long first) => Clamp(count - first, 0, batch);
}

/// <summary>What rank 0 asks the others to draw from.</summary>
/// <param name="Checkpoint">The checkpoint's folder; null for the run that they train together.</param>
/// <param name="Request">How.</param>
internal sealed record SharedDraw(string? Checkpoint, SamplingRequest Request)
{
    /// <summary>As the text of an order.</summary>
    public string ToText() => new JsonObject { ["checkpoint"] = Checkpoint, ["request"] = Request.ToJson() }.ToJsonString();

    /// <summary>What a text asks for.</summary>
    public static SharedDraw Parse(string text)
    {
        var json = JsonNode.Parse(text) ?? throw new JsonException("There is nothing.");
        return new((string?)json["checkpoint"], SamplingRequest.Parse(json["request"]!.ToJsonString()));
    }
}
