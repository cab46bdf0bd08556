using Diffusion.Host.CommandLine;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>Command lines that are printed can be pasted where the program was started.</summary>
public sealed class OwnCallSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    private string Program
    {
        get
        {
            File.WriteAllText(_place["Some App/App.csproj"], "");
            var program = _place["Some App/bin/Debug/diffusion"];
            File.WriteAllText(program, "");
            return program;
        }
    }

    private static string? Nothing(string variable) => null;

    [UnixFact]
    public void A_program_on_the_path_is_called_by_its_name() => Assert.Equal("diffusion",
        new OwnCall(Program, "x.dll", "/").Text(variable => variable == "PATH" ? $"/bin:{Path.GetDirectoryName(Program)}" : null));

    [UnixFact]
    public void A_program_that_dotnet_run_started_is_started_so_again()
    {
        string? BySdk(string variable) => variable == "MSBUILDFAILONDRIVEENUMERATINGWILDCARD" ? "1" : null;
        Assert.Equal("dotnet run --project 'Some App' --", new OwnCall(Program, "x.dll", _place.Path).Text(BySdk));
        Assert.Equal("dotnet run --", new OwnCall(Program, "x.dll", Path.Combine(_place.Path, "Some App")).Text(BySdk));
    }

    [UnixFact]
    public void Another_program_is_called_by_its_path()
    {
        Assert.Equal("'Some App/bin/Debug/diffusion'", new OwnCall(Program, "x.dll", _place.Path).Text(Nothing));
        Assert.Equal("./diffusion", new OwnCall(Program, "x.dll", Path.GetDirectoryName(Program)!).Text(Nothing));
        Assert.Equal("dotnet b/diffusion.dll", new OwnCall("/usr/bin/dotnet", "/a/b/diffusion.dll", "/a").Text(Nothing));
    }
}
