using Diffusion.Model.Distributed;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Distributed;

public sealed class LaunchSpecs
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2", 2, 4, 1, 2)]
    [InlineData("PMI_RANK=0 PMI_SIZE=8 MPI_LOCALRANKID=0 MPI_LOCALNRANKS=8", 0, 8, 0, 8)]
    [InlineData("SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=6 SLURM_LOCALID=1", 5, 6, 1, 1)]
    // A step of fewer tasks than the allocation has, and one with PMIx.
    [InlineData("SLURM_NTASKS=8 SLURM_PROCID=2 SLURM_STEP_NUM_TASKS=3", 2, 3, 0, 1)]
    [InlineData("SLURM_NTASKS=2 SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=2 PMIX_RANK=1", 1, 2, 0, 1)]
    // mpirun within a batch job of SLURM, and srun --mpi=pmi2.
    [InlineData("SLURM_NTASKS=4 SLURM_PROCID=0 OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4", 3, 4, 0, 1)]
    [InlineData("SLURM_NTASKS=4 SLURM_PROCID=1 SLURM_STEP_NUM_TASKS=4 PMI_RANK=1 PMI_SIZE=4", 1, 4, 0, 1)]
    public void A_launcher_says_which_of_how_many_processes_this_is(string variables, int rank, int size, int local, int localSize)
    {
        var launch = Of(variables);
        Assert.Equal((rank, size, local, localSize), (launch.Rank, launch.Size, launch.LocalRank, launch.LocalSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1")]
    // The script of a batch job; the shell of salloc, and the one it starts as a step of its own; srun with one task.
    [InlineData("SLURM_PROCID=0 SLURM_LOCALID=0 SLURM_NTASKS=4 SLURM_NPROCS=4")]
    [InlineData("SLURM_JOB_ID=7 SLURM_NTASKS=4 SLURM_NPROCS=4 SLURM_TASKS_PER_NODE=2(x2)")]
    [InlineData("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 SLURM_NTASKS=4")]
    [InlineData("SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1 SLURM_NTASKS=1")]
    [InlineData("PMI_RANK=x PMI_SIZE=8")]
    [InlineData("PMI_RANK=8 PMI_SIZE=8")]
    public void Everything_else_is_a_process_alone(string variables)
    {
        Assert.Equal(1, Of(variables).Size);
        Assert.Same(Alone.Only, Of(variables).Connect());
    }

    [Theory]
    [InlineData(true, "expected libmpi.so.40, as in the Debian packages openmpi-bin and libopenmpi3.")]
    [InlineData(false, "expected libmpich.so.12, as in the Debian package mpich.")]
    public void A_launcher_without_a_library_of_MPI_learns_which_package_has_it(bool isOpenMpi, string expected)
    {
        var line = Assert.Throws<InputException>(() => MpiLibrary.Load(isOpenMpi, ["libmpi-nowhere.so.1", "libmpi-nowhere.so"])).Message;
        Assert.StartsWith("MPI: found a launcher that started several processes, and no MPI library", line, StringComparison.Ordinal);
        Assert.EndsWith(expected, line, StringComparison.Ordinal);
    }

    private static Launch Of(string variables)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);
        return Launch.Of(all.GetValueOrDefault);
    }
}
