namespace Diffusion.Model.Distributed;

/// <summary>
/// The processes that this flow of control works with: what MPI calls the world. One process alone where nobody joined others.
/// </summary>
/// <remarks>
/// Rank 0 leads: it does what was asked for, and tells the others, by <see cref="Order"/>, what they have to do in between. They follow.
/// </remarks>
public static class World
{
    private static readonly AsyncLocal<ICommunicator?> Joined = new();

    /// <summary>The processes.</summary>
    public static ICommunicator Current => Joined.Value ?? Alone.Only;

    /// <summary>From here on this flow of control works with others.</summary>
    /// <param name="processes">The processes; they stay the caller's.</param>
    public static void Join(ICommunicator processes) => Joined.Value = processes;

    /// <summary>Whether there are others that wait for orders.</summary>
    public static bool HasFollowers(this ICommunicator processes) => processes.Size > 1 && processes.Rank == 0;
}
