using System.Diagnostics;

namespace Diffusion.Model.Distributed;

/// <summary>How long messages between the processes take.</summary>
public static class MessageTrial
{
    private const int Rounds = 41;

    /// <summary>The median time of an exchange in which every rank sends so many numbers to every other one.</summary>
    /// <param name="processes">The processes; the others follow rank 0, which asks.</param>
    /// <param name="numbers">float32 numbers; 0 for the time that a message takes however short it is.</param>
    public static TimeSpan Median(ICommunicator processes, int numbers)
    {
        ArgumentNullException.ThrowIfNull(processes);
        new Order(OrderKind.Messages, numbers).Give(processes);
        return Measured(processes, numbers);
    }

    internal static TimeSpan Measured(ICommunicator processes, int numbers)
    {
        var (from, into) = (new float[numbers * processes.Size], new float[numbers * processes.Size]);
        Part[] parts = [.. Enumerable.Range(0, processes.Size).Select(rank => new Part(rank * numbers, numbers))];
        var (all, times) = (new double[processes.Size], new TimeSpan[Rounds]);
        for (var round = 0; round < Rounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            if (numbers == 0)
                processes.AllGather([0], all);
            else
                processes.AllToAll(from, parts, into, parts);
            times[round] = Stopwatch.GetElapsedTime(start);
        }
        return times.Order().ElementAt(Rounds / 2);
    }
}
