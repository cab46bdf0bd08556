using System.Runtime.InteropServices;
using System.Text;
using Diffusion.Model.Files;

namespace Diffusion.Model.Distributed;

/// <summary>The functions and handles of the MPI library of this system, Open MPI or one of MPICH's kin.</summary>
/// <remarks>
/// The standard fixes the functions and not the handles: in Open MPI they are addresses of exported objects, in MPICH integers that its
/// mpi.h names. Either fits a register, so that both are called the same way.
/// </remarks>
internal sealed unsafe class MpiLibrary
{
    private const string OpenMpiWorld = "ompi_mpi_comm_world";
    private const int LongestVersion = 8192;

    private static readonly string[] OpenMpiFiles = ["libmpi.so.40", "libmpi.so", "libmpi.40.dylib"];
    private static readonly string[] MpichFiles = ["libmpich.so.12", "libmpi.so.12", "libmpich.so", "libmpi.12.dylib"];

    private readonly nint _library;

    private MpiLibrary(nint library)
    {
        _library = library;
        var isOpenMpi = NativeLibrary.TryGetExport(library, OpenMpiWorld, out var world);
        Launcher = isOpenMpi ? "mpirun.openmpi" : "mpirun.mpich";
        (World, Byte, Float) = isOpenMpi
            ? (world, NativeLibrary.GetExport(library, "ompi_mpi_byte"), NativeLibrary.GetExport(library, "ompi_mpi_float"))
            : (0x44000000, 0x4c00010d, 0x4c00040a);
        InPlace = isOpenMpi ? (void*)1 : (void*)-1;
        NoStatus = isOpenMpi ? null : (void*)1;
        Name = isOpenMpi ? "Open MPI" : "MPICH";
        InitThread = (delegate* unmanaged<void*, void*, int, int*, int>)Find("MPI_Init_thread");
        Finalise = (delegate* unmanaged<int>)Find("MPI_Finalize");
        Abort = (delegate* unmanaged<nint, int, int>)Find("MPI_Abort");
        CommRank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
        CommSize = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
        Barrier = (delegate* unmanaged<nint, int>)Find("MPI_Barrier");
        Broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)Find("MPI_Bcast");
        BroadcastBegin = (delegate* unmanaged<void*, int, nint, int, nint, nint*, int>)Find("MPI_Ibcast");
        Test = (delegate* unmanaged<nint*, int*, void*, int>)Find("MPI_Test");
        AllGather = (delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int>)Find("MPI_Allgather");
        AllGatherV = (delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, int>)Find("MPI_Allgatherv");
        AllToAllV = (delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, int>)Find("MPI_Alltoallv");
        Name = VersionOf((delegate* unmanaged<byte*, int*, int>)Find("MPI_Get_library_version"), Name);
    }

    public string Name { get; }

    public string Launcher { get; }

    public nint World { get; }

    public nint Byte { get; }

    public nint Float { get; }

    public void* InPlace { get; }

    public void* NoStatus { get; }

    public delegate* unmanaged<void*, void*, int, int*, int> InitThread { get; }

    public delegate* unmanaged<int> Finalise { get; }

    public delegate* unmanaged<nint, int, int> Abort { get; }

    public delegate* unmanaged<nint, int*, int> CommRank { get; }

    public delegate* unmanaged<nint, int*, int> CommSize { get; }

    public delegate* unmanaged<nint, int> Barrier { get; }

    public delegate* unmanaged<void*, int, nint, int, nint, int> Broadcast { get; }

    public delegate* unmanaged<void*, int, nint, int, nint, nint*, int> BroadcastBegin { get; }

    public delegate* unmanaged<nint*, int*, void*, int> Test { get; }

    public delegate* unmanaged<void*, int, nint, void*, int, nint, nint, int> AllGather { get; }

    public delegate* unmanaged<void*, int, nint, void*, int*, int*, nint, nint, int> AllGatherV { get; }

    public delegate* unmanaged<void*, int*, int*, nint, void*, int*, int*, nint, nint, int> AllToAllV { get; }

    /// <summary>Loads the library that a launcher is likely to be of, or the other one.</summary>
    /// <param name="isOpenMpi">Whether that is Open MPI.</param>
    /// <exception cref="InputException">There is none.</exception>
    public static MpiLibrary Load(bool isOpenMpi) => Load(isOpenMpi,
        isOpenMpi ? OpenMpiFiles.Concat(MpichFiles) : MpichFiles.Concat(OpenMpiFiles));

    /// <summary>Loads the first of the files that is there.</summary>
    /// <param name="isOpenMpi">Whether Open MPI's is looked for.</param>
    /// <param name="files">Names of libraries.</param>
    /// <exception cref="InputException">There is none.</exception>
    internal static MpiLibrary Load(bool isOpenMpi, IEnumerable<string> files)
    {
        foreach (var name in files)
            if (NativeLibrary.TryLoad(name, out var library))
                return new(library);
        throw new InputException(
            "MPI", "a launcher that started several processes, and no MPI library to connect them",
            isOpenMpi ? "libmpi.so.40, as in the Debian packages openmpi-bin and libopenmpi3"
                : "libmpich.so.12, as in the Debian package mpich");
    }

    /// <summary>Throws where a function reports an error; with the library's own handler, it has ended the process before.</summary>
    public void Check(int code)
    {
        if (code != 0)
            throw new IOException($"{Name} reports error {code}.");
    }

    private nint Find(string function) => NativeLibrary.TryGetExport(_library, function, out var found) ? found
        : throw new InputException("MPI", $"a library without {function}", "Open MPI 3 or later, or MPICH 3 or later");

    // "Open MPI v4.1.4, package: …" on one line; "MPICH Version: 4.0.2" on the first of many.
    private static string VersionOf(delegate* unmanaged<byte*, int*, int> read, string name)
    {
        Span<byte> text = stackalloc byte[LongestVersion];
        var length = 0;
        fixed (byte* at = text)
            if (read(at, &length) != 0)
                return name;
        var words = Encoding.ASCII.GetString(text[..Clamp(length, 0, LongestVersion)]).Split(['\n', ',', '\0'])[0];
        return string.Join(' ', words.Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries));
    }
}
