using Diffusion.Model.Distributed;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>The flat vectors of a run's state, of which each process has the part of its own weights. All of it is collective.</summary>
/// <remarks>Rank 0 tells the others what it asks for; they then call the same.</remarks>
/// <param name="arena">The weights, which every process has.</param>
/// <param name="optimiser">The own part of moments and averages.</param>
/// <param name="sharding">Who has what.</param>
internal sealed class SharedState(ParameterArena arena, Optimiser optimiser, Sharding sharding) : IDisposable
{
    /// <summary>Among whom.</summary>
    public ICommunicator Processes => sharding.Processes;

    /// <summary>A vector as a whole: the run's own where there is one process, else a new one. The caller disposes of it.</summary>
    public Tensor Whole(StateVector vector)
    {
        new Order(OrderKind.Gather, vector.Number).Give(Processes);
        return Gathered(vector);
    }

    /// <summary>The same where the others know of it already.</summary>
    public Tensor Gathered(StateVector vector)
    {
        var part = Of(vector);
        if (Processes.Size == 1 || vector == StateVector.Weights)
            return part.alias();
        using var guard = no_grad();
        var whole = arena.NewFlat();
        using var own = Own(whole);
        own.copy_(part);
        FlatVector.Complete(whole, sharding);
        return whole;
    }

    /// <summary>Replaces a vector.</summary>
    /// <param name="vector">Which one.</param>
    /// <param name="fill">Puts the new numbers into a vector as a whole; on rank 0 alone.</param>
    public void Replace(StateVector vector, Action<Tensor> fill)
    {
        new Order(OrderKind.Scatter, vector.Number).Give(Processes);
        using var guard = no_grad();
        if (Processes.Size == 1)
        {
            fill(Of(vector));
            return;
        }
        using var whole = vector == StateVector.Weights ? arena.Values.alias() : arena.NewFlat();
        if (Processes.Rank == 0)
            fill(whole);
        FlatVector.Broadcast(whole, Processes);
        if (vector != StateVector.Weights)
        {
            using var own = Own(whole);
            Of(vector).copy_(own);
        }
    }

    /// <summary>Gives small tensors of rank 0 to all.</summary>
    public void Share(IEnumerable<Tensor> counters)
    {
        using var scope = NewDisposeScope();
        using var guard = no_grad();
        foreach (var counter in counters)
        {
            var row = counter.reshape(1, -1).flatten().cpu();
            FlatVector.Broadcast(row, Processes);
            counter.copy_(row.view(counter.shape));
        }
    }

    /// <summary>Whether weights, moments and averages are finite.</summary>
    public bool AreFinite()
    {
        new Order(OrderKind.Finite).Give(Processes);
        using var scope = NewDisposeScope();
        var isFinite = optimiser.Ema.Append(arena.Values).Append(optimiser.State.FirstMoment).Append(optimiser.State.SecondMoment)
            .All(numbers => numbers.isfinite().all().item<bool>());
        var all = new double[Processes.Size];
        Processes.AllGather([isFinite ? 1 : 0], all);
        return Array.TrueForAll(all, one => one == 1);
    }

    /// <summary>Ends the connections between the GPUs.</summary>
    public void Dispose() => sharding.Dispose();

    private Tensor Of(StateVector vector) => vector.Number switch
    {
        0 => arena.Values,
        1 => optimiser.State.FirstMoment,
        2 => optimiser.State.SecondMoment,
        var number => optimiser.Ema[number - StateVector.OtherThanEma],
    };

    private Tensor Own(Tensor whole) => whole.narrow(0, sharding.Own.First, sharding.Own.Length);
}

/// <summary>A flat vector of a run's state.</summary>
/// <param name="Number">Which one.</param>
internal readonly record struct StateVector(int Number)
{
    /// <summary>How many there are beside the averages.</summary>
    public const int OtherThanEma = 3;

    /// <summary>The weights.</summary>
    public static StateVector Weights => new(0);

    /// <summary>Adam's average of the gradients, or the momentum.</summary>
    public static StateVector FirstMoment => new(1);

    /// <summary>Adam's average of the squared gradients.</summary>
    public static StateVector SecondMoment => new(2);

    /// <summary>An average of the weights.</summary>
    public static StateVector Ema(int index) => new(OtherThanEma + index);
}
