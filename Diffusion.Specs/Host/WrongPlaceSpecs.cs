using System.IO.Compression;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>Every command at places that hold nothing it can use: a line that names the place once, and what to do.</summary>
public sealed class WrongPlaceSpecs : IDisposable
{
    // Y stands for the place, N for where a result would go.
    private static readonly string[] Lines =
    [
        "info Y", "fid Y Y", "fid --csv N Y Y", "stats Y -o N.npz", "compare Y", "features Y -o N.npz", "plot Y", "report Y",
        "sample Y -o N.png", "average Y --at 5", "vary Y length.steps 3,4", "interpolate Y -o N.png", "edit Y Y -o N.png",
        "forward Y -o N.png", "sweep guidance Y", "sweep samplers Y", "import Y --out N", "export Y N", "likelihood Y Y", "train Y.json",
        "train --resume Y", "train folder --data Y --out N", "mnist --data Y --out N", "cifar10 --data Y --out N",
        "mnist --inception Y --resume Y", "mnist-classifier-guided Y", "train folder --data N --out Y", "poster --model Y --out N",
        "distil Y -o N",
    ];

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("nowhere")]
    [InlineData("empty")]
    [InlineData("folder")]
    [InlineData("garbage.npz")]
    [InlineData("garbage.pth")]
    [InlineData("garbage.safetensors")]
    [InlineData("garbage.csv")]
    [InlineData("garbage.png")]
    [InlineData("empty.zip")]
    [InlineData("words.txt")]
    [InlineData("empty/below")]
    [InlineData("/dev/null")]
    public void A_place_is_named_once_and_nothing_of_the_program_is_shown(string name)
    {
        var place = name.StartsWith('/') ? name : Path.Combine(_place.Path, name);
        Fill();
        foreach (var line in Lines)
        {
            string[] words = [.. line.Split(' ').Select(word => word.Replace("Y", place).Replace("N", _place["out/new"]))];
            var (output, error) = (new StringWriter(), new StringWriter());
            var code = CommandLineApp.Run([.. words, .. words[0] is "info"
                or "compare" or "plot" or "report" or "export" or "import" or "average" ? (string[])[] : ["--no-download"]],
                new(output, error, Display.Plain), CancellationToken.None);
            // An archive without entries is an npz file without arrays.
            if (line == "info Y" && name == "empty.zip")
                continue;
            var said = error.ToString();
            Assert.True(code == ExitCode.Failure, $"{line} at {name}: {code}\n{said}{output}");
            var reason = said.TrimEnd().Split('\n')[^1];
            Assert.True(
                reason.StartsWith("error: ", StringComparison.Ordinal) && reason.Length < 400 && !reason.Any(char.IsControl)
                && !reason.Contains("(Parameter", StringComparison.Ordinal) && !reason.Contains("Exception", StringComparison.Ordinal)
                && !reason.Contains("--verbose", StringComparison.Ordinal) && !reason.Contains('?')
                && reason.Split(place + ":").Length <= 2 && !reason.Contains($"'{place}'", StringComparison.Ordinal),
                $"{line} at {name}: {reason}");
        }
    }

    private void Fill()
    {
        var garbage = new byte[3000];
        new Random(1).NextBytes(garbage);
        foreach (var extension in new[] { "npz", "pth", "safetensors", "csv", "png" })
            File.WriteAllBytes(_place[$"garbage.{extension}"], garbage);
        File.WriteAllBytes(_place["empty"], []);
        File.WriteAllText(_place["words.txt"], "<html>not found</html>\n");
        Directory.CreateDirectory(_place["folder/inside"]);
        using var zip = ZipFile.Open(_place["empty.zip"], ZipArchiveMode.Create);
    }
}
