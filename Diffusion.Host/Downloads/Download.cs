using Diffusion.Math.Values;

namespace Diffusion.Host.Downloads;

/// <summary>A file that can be had from the network.</summary>
/// <param name="FileName">Its name in the cache.</param>
/// <param name="Mirrors">Where it is published, in the order in which to try.</param>
/// <param name="Hash">What makes it the right file, wherever it came from.</param>
/// <param name="AtMost">Bytes; an answer longer than this is not the file.</param>
public sealed record Download(string FileName, Sequence<Uri> Mirrors, FileHash Hash, long AtMost);
