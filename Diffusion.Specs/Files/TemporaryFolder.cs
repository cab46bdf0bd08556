namespace Diffusion.Specs.Files;

/// <summary>A folder of its own for one spec, gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("diffusion-specs-");

    public string this[string file] => Path.Combine(_folder.FullName, file);

    public string[] Files => [.. _folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal)];

    public void Dispose() => _folder.Delete(recursive: true);
}
