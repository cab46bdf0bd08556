using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Runtime;

/// <summary>Finds and loads the native libtorch and TorchSharp's glue to it, before the first tensor is made.</summary>
/// <remarks>
/// A program that carries its own libtorch uses that. One built without (<c>-p:TorchBackend=none</c>) uses the folder named by the
/// environment variable <see cref="FolderVariable"/>: any existing libtorch of the same version will do.
/// </remarks>
public static class LibTorch
{
    /// <summary>Environment variable naming a folder that holds libtorch, such as a Python installation's <c>torch/lib</c>.</summary>
    public const string FolderVariable = "DIFFUSION_LIBTORCH";

    /// <summary>The libtorch version that the glue library was compiled against.</summary>
    public const string BuiltFor = "2.10.0";

    private const string Core = "torch_cpu";
    private const string Glue = "LibTorchSharp";

    // In the order of their dependencies: with these loaded, the glue needs no search path of its own.
    private static readonly string[] Preloads =
        ["libgomp-98b21ff3.so.1", "libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    // Elf64_Vernaux of GLIBCXX_3.4.32: vna_hash, then vna_flags = 0. No symbol that is called needs that version, so it may be weak.
    private static readonly byte[] StrongReference = [0x42, 0xF8, 0x97, 0x02, 0x00, 0x00];
    private const byte Weak = 2;

    // Asked for by whoever wants the failure in words, and by .NET: loaded once.
    private static readonly ConcurrentDictionary<string, nint> Weakened = [];

    /// <summary>The folder that libtorch is loaded from, or null where none is found (the platform's own search then decides).</summary>
    public static string? Folder { get; } = SearchFolders().FirstOrDefault(folder => File.Exists(Path.Combine(folder, "libtorch_cpu.so")));

    /// <summary>The file of TorchSharp's glue to libtorch, or null where none is found.</summary>
    public static string? GlueFile { get; } =
        SearchFolders().Select(folder => Path.Combine(folder, $"lib{Glue}.so")).FirstOrDefault(File.Exists);

    /// <summary>
    /// Parts of libtorch that are there and cannot be loaded, each with the loader's reason: without those for CUDA there is only the CPU.
    /// </summary>
    public static IReadOnlyList<string> Unloadable { get; private set; } = [];

    /// <summary>Loads both, or says in one line why not. To be called before the first tensor by whoever wants that line.</summary>
    /// <exception cref="InputException">There is no libtorch, or one that the glue cannot be linked to.</exception>
    public static void Ensure()
    {
        if (!OperatingSystem.IsLinux())
            return;
        if (Folder is null)
            throw new InputException(FolderVariable, Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } named
                ? $"no libtorch_cpu.so in {named}" : "nothing, and there is no libtorch beside the program",
                $"a folder that holds libtorch {BuiltFor}, such as a Python installation's torch/lib");
        Preload();
        try
        {
            if (GlueFile is not null)
                LoadGlue(GlueFile);
        }
        catch (DllNotFoundException mismatch)
        {
            throw new InputException(Folder, SymbolName.MissingIn(mismatch.Message) is { } symbol ? $"a libtorch without {symbol}"
                : $"a libtorch that cannot be loaded ({LoadersWord(mismatch)})",
                $"libtorch {BuiltFor}, which TorchSharp was built for", mismatch);
        }
    }

    // TorchSharp probes with NativeLibrary.TryLoad, which consults this event but no DllImportResolver; the event comes only after
    // the ordinary search has failed, so a glue library that loads as shipped is used as shipped. A libtorch of the system's own would be
    // found by that search, too: one that was asked for by name has to be there before it.
#pragma warning disable CA2255 // Must be in place before any TorchSharp type is touched, whatever the program.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Install()
    {
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += Resolve;
        if (!IsChosen)
            return;
        AppDomain.CurrentDomain.AssemblyLoad += (_, loaded) =>
        {
            if (loaded.LoadedAssembly.GetName().Name == nameof(TorchSharp))
                Preload();
        };
        if (AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == nameof(TorchSharp)))
            Preload();
    }

    private static bool IsChosen =>
        OperatingSystem.IsLinux() && Folder is not null && Folder == Environment.GetEnvironmentVariable(FolderVariable);

    private static void Preload()
    {
        WaitingThreads.LetOthersRun();
        if (Folder is not null)
            Unloadable = [.. Refused(Preloads.Select(file => Path.Combine(Folder, file)).Where(File.Exists))];
    }

    /// <summary>Loads libraries in turn; of each that the loader refuses, its reason.</summary>
    internal static IEnumerable<string> Refused(IEnumerable<string> files)
    {
        foreach (var file in files)
            if (Refusal(file) is { } reason)
                yield return reason;
    }

    private static string? Refusal(string file)
    {
        try
        {
            NativeLibrary.Load(file);
            return null;
        }
        catch (Exception refusal) when (refusal is DllNotFoundException or BadImageFormatException)
        {
            var reason = LoadersWord(refusal);
            return reason.Contains(file, StringComparison.Ordinal) ? reason : $"{file}: {reason}";
        }
    }

    // Advice for developers comes first, what the loader said last.
    private static string LoadersWord(Exception refusal) =>
        refusal.Message.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)[^1];

    private static nint Resolve(Assembly assembly, string name)
    {
        if (!OperatingSystem.IsLinux() || assembly != typeof(torch).Assembly || name is not (Core or Glue))
            return 0;
        Preload();
        if (name == Core)
            return Folder is not null && NativeLibrary.TryLoad(Path.Combine(Folder, "libtorch_cpu.so"), out var core) ? core : 0;
        return GlueFile is null ? 0 : LoadGlue(GlueFile);
    }

    private static IEnumerable<string> SearchFolders()
    {
        yield return AppContext.BaseDirectory;
        if (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") is string native)
            foreach (var folder in native.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
                yield return folder;
        if (Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } chosen)
            yield return chosen;
    }

    /// <summary>The function that says where the numbers of a tensor are, on whatever device; null where there is no glue.</summary>
    internal static nint? DataOf =>
        GlueFile is { } glue && NativeLibrary.TryGetExport(LoadGlue(glue), "THSTensor_data", out var found) ? found : null;

    private static nint LoadGlue(string file) =>
        NativeLibrary.TryLoad(file, out var handle) ? handle : Weakened.GetOrAdd(file, LoadWeakened);

    // On systems whose C++ runtime is older than GCC 13 the loader refuses the glue for that one version name.
    private static nint LoadWeakened(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var at = bytes.AsSpan().IndexOf(StrongReference);
        if (at >= 0)
            bytes[at + 4] = Weak;
        return TransientLibrary.Load(bytes, Glue);
    }
}
