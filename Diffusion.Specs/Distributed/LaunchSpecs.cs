using Diffusion.Model.Distributed;

namespace Diffusion.Specs.Distributed;

public sealed class LaunchSpecs
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_RANK=2 OMPI_COMM_WORLD_SIZE=4 OMPI_COMM_WORLD_LOCAL_RANK=1 OMPI_COMM_WORLD_LOCAL_SIZE=2", 2, 4, 1, 2)]
    [InlineData("PMI_RANK=0 PMI_SIZE=8 MPI_LOCALRANKID=0 MPI_LOCALNRANKS=8", 0, 8, 0, 8)]
    [InlineData("SLURM_PROCID=5 SLURM_STEP_NUM_TASKS=6 SLURM_LOCALID=1", 5, 6, 1, 1)]
    public void A_launcher_says_which_of_how_many_processes_this_is(string variables, int rank, int size, int local, int localSize)
    {
        var launch = Of(variables);
        Assert.Equal((rank, size, local, localSize), (launch.Rank, launch.Size, launch.LocalRank, launch.LocalSize));
    }

    [Theory]
    [InlineData("")]
    [InlineData("OMPI_COMM_WORLD_RANK=0 OMPI_COMM_WORLD_SIZE=1")]
    [InlineData("SLURM_PROCID=0 SLURM_NTASKS=4")]
    [InlineData("PMI_RANK=x PMI_SIZE=8")]
    [InlineData("PMI_RANK=8 PMI_SIZE=8")]
    public void Everything_else_is_a_process_alone(string variables)
    {
        Assert.Equal(1, Of(variables).Size);
        Assert.Same(Alone.Only, Of(variables).Connect());
    }

    private static Launch Of(string variables)
    {
        var all = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => one.Split('='))
            .ToDictionary(one => one[0], one => one[1]);
        return Launch.Of(all.GetValueOrDefault);
    }
}
