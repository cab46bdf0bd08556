using System.Formats.Tar;
using System.IO.Compression;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Data;

/// <summary>The Python version of CIFAR-10 and CIFAR-100 gives what the binary version gives.</summary>
public sealed class CifarPythonSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("cifar10")]
    [InlineData("cifar100")]
    [InlineData("cifar100-coarse")]
    public void Pickles_in_a_folder_or_an_archive_are_the_same_images_as_records(string name)
    {
        var dataset = Dataset.Find(name)!;
        var layout = (CifarLayout)dataset.Layout;
        File.WriteAllBytes(_place[$"binary/{layout.TrainFiles.Replace('*', '1')}"], OfficialFiles.Records(layout, 5));
        var (file, pickle) = (layout.Python.TrainFiles.Replace('*', '1'), OfficialFiles.Pickle(layout, 5));
        File.WriteAllBytes(_place[$"python/{layout.Python.Folder}/{file}"], pickle);
        File.WriteAllBytes(_place[$"python/{layout.Python.Folder}/{layout.Python.Names}"], [0]);
        using (var tar = new TarWriter(new GZipStream(File.Create(_place[$"packed/{layout.Python.Archive}"]), CompressionLevel.Fastest)))
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, $"{layout.Python.Folder}/{file}")
            {
                DataStream = new MemoryStream(pickle),
            });
        using var expected = dataset.Read(Path.Combine(_place.Path, "binary"), Split.Train);
        foreach (var folder in new[] { "python", "packed", $"python/{layout.Python.Folder}" })
        {
            Assert.True(dataset.IsIn(Path.Combine(_place.Path, folder), Split.Train));
            using var found = dataset.Read(Path.Combine(_place.Path, folder), Split.Train);
            Assert.Equal(expected.Provenance.Sha256, found.Provenance.Sha256);
            Assert.Equal(expected.Labels.data<long>().ToArray(), found.Labels.data<long>().ToArray());
        }
    }

    [Fact]
    public void A_damaged_pickle_is_refused_by_name_and_files_called_alike_elsewhere_are_none()
    {
        var layout = (CifarLayout)Dataset.Cifar100.Layout;
        File.WriteAllBytes(_place["other/train"], OfficialFiles.Pickle(layout, 2));
        Assert.False(Dataset.Cifar100.IsIn(Path.Combine(_place.Path, "other"), Split.Train));
        File.WriteAllBytes(_place["other/meta"], [0]);
        File.WriteAllBytes(_place["other/train"], OfficialFiles.Pickle(layout, 2)[..^9]);
        var refusal = Assert.Throws<InputException>(() => Dataset.Cifar100.Read(Path.Combine(_place.Path, "other"), Split.Train));
        Assert.StartsWith($"{_place["other/train"]}: found ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("expected a file of cifar-100-python.tar.gz.", refusal.Message, StringComparison.Ordinal);
        File.WriteAllBytes(_place["other/train"], Files.Pickler.Program(Files.Pickler.Call(Files.Pickler.Global("os", "system"))));
        Assert.Contains("asks for 'os.system'", Assert.Throws<InputException>(
            () => Dataset.Cifar100.Read(Path.Combine(_place.Path, "other"), Split.Train)).Message, StringComparison.Ordinal);
    }
}
