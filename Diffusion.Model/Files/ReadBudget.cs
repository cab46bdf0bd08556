namespace Diffusion.Model.Files;

/// <summary>The memory that reading a file may take: twice its size and 16 MiB, so that a small file cannot fill the memory.</summary>
/// <remarks>Readers charge what they allocate for descriptions as they go, and all tensors of a file before the first is loaded.
/// No file that a program saves for its data comes near the limit, unless it is compressed: arrays that are may take what memory there
/// is, since an image of one colour shrinks a thousandfold, and that is as far as deflate goes.</remarks>
/// <param name="file">The file.</param>
/// <param name="memory">Bytes that arrays which are compressed may take together.</param>
internal sealed class ReadBudget(FileBytes file, long memory)
{
    /// <summary>For a file on this machine.</summary>
    public ReadBudget(FileBytes file)
        : this(file, MachineMemory.Available)
    {
    }

    // One of the 16 MiB is for what is not worth counting.
    private const long Allowance = 15 << 20;

    private long _left = 2 * file.Length + Allowance;
    private long _memory = memory;

    /// <summary>The whole budget, in bytes.</summary>
    public long Total { get; } = 2 * file.Length + Allowance;

    /// <summary>Takes <paramref name="bytes"/> for what is described at <paramref name="offset"/>.</summary>
    /// <exception cref="InvalidFileException">The budget is spent.</exception>
    public void Charge(long bytes, long offset) => Charge(bytes, 1, offset);

    /// <summary>Takes <paramref name="count"/> times <paramref name="bytes"/>, 1 or more, for what is described there.</summary>
    /// <exception cref="InvalidFileException">The budget is spent.</exception>
    public void Charge(long count, long bytes, long offset)
    {
        if (count > _left / bytes)
            throw file.Invalid(offset, $"from here on, the {file.Length} bytes of this file would take more than {Total} bytes of memory");
        _left -= count * bytes;
    }

    /// <summary>Takes <paramref name="count"/> times <paramref name="bytes"/> of memory for what is unpacked from there.</summary>
    /// <exception cref="InvalidFileException">There is not as much.</exception>
    public void ChargeUnpacked(long count, long bytes, long offset)
    {
        if (count > _memory / bytes)
            throw file.Invalid(offset, $"unpacking would take more than the {_memory} bytes of memory that are left");
        _memory -= count * bytes;
    }

    /// <summary>Adds to a list, and charges what that takes.</summary>
    /// <exception cref="InvalidFileException">The budget is spent.</exception>
    public void Add<T>(List<T> list, T item, long offset)
    {
        // A full list doubles. Two references are the most that one item is here, and the array itself takes as much as two items.
        if (list.Count == list.Capacity)
            Charge(2 + Max(4, 2L * list.Capacity), 2 * sizeof(long), offset);
        list.Add(item);
    }
}
