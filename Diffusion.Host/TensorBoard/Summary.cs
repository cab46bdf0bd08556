using Diffusion.Model.Images;

namespace Diffusion.Host.TensorBoard;

/// <summary>Something TensorBoard shows at a step. A closed union.</summary>
/// <remarks>The field numbers are those of TensorFlow's messages Event and Summary (event.proto, summary.proto).</remarks>
/// <param name="Tag">What it is called; what stands before a slash groups it.</param>
public abstract record Summary(string Tag)
{
    private protected abstract void Fill(Message value);

    /// <summary>An event that holds it.</summary>
    /// <param name="time">When, in seconds since 1970.</param>
    /// <param name="step">After how many updates.</param>
    internal byte[] Event(double time, long step)
    {
        var value = new Message().Text(1, Tag);
        Fill(value);
        return new Message().Double(1, time).Whole(2, step).Nested(5, new Message().Nested(1, value)).Bytes;
    }

    /// <summary>The event that every file begins with.</summary>
    internal static byte[] Beginning(double time) => new Message().Double(1, time).Text(3, "brain.Event:2").Bytes;

    // The step of an event; those without one are of step 0.
    internal static long StepOf(ReadOnlySpan<byte> content) => Message.FindWhole(content, 2) ?? 0;

    /// <summary>A number.</summary>
    /// <param name="Tag">What it is called.</param>
    /// <param name="Value">Its value, kept in single precision.</param>
    public sealed record Scalar(string Tag, double Value) : Summary(Tag)
    {
        private protected override void Fill(Message value) => value.Single(2, (float)Value);
    }

    /// <summary>An image in colours.</summary>
    /// <param name="Tag">What it is called.</param>
    /// <param name="Size">What the file says of itself.</param>
    /// <param name="Png">The whole PNG file.</param>
    public sealed record Image(string Tag, PngNotes Size, byte[] Png) : Summary(Tag)
    {
        private const int Colours = 3;

        private protected override void Fill(Message value) =>
            value.Nested(4, new Message().Whole(1, Size.Height).Whole(2, Size.Width).Whole(3, Colours).Content(4, Png));
    }
}
