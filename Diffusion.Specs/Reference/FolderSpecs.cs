using System.Text.RegularExpressions;

namespace Diffusion.Specs.Reference;

/// <summary>The folder as a whole: what no spec reads would pass unseen.</summary>
public sealed partial class FolderSpecs
{
    [Fact]
    public void Every_file_of_the_folder_is_one_that_the_specs_read() =>
        Assert.All(
            Directory.EnumerateFiles(Repository.Reference, "*", SearchOption.AllDirectories),
            file => Assert.Matches(Read(), Path.GetRelativePath(Repository.Reference, file).Replace(Path.DirectorySeparatorChar, '/')));

    [Fact]
    public void Every_pickle_of_the_folder_stands_in_its_manifest()
    {
        var folder = Repository.ReferencePath("pth-samples");
        var listed = ReferenceFile.Open(Path.Combine(folder, "manifest.json")).Objects("files").Select(item => item.Text("file"));
        Assert.Equal(
            Directory.GetFiles(folder, "*.pth").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal),
            listed.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("schedules_more.json")]
    [InlineData("flow.json")]
    [InlineData("unet-small/weights.bin")]
    public void A_file_of_another_name_is_noticed(string file) => Assert.DoesNotMatch(Read(), file);

    [GeneratedRegex(
        """
        ^(README\.md
        |(schedules|samplers|guidance|losses|frechet|inception|training)\.json
        |unet_[^/]+\.json
        |[^/]+\.npz
        |pth-samples/(manifest\.json|[^/]+\.pth)
        |unet-small/(config\.json|scheduler/scheduler_config\.json)
        |unet-small-legacy-keys/keymap\.json
        |(.+/)?[^/]+\.safetensors)$
        """,
        RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Read();
}
