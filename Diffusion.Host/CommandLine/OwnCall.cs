using Diffusion.Model.Runs;

namespace Diffusion.Host.CommandLine;

/// <summary>How the program was started: what a person writes before a command to start it so again.</summary>
/// <param name="Process">The process's executable.</param>
/// <param name="Assembly">The program's own file, a .dll.</param>
/// <param name="Folder">The current folder.</param>
internal sealed record OwnCall(string Process, string Assembly, string Folder)
{
    // What the SDK sets for MSBuild, and dotnet run leaves to the program.
    private const string SdkMark = "MSBUILDFAILONDRIVEENUMERATINGWILDCARD";

    /// <summary>That of this process.</summary>
    public static string OfThisProcess() => new OwnCall(
        Environment.ProcessPath ?? "", Path.Combine(AppContext.BaseDirectory, $"{ResumeLine.Program}.dll"), Environment.CurrentDirectory)
        .Text(Environment.GetEnvironmentVariable);

    /// <summary>The words, as a shell takes them.</summary>
    /// <param name="variable">The value of an environment variable, or null.</param>
    public string Text(Func<string, string?> variable)
    {
        if (Process.Length == 0 || IsOnPath(variable("PATH") ?? ""))
            return ResumeLine.Program;
        if (Path.GetFileNameWithoutExtension(Process) == "dotnet")
            return $"dotnet {ResumeLine.Quoted(Near(Assembly))}";
        if (variable(SdkMark) is not null && Project() is { } project)
            return Near(project) is "." ? "dotnet run --" : $"dotnet run --project {ResumeLine.Quoted(Near(project))} --";
        return ResumeLine.Quoted(Near(Process) is var near && near.Contains(Path.DirectorySeparatorChar) ? near : $"./{near}");
    }

    private bool IsOnPath(string path) => Path.GetFileNameWithoutExtension(Process) == ResumeLine.Program
        && path.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(folder =>
            File.Exists(Path.Combine(folder, Path.GetFileName(Process)))) is { } first
        && Path.GetFullPath(first).TrimEnd(Path.DirectorySeparatorChar) == Path.GetDirectoryName(Process);

    // The nearest folder above the program that holds a project.
    private string? Project()
    {
        for (var folder = Path.GetDirectoryName(Process); folder is not null; folder = Path.GetDirectoryName(folder))
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.csproj").Any())
                return folder;
        return null;
    }

    // From the current folder, unless that is the longer way.
    private string Near(string path) => Path.GetRelativePath(Folder, path) is var near && near.Length < path.Length ? near : path;
}
