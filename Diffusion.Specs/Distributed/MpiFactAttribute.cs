namespace Diffusion.Specs.Distributed;

/// <summary>A fact about several processes, which a launcher of MPI starts.</summary>
/// <remarks>The environment variable <c>DIFFUSION_MPIRUN</c> names another one than Open MPI's, with its options.</remarks>
public sealed class MpiFactAttribute : FactAttribute
{
    private const string OpenMpi = "mpirun.openmpi";

    /// <summary>Skips where there is none.</summary>
    public MpiFactAttribute() => Skip = Launcher is null ? "There is no mpirun here: apt-get install openmpi-bin." : null;

    /// <summary>The launcher and its options; null where there is none.</summary>
    public static string? Launcher { get; } = Environment.GetEnvironmentVariable("DIFFUSION_MPIRUN") is { Length: > 0 } named ? named
        : IsOnPath(OpenMpi) ? $"{OpenMpi} --allow-run-as-root --oversubscribe --mca btl_base_warn_component_unused 0" : null;

    private static bool IsOnPath(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));
}
