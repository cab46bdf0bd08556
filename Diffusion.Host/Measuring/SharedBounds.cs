using Diffusion.Math.Values;
using Diffusion.Model.Distributed;
using Diffusion.Model.Likelihood;

namespace Diffusion.Host.Measuring;

/// <summary>Bounds that several processes measure, each of them every so many batches: all have all of them in the end.</summary>
/// <param name="processes">The processes, which call alike.</param>
internal sealed class SharedBounds(ICommunicator processes)
{
    private const int Terms = 3;

    private readonly List<int> _lengths = [];
    private Sequence<ImageBound> _own = [];

    /// <summary>Takes the next batch.</summary>
    /// <param name="images">How many images it has.</param>
    /// <param name="later">How many come after it.</param>
    /// <param name="measure">Measures it; called where it is this process's.</param>
    /// <returns>The bounds of the last few batches in order, whenever every process has measured one; else none.</returns>
    public IReadOnlyList<ImageBound> Add(int images, int later, Func<Sequence<ImageBound>> measure)
    {
        if (_lengths.Count == processes.Rank)
            _own = measure();
        _lengths.Add(images);
        if (_lengths.Count < processes.Size && later > 0)
            return [];
        var longest = _lengths.Max() * Terms;
        var (own, all) = (new double[longest], new double[longest * processes.Size]);
        foreach (var (index, bound) in _own.Index())
            (own[Terms * index], own[Terms * index + 1], own[Terms * index + 2]) = (bound.Decoder, bound.Chain, bound.Prior);
        processes.AllGather(own, all);
        ImageBound[] bounds = [.. all.Chunk(longest).Zip(_lengths).SelectMany(rank => rank.First.Chunk(Terms).Take(rank.Second))
            .Select(terms => new ImageBound(terms[0], terms[1], terms[2]))];
        _lengths.Clear();
        _own = [];
        return bounds;
    }
}
