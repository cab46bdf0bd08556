using TorchSharp;

namespace Diffusion.Host.Diagnostics;

/// <summary>Something that this program does with libtorch, small enough to be tried.</summary>
/// <param name="Name">What, for a person.</param>
/// <param name="Try">Does it on a device, and throws where it cannot or where the result is not a number.</param>
internal sealed record Probe(string Name, Action<torch.Device> Try);

/// <summary>What became of a probe. A closed union.</summary>
internal abstract record ProbeOutcome
{
    private ProbeOutcome()
    {
    }

    /// <summary>One word or more for a table.</summary>
    public abstract string Text { get; }

    /// <summary>It works.</summary>
    public sealed record Works : ProbeOutcome
    {
        /// <inheritdoc/>
        public override string Text => "ok";
    }

    /// <summary>It was refused; the program can tell a person, or do without.</summary>
    /// <param name="Reason">In one line.</param>
    public sealed record Fails(string Reason) : ProbeOutcome
    {
        /// <inheritdoc/>
        public override string Text => $"failed: {Reason}";
    }

    /// <summary>The process ended, as the linker ends it where a function is missing.</summary>
    /// <param name="Reason">What was said last, in one line.</param>
    public sealed record Ends(string Reason) : ProbeOutcome
    {
        /// <inheritdoc/>
        public override string Text => $"ends the program: {Reason}";
    }
}

/// <summary>A row of the table.</summary>
/// <param name="Name">What was tried.</param>
/// <param name="Device">Where.</param>
/// <param name="Outcome">What became of it.</param>
internal sealed record ProbeResult(string Name, string Device, ProbeOutcome Outcome);
