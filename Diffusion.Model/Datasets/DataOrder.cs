using Diffusion.Math.Values;

namespace Diffusion.Model.Datasets;

/// <summary>Which image is training example 0, 1, 2, …, without end: every epoch visits all images once, in an order of its own.</summary>
/// <remarks>
/// Example i is entry i mod Count of the permutation of epoch i / Count: a pure function of the seed and i. Batches run across the end of
/// an epoch, so that all are full and none is dropped; the number of examples seen is all that resuming has to know.
/// </remarks>
public sealed class DataOrder
{
    private readonly Seed _order;
    private readonly Seed _flips;

    // Only a memory of what was computed last; any thread may replace it.
    private EpochOrder _latest = new(-1, []);

    /// <summary>The order that follows from a run's seed.</summary>
    /// <param name="run">The run's seed.</param>
    /// <param name="count">How many images there are; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public DataOrder(Seed run, int count) => (_order, _flips, Count) = (run.For("data order"), run.For("flips"), Require.AtLeast(count, 1));

    /// <summary>How many images there are, and so the length of an epoch.</summary>
    public int Count { get; }

    /// <summary>The images that are <paramref name="length"/> examples, from number <paramref name="first"/> on.</summary>
    public int[] Images(long first, int length)
    {
        var images = new int[Require.AtLeast(length, 0)];
        Require.AtLeast(first, 0);
        for (var done = 0; done < length;)
        {
            var (epoch, index) = DivRem(first + done, Count);
            var run = Min(length - done, Count - (int)index);
            Permutation(epoch).AsSpan((int)index, run).CopyTo(images.AsSpan(done));
            done += run;
        }
        return images;
    }

    /// <summary>Whether example number <paramref name="example"/> is seen mirrored, with probability ½.</summary>
    public bool IsMirrored(long example) => (_flips.Bits(example) & 1) == 1;

    private int[] Permutation(long epoch)
    {
        var latest = _latest;
        if (latest.Epoch != epoch)
            _latest = latest = new(epoch, _order.For(epoch).Permutation(Count));
        return latest.Permutation;
    }

    private sealed record EpochOrder(long Epoch, int[] Permutation);
}
