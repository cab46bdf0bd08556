using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Data;

public sealed class Cifar100Specs : IDisposable
{
    private const int Record = 3074;
    private static readonly CifarLayout Layout = (CifarLayout)Dataset.Cifar100.Layout;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_label_byte_is_the_coarse_class_and_the_second_the_fine_one()
    {
        var records = OfficialFiles.Records(Layout, 2);
        (records[0], records[1], records[Record], records[Record + 1]) = (11, 19, 15, 29);
        File.WriteAllBytes(_folder["train.bin"], records);
        using var fine = Dataset.Cifar100.Read(_folder.Path, Split.Train);
        using var coarse = Dataset.Cifar100Coarse.Read(_folder.Path, Split.Train);
        Assert.Equal(["cattle", "dinosaur"], Names(fine));
        Assert.Equal(["large_omnivores_and_herbivores", "reptiles"], Names(coarse));
        Assert.Equal(fine.Images.bytes.ToArray(), coarse.Images.bytes.ToArray());
        Assert.Equal(OfficialFiles.PixelOf(1, 2 * 1024 + 5 * 32 + 7), fine.Images[1, 2, 5, 7].item<byte>());
        Assert.Contains("CIFAR-100 (coarse) train, 2 images", coarse.Provenance.ToString(), StringComparison.Ordinal);

        static IEnumerable<string> Names(ImageSet set) =>
            set.Labels.data<long>().ToArray().Select(label => set.Provenance.Description.ClassNames[(int)label]);
    }

    [Fact]
    public void There_are_a_hundred_fine_and_twenty_coarse_classes_in_alphabetical_order()
    {
        foreach (var (dataset, count) in new[] { (Dataset.Cifar100, 100), (Dataset.Cifar100Coarse, 20) })
        {
            Assert.Equal(count, dataset.ClassNames.Distinct().Count());
            Assert.Equal(dataset.ClassNames.Order(StringComparer.Ordinal), dataset.ClassNames);
        }
    }

    [Fact]
    public void The_archive_its_folder_and_the_files_give_the_same_images()
    {
        OfficialFiles.Write(Dataset.Cifar100, Path.GetDirectoryName(_folder["plain/any"])!, train: 4, test: 2);
        OfficialFiles.Write(Dataset.Cifar100, Path.GetDirectoryName(_folder["nested/cifar-100-binary/any"])!, train: 4, test: 2);
        OfficialFiles.WriteArchive(Dataset.Cifar100, _folder["packed/cifar-100-binary.tar.gz"], train: 4, test: 2);
        string[] places = ["plain", "nested", "packed", "packed/cifar-100-binary.tar.gz"];
        foreach (var split in Enum.GetValues<Split>())
            Assert.Single(places.Select(place => Hash(Path.Combine(_folder.Path, place), split)).Distinct());

        static string Hash(string place, Split split)
        {
            using var set = Dataset.Cifar100.Read(place, split);
            return set.Provenance.Sha256;
        }
    }

    [Fact]
    public void Damaged_files_are_refused_by_name()
    {
        File.WriteAllBytes(_folder["train.bin"], OfficialFiles.Records(Layout, 3)[..^1]);
        Refused("train.bin", "found 9221 bytes", "a multiple of 3074 (1 coarse label byte, 1 fine label byte and 3072 pixels)");
        foreach (var (at, label, says) in new[]
        {
            (0, 20, "coarse label 20 at record 1; expected a coarse label 0 to 19"),
            (1, 100, "fine label 100 at record 1; expected a fine label 0 to 99"),
        })
        {
            var records = OfficialFiles.Records(Layout, 3);
            records[Record + at] = (byte)label;
            File.WriteAllBytes(_folder["train.bin"], records);
            Refused("train.bin", says);
        }
        File.Delete(_folder["train.bin"]);
        Refused("no train.bin", "cifar-100-binary.tar.gz");
        OfficialFiles.WriteArchive(Dataset.Cifar100, _folder[Layout.Archive], train: 9, test: 1);
        var whole = File.ReadAllBytes(_folder[Layout.Archive]);
        File.WriteAllBytes(_folder[Layout.Archive], whole[..(whole.Length / 2)]);
        Refused(Layout.Archive);
    }

    [Fact]
    public void Both_sets_share_a_folder_of_the_cache() => Assert.Equal(Dataset.Cifar100.CacheName, Dataset.Cifar100Coarse.CacheName);

    private void Refused(params ReadOnlySpan<string> says)
    {
        var refusal = Assert.Throws<InputException>(() => Dataset.Cifar100.Read(_folder.Path, Split.Train));
        foreach (var part in says)
            Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
    }
}
