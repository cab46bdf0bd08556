namespace Diffusion.Model.Files;

/// <summary>What a reader may still allocate for what a file describes, so that a small file cannot fill the memory.</summary>
/// <remarks>
/// Half of the rule that reading a file allocates no more than twice its size and 16 MiB: descriptions get the file's size and
/// 8 MiB, the data itself gets the rest. No file that a program saves for its data comes near it.
/// </remarks>
internal sealed class ReadBudget(FileBytes file)
{
    private const long Allowance = 8 << 20;
    private long _left = file.Length + Allowance;

    /// <summary>Takes <paramref name="bytes"/> for what is described at <paramref name="offset"/>.</summary>
    /// <exception cref="InvalidFileException">The budget is spent.</exception>
    public void Charge(long bytes, long offset)
    {
        _left -= bytes;
        if (_left < 0)
            throw file.Invalid(offset, $"the file describes more than fits into {file.Length + Allowance} bytes of memory");
    }
}
