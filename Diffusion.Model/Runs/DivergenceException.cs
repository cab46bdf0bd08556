namespace Diffusion.Model.Runs;

/// <summary>Training has left the finite numbers and does not come back. The message is one line: where, and what is left.</summary>
/// <param name="message">The line.</param>
public sealed class DivergenceException(string message) : Exception(message);
