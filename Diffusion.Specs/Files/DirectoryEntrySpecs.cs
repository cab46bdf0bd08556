using Diffusion.Model.Files;

namespace Diffusion.Specs.Files;

public sealed class DirectoryEntrySpecs
{
    [Fact]
    public void A_name_can_be_forced_to_the_disk_whether_it_is_there_or_was()
    {
        using var place = new TemporaryFolder();
        DirectoryEntry.Create(place["folder"]);
        File.WriteAllText(Path.Combine(place["folder"], "file"), "");
        DirectoryEntry.Create(place["folder"]);
        DirectoryEntry.Flush(Path.Combine(place["folder"], "file"));
        Assert.True(File.Exists(Path.Combine(place["folder"], "file")));
        Directory.Delete(place["folder"], recursive: true);
        DirectoryEntry.Flush(place["folder"]);
        DirectoryEntry.Flush(Path.Combine(place["folder"], "file"));
        DirectoryEntry.Flush("/");
    }

    [Fact]
    public void A_folder_is_made_with_those_it_lies_in()
    {
        using var place = new TemporaryFolder();
        var file = place["file"];
        var deep = Path.Combine(Path.GetDirectoryName(file)!, "a", "b", "c") + Path.DirectorySeparatorChar;
        DirectoryEntry.Create(deep);
        Assert.True(Directory.Exists(deep));
        File.WriteAllText(file, "");
        Assert.ThrowsAny<IOException>(() => DirectoryEntry.Create(Path.Combine(file, "below")));
    }
}
