using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;

namespace Diffusion.Specs.Data;

public sealed class DatasetSpecs : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. Dataset.All.Select(dataset => dataset.Name)];

    [Fact]
    public void Names_and_titles_are_unique_and_found()
    {
        Assert.Equal(Dataset.All.Count, Dataset.All.Select(dataset => dataset.Title).Distinct().Count());
        Assert.All(Dataset.All, dataset => Assert.Equal(dataset, Dataset.Find(dataset.Name)));
        Assert.Null(Dataset.Find("folder"));
        Assert.Equal("mnist, fashion-mnist, cifar10, cifar100, cifar100-coarse, svhn", Dataset.Names);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Made_files_in_the_official_layout_give_both_parts_labels_and_classes(string name)
    {
        var dataset = Dataset.Find(name)!;
        OfficialFiles.Write(dataset, _folder.Path, train: 7, test: 3);
        using var data = dataset.Open(_folder.Path);
        Assert.Equal((7, 3), (data.Train.Provenance.Count, data.Test!.Provenance.Count));
        Assert.Equal(dataset.Shape, data.Train.Provenance.Shape);
        Assert.Equal(dataset.ClassNames, data.Train.Provenance.Description.ClassNames);
        Assert.Equal($"Data: {dataset.Title}, 7 training and 3 test images from {_folder.Path}.", data.Line);
        Assert.Contains($"7 of the official {dataset.TrainCount}", data.Train.Provenance.ToString(), StringComparison.Ordinal);
        using var train = dataset.Read(_folder.Path, Split.Train);
        var labels = Enumerable.Range(0, 7).Select(image => (long)OfficialFiles.LabelOf(image, dataset.ClassNames.Count));
        Assert.Equal(labels, train.Labels.data<long>().ToArray());
        Assert.Equal(OfficialFiles.PixelOf(6, (int)dataset.Shape.Size - 1), train.Images.bytes[^1]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_training_part_alone_opens_and_a_test_part_alone_does_not(string name)
    {
        var dataset = Dataset.Find(name)!;
        OfficialFiles.Write(dataset, _folder.Path, train: 2, test: 0);
        using (var data = dataset.Open(_folder.Path))
            Assert.Null(data.Test);
        var empty = Path.GetDirectoryName(_folder["empty/any"])!;
        OfficialFiles.Write(dataset, empty, train: 0, test: 2);
        Assert.Throws<InputException>(() => dataset.Open(empty));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_damaged_file_is_refused_by_name(string name)
    {
        var dataset = Dataset.Find(name)!;
        OfficialFiles.Write(dataset, _folder.Path, train: 3, test: 1);
        foreach (var file in Directory.GetFiles(_folder.Path))
        {
            var whole = File.ReadAllBytes(file);
            File.WriteAllBytes(file, whole[..^1]);
            var refusal = Assert.Throws<InputException>(() => dataset.Open(_folder.Path));
            Assert.Contains(Path.GetFileName(file), refusal.Message, StringComparison.Ordinal);
            File.WriteAllBytes(file, whole);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_set_says_which_files_it_needs_where_there_is_no_sample(string name)
    {
        var dataset = Dataset.Find(name)!;
        if (dataset.Embedded is not null)
        {
            using var sample = dataset.Sample();
            Assert.Equal(dataset.Shape, sample.Train.Provenance.Shape);
            return;
        }
        Assert.Contains(dataset.Layout.Files, Assert.Throws<InputException>(dataset.Sample).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_folder_of_files_is_recognised(string name)
    {
        var dataset = Dataset.Find(name)!;
        Assert.Null(Dataset.In(_folder.Path, Split.Train));
        OfficialFiles.Write(dataset, _folder.Path, train: 1, test: 1);
        Assert.Equal(dataset.Layout.GetType(), Dataset.In(_folder.Path, Split.Train)!.Layout.GetType());
        Assert.Equal(dataset.Shape, Dataset.In(_folder.Path, Split.Test)!.Shape);
    }

    [Fact]
    public void Files_of_the_same_names_are_distinguished_by_their_published_hash()
    {
        foreach (var kind in new[] { "images-idx3", "labels-idx1" })
        {
            using var file = File.Create(_folder[$"t10k-{kind}-ubyte.gz"]);
            using var digits = DatasetSample.Open($"t10k-{kind}-ubyte.gz");
            digits.CopyTo(file);
        }
        Assert.Equal(Dataset.Mnist, Dataset.In(_folder.Path, Split.Test));
        var refusal = Assert.Throws<InputException>(() => Dataset.FashionMnist.Read(_folder.Path, Split.Test));
        Assert.Equal($"{_folder.Path}: found the files of MNIST; expected those of Fashion-MNIST.", refusal.Message);
        using var set = Dataset.Mnist.Read(_folder.Path, Split.Test);
        Assert.Contains("the official 10000 in", set.Provenance.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_images_and_an_archive_of_them_open_like_a_data_set()
    {
        File.WriteAllBytes(_folder["images/sea/one.png"], Encoded.AsPng(Encoded.Plain(12, 9, 0, 0, 255)));
        File.WriteAllBytes(_folder["images/wood/two.png"], Encoded.AsPng(Encoded.Plain(8, 8, 0, 255, 0)));
        System.IO.Compression.ZipFile.CreateFromDirectory(_folder["images"], _folder["images.zip"]);
        // As most programs make an archive of a folder: with the folder in it.
        System.IO.Compression.ZipFile.CreateFromDirectory(
            _folder["images"], _folder["whole.zip"], System.IO.Compression.CompressionLevel.Fastest, includeBaseDirectory: true);
        System.Formats.Tar.TarFile.CreateFromDirectory(_folder["images"], _folder["images.tar"], includeBaseDirectory: true);
        foreach (var place in new[] { "images", "images.zip", "whole.zip", "images.tar" }.Select(name => _folder[name]))
        {
            using var data = TrainingData.Open(place, new(Split.Train, new ImageFit.CentralCrop(8)));
            Assert.Equal((2, new ImageShape(3, 8, 8)), (data.Train.Provenance.Count, data.Train.Provenance.Shape));
            Assert.Equal($"Data: 2 images of 3×8×8 from {place}, cut to the central square and reduced to 8×8 "
                + "from files of 8×8 to 12×9; 2 classes from subfolders: sea 1, wood 1.", data.Line);
            Assert.Null(data.Test);
        }
    }

    [Fact]
    public void A_file_that_is_no_archive_is_no_place_of_images()
    {
        File.WriteAllText(_folder["images.tar.gz"], "");
        File.WriteAllText(_folder["cut.tar"], "no tar archive");
        string Refusal(string name) => Assert.Throws<InputException>(
            () => TrainingData.Open(_folder[name], new(Split.Train, new ImageFit.Unchanged()))).Message;
        Assert.Contains("images.tar.gz: found a file; expected a folder of images, or an archive of one that ends in .zip or .tar",
            Refusal("images.tar.gz"), StringComparison.Ordinal);
        Assert.Contains("cut.tar: ", Refusal("cut.tar"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_recipe_of_a_set_knows_its_shape_and_its_usual_augmentation()
    {
        Assert.Equal(new ImageShape(3, 32, 32), DataRecipe.Of(Dataset.Cifar100).ShapeOf(3));
        Assert.Equal(new ImageShape(1, 28, 28), DataRecipe.Of(Dataset.FashionMnist).ShapeOf(1));
        Assert.Equal(Augmentation.HorizontalFlips, DataRecipe.Of(Dataset.Cifar100Coarse).Augmentation);
        Assert.Equal(Augmentation.None, DataRecipe.Of(Dataset.Mnist).Augmentation);
        Assert.Null(new DataRecipe { Set = "folder" }.ShapeOf(3));
    }

    [Fact]
    public void One_function_says_which_small_network_suits_images()
    {
        Assert.All(Dataset.All, dataset => Assert.NotNull(SmallNetwork.For(dataset.Shape)));
        Assert.Equal(SmallNetwork.LeNet, SmallNetwork.For(new(1, 28, 28)));
        Assert.Equal(SmallNetwork.LeNet, SmallNetwork.For(new(3, 28, 28)));
        Assert.Equal(SmallNetwork.CifarNet, SmallNetwork.For(new(3, 32, 32)));
        Assert.Null(SmallNetwork.For(new(1, 32, 32)));
        Assert.Null(SmallNetwork.For(new(3, 64, 64)));
        Assert.Null(SmallNetwork.For(null));
    }
}
