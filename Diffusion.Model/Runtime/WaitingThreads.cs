using System.Runtime.InteropServices;

namespace Diffusion.Model.Runtime;

/// <summary>What threads of a tensor operation do while they wait for one another.</summary>
/// <remarks>
/// By default OpenMP's threads spin for long: they keep a core busy that a thread with work left could have. Where every thread has a core
/// of its own that costs nothing; beside another busy process it costs most of the pace, since the thread that is waited for is not the
/// one that runs. Sleeping at once has its price, too, for to wake a thread takes as long as a small operation. So they spin for some tens
/// of microseconds, from one operation to the next, and then sleep. A step of the quick network on two virtual cores of an AMD EPYC,
/// without and beside another busy process, takes 354 and 679 ms where they sleep at once, 275 and 280 ms so, and 249 and 322 ms with ten
/// times as many looks.
/// </remarks>
public static unsafe class WaitingThreads
{
    /// <summary>GCC's OpenMP: how often a waiting thread looks before it sleeps.</summary>
    public const string SpinVariable = "GOMP_SPINCOUNT";

    /// <summary>OpenMP 5.2, section 21.1.9.</summary>
    public const string PolicyVariable = "OMP_WAIT_POLICY";

    /// <summary>Looks before a waiting thread sleeps, where a person has chosen nothing.</summary>
    public const string Spins = "3000";

    /// <summary>What a person chose, or what is set where nothing was chosen.</summary>
    public static string Setting =>
        string.Join(", ", new[] { PolicyVariable, SpinVariable }.Where(IsChosen)
            .Select(name => $"{name}={Environment.GetEnvironmentVariable(name)}")
            .DefaultIfEmpty($"{SpinVariable}={Spins}"));

    /// <summary>
    /// Makes them sleep soon, unless one of the variables says otherwise. To be called before OpenMP is loaded, which reads them once.
    /// </summary>
    /// <returns>Whether a variable was set.</returns>
    public static bool LetOthersRun()
    {
        if (!OperatingSystem.IsLinux() || IsChosen(SpinVariable) || IsChosen(PolicyVariable))
            return false;
        // .NET keeps an environment of its own, of which libraries know nothing.
        if (!NativeLibrary.TryLoad("libc.so.6", out var library) || !NativeLibrary.TryGetExport(library, "setenv", out var found))
            return false;
        fixed (byte* name = Ascii(SpinVariable), value = Ascii(Spins))
            return ((delegate* unmanaged<byte*, byte*, int, int>)found)(name, value, 0) == 0;
    }

    private static bool IsChosen(string variable) => Environment.GetEnvironmentVariable(variable) is not null;

    private static byte[] Ascii(string text) => System.Text.Encoding.ASCII.GetBytes($"{text}\0");
}
