using System.Buffers.Binary;
using System.Text;

namespace Diffusion.Model.Distributed;

/// <summary>What rank 0 has the others do next.</summary>
/// <param name="Kind">The task.</param>
/// <param name="Number">A number that belongs to it.</param>
/// <param name="Text">A text that belongs to it.</param>
public sealed record Order(OrderKind Kind, long Number = 0, string Text = "")
{
    private const int HeaderLength = 24;

    /// <summary>Sent by rank 0; the others wait for it in <see cref="Next"/>. A process alone sends it to nobody.</summary>
    /// <param name="processes">The processes.</param>
    public void Give(ICommunicator processes)
    {
        if (!processes.HasFollowers())
            return;
        var text = Encoding.UTF8.GetBytes(Text);
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteInt64LittleEndian(header, (long)Kind);
        BinaryPrimitives.WriteInt64LittleEndian(header[8..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(header[16..], text.Length);
        processes.Broadcast(header);
        if (text.Length > 0)
            processes.Broadcast(text);
    }

    /// <summary>Waits for the next order of rank 0.</summary>
    /// <param name="processes">The processes.</param>
    public static Order Next(ICommunicator processes)
    {
        Span<byte> header = stackalloc byte[HeaderLength];
        processes.Broadcast(header);
        var text = new byte[BinaryPrimitives.ReadInt64LittleEndian(header[16..])];
        if (text.Length > 0)
            processes.Broadcast(text);
        return new(
            (OrderKind)BinaryPrimitives.ReadInt64LittleEndian(header), BinaryPrimitives.ReadInt64LittleEndian(header[8..]),
            Encoding.UTF8.GetString(text));
    }
}

/// <summary>The tasks that rank 0 divides.</summary>
public enum OrderKind
{
    /// <summary>Rank 0 is done; so is everyone.</summary>
    End,

    /// <summary>Make ready a device, by the text, and so many threads.</summary>
    Prepare,

    /// <summary>Open the images of the recipe in the text.</summary>
    Images,

    /// <summary>Begin a training run by the recipe of the text, whose weights come next, and carry it until <see cref="Done"/>.</summary>
    Train,

    /// <summary>Make an update.</summary>
    Advance,

    /// <summary>Go on by the renewed recipe of the text.</summary>
    Renew,

    /// <summary>Put the parts of a vector of the run's state together; the number says of which.</summary>
    Gather,

    /// <summary>Take a part of a vector of the run's state; the number says of which.</summary>
    Scatter,

    /// <summary>Take the run's counters.</summary>
    Counters,

    /// <summary>Say whether the own part of the run's state is finite.</summary>
    Finite,

    /// <summary>Put an average of the weights into the network until <see cref="Done"/>; the number says which.</summary>
    Average,

    /// <summary>Draw a share of so many samples as the text asks for, batch by batch, until <see cref="Done"/>.</summary>
    Draw,

    /// <summary>Exchange messages of so many numbers, for the time they take.</summary>
    Messages,

    /// <summary>What was begun last is done.</summary>
    Done,
}
