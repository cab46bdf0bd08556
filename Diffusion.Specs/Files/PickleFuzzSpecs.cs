using System.IO.Compression;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Torch;
using TorchSharp;
using Xunit.Abstractions;
using static Diffusion.Specs.Files.FuzzFiles;

namespace Diffusion.Specs.Files;

/// <summary>Damaged files of PyTorch.</summary>
public sealed class PickleFuzzSpecs(ITestOutputHelper output)
{
    [Fact]
    public void Damaged_zip_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz([.. Real("*_zip*.pth").Select(WithoutChecksums)], PickleWords, LoadPickle));

    [Fact]
    public void Damaged_zip_files_with_checksums_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_zip*.pth"), PickleWords, LoadPickle) { Count = Few, LeastRead = 0.001 });

    [Fact]
    public void Damaged_legacy_files_of_PyTorch_are_read_or_refused() =>
        Tell(new Fuzz(Real("*_legacy.pth"), PickleWords, LoadPickle));

    [Fact]
    public void Damaged_pickles_of_modules_are_read_or_refused() => Tell(new Fuzz(
        [.. new[] { "edm-ddpmpp.pkl", "edm2.pkl" }.Select(name => File.ReadAllBytes(Path.Combine(Repository.Golden, "imports", name)))],
        [
            .. PickleWords, "\u0081", "\u0094", "\u0093", "\u008F", "\u0090", "C\u0002ab", "B\u00FF\u00FF\u00FF\u007F",
            "\u008C\u0006system", "\u008C\u0002os", "cdnnlib.util\nEasyDict\n", "ctorch.storage\n_load_from_bytes\n",
            "_modules", "_parameters",
        ],
        (file, number) =>
        {
            using var pickle = TorchPickle.OpenModules(file);
            _ = pickle.Description;
            var tensors = Chosen([.. pickle.Module?.Tensors() ?? []], number).Select(item => item.Tensor).ToArray();
            foreach (var tensor in tensors)
                Touch(pickle.Load(tensor));
            return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
        }) { Count = Few / 3, LeastRefused = 0.05 });

    [Fact]
    public void Whole_zip_files_of_damaged_pickles_are_read_or_refused()
    {
        using var original = new ZipArchive(new MemoryStream(Real("*_zip*.pth")[0]));
        var entries = original.Entries.Select(entry => (entry.FullName, Content(entry))).ToArray();
        var program = Array.FindIndex(entries, entry => entry.FullName.EndsWith("data.pkl", StringComparison.Ordinal));
        Tell(new Fuzz([entries[program].Item2], PickleWords, LoadPickle)
        {
            Seal = pickle => Stored([.. entries.Select((entry, index) => index == program ? (entry.FullName, pickle) : entry)]),
            Count = Few,
            LeastRead = 0.003,
        });
    }

    private static long LoadPickle(FileBytes file, int? number)
    {
        using var pickle = TorchPickle.Open(file);
        _ = pickle.Description;
        var tensors = Chosen([.. pickle.Content.Tensors()], number).ToArray();
        foreach (var tensor in tensors)
            Touch(pickle.Load(tensor));
        return tensors.Select(tensor => tensor.Storage).Distinct().Sum(storage => storage.ByteCount);
    }

    private void Tell(Fuzz fuzz) => fuzz.Tell(output);
}
