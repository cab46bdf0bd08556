using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Diffusion.Model.Runtime;

/// <summary>Which libtorch is really loaded, and whether it has all that TorchSharp's glue library was linked against.</summary>
/// <remarks>Call <see cref="LibTorch.Ensure"/> first.</remarks>
public static unsafe partial class LibTorchBuild
{
    // at::show_config(), a std::string by value. Under the Itanium ABI that is a hidden first argument.
    private const string ShowConfig = "_ZN2at11show_configB5cxx11Ev";

    // Everything that the glue asks for comes from one of these.
    private static readonly string[] Providers =
        ["libtorch_cpu.so", "libc10.so", "libtorch.so", "libstdc++.so.6", "libm.so.6", "libgcc_s.so.1", "libc.so.6",
            "ld-linux-x86-64.so.2"];

    /// <summary>What libtorch says of how it was built, over several lines; empty where it cannot be asked.</summary>
    public static string Settings { get; } = ReadSettings();

    /// <summary>Its version, such as <c>2.10.0</c> or <c>2.11.0+cu130</c>; null where it cannot be asked.</summary>
    public static string? Version { get; } =
        VersionPattern().Match(Settings) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>Whether it is the version that the glue library was built for, or cannot be told.</summary>
    public static bool IsExpected => Version is null || Version.Split('+')[0] == LibTorch.BuiltFor;

    /// <summary>
    /// Names, as linkers know them, of what the glue library needs and this libtorch lacks. Calling something that needs one of them ends
    /// the process; the rest works. Empty where everything is there, and where it cannot be told (not on Linux).
    /// </summary>
    public static IReadOnlyList<string> MissingSymbols { get; } = FindMissing();

    /// <summary>What a person should know before trusting this libtorch: in sentences, none where all is as it should be.</summary>
    public static IEnumerable<string> Concerns()
    {
        if (!IsExpected)
            yield return $"libtorch {Version} in {LibTorch.Folder} is not {LibTorch.BuiltFor}, the version TorchSharp was " +
                "built for; check it with info --probe";
        foreach (var part in LibTorch.Unloadable)
            yield return $"a part of libtorch cannot be loaded, continuing without it: {part}";
        if (MissingSymbols is { Count: > 0 } missing)
            yield return $"libtorch {Version} lacks {missing.Count} of the functions that TorchSharp calls, among them " +
                $"{SymbolName.Readable(missing[0])}; "
                + "whatever needs one ends the program";
    }

    private static string ReadSettings()
    {
        if (Open("libtorch_cpu.so") is not (not 0 and var library) || !NativeLibrary.TryGetExport(library, ShowConfig, out var found))
            return "";
        StandardString text;
        ((delegate* unmanaged<StandardString*, void>)found)(&text);
        // A few hundred bytes on libtorch's heap stay there: their owner would be libtorch's own operator delete.
        return Encoding.UTF8.GetString(text.Data, checked((int)text.Length));
    }

    private static IReadOnlyList<string> FindMissing()
    {
        if (!OperatingSystem.IsLinux() || LibTorch.GlueFile is not { } glue)
            return [];
        nint[] providers = [.. Providers.Select(Open).Where(handle => handle != 0)];
        return [.. SharedObject.NeededSymbols(glue)
            .Where(name => !providers.Any(handle => NativeLibrary.TryGetExport(handle, name, out _)))];
    }

    private static nint Open(string name)
    {
        var path = LibTorch.Folder is { } folder && Path.Combine(folder, name) is var own && File.Exists(own) ? own : name;
        return NativeLibrary.TryLoad(path, out var handle) ? handle : 0;
    }

    [GeneratedRegex(@"TORCH_VERSION=([0-9][^\s,]*)")]
    private static partial Regex VersionPattern();

    // libstdc++'s std::string: where the text is, how long it is, and room for a short one.
    [StructLayout(LayoutKind.Sequential)]
    private struct StandardString
    {
        public byte* Data;
        public nuint Length;
        public fixed byte Room[16];
    }
}
