using System.Globalization;
using Diffusion.Model.Files;

namespace Diffusion.Model.Distributed;

/// <summary>How this process was started: by itself, or by a launcher as one of several.</summary>
/// <param name="Rank">Its number.</param>
/// <param name="Size">How many there are.</param>
/// <param name="LocalRank">Its number among those of the same machine.</param>
/// <param name="LocalSize">How many there are on the same machine; 1 where the launcher does not say.</param>
public sealed record Launch(int Rank, int Size, int LocalRank, int LocalSize)
{
    // mpirun of Open MPI; that of MPICH and its kin, by the protocol PMI; srun of SLURM, where a step has its own count of tasks.
    private static readonly (string Rank, string Size, string Local, string LocalSize)[] Variables =
    [
        ("OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_LOCAL_RANK", "OMPI_COMM_WORLD_LOCAL_SIZE"),
        ("PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
        ("SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "SLURM_NTASKS_PER_NODE"),
    ];

    /// <summary>How this process was started.</summary>
    public static Launch OfThisProcess { get; } = Of(Environment.GetEnvironmentVariable);

    /// <summary>Open MPI's launcher, or one that speaks its protocol, PMIx.</summary>
    internal bool IsOpenMpi { get; private init; }

    /// <summary>What a launcher says of this process in its environment.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    public static Launch Of(Func<string, string?> variable)
    {
        foreach (var names in Variables)
            if (Number(variable(names.Rank)) is { } rank && Number(variable(names.Size)) is > 1 and var size && rank < size)
                return new(rank, size, Number(variable(names.Local)) ?? 0, Max(1, Number(variable(names.LocalSize)) ?? 1))
                {
                    IsOpenMpi = variable("PMIX_RANK") is not null,
                };
        return new(0, 1, 0, 1);
    }

    /// <summary>The processes that were started together.</summary>
    /// <returns>This process alone, where it is the only one.</returns>
    /// <exception cref="InputException">There are several, and no library of MPI that knows of them.</exception>
    public ICommunicator Connect() => Size == 1 ? Alone.Only : Mpi.Of(this);

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
