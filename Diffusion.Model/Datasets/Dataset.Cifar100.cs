using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

public sealed partial record Dataset
{
    private static readonly CifarLayout Cifar100Layout = new()
    {
        Archive = "cifar-100-binary.tar.gz",
        FolderInArchive = "cifar-100-binary",
        TrainFiles = "train.bin",
        TestFile = "test.bin",
        Python = new("cifar-100-python.tar.gz", "cifar-100-python", "train", "test", "meta", ["coarse_labels", "fine_labels"]),
        Labels = [new("coarse label", 20), new("fine label", 100)],
    };

    /// <summary>Photographs of a hundred kinds of things, 32×32.</summary>
    /// <remarks>
    /// Krizhevsky 2009, "Learning multiple layers of features from tiny images".
    /// The class names are those of fine_label_names.txt in the archive. The MD5 is that of the publisher's page,
    /// https://www.cs.toronto.edu/~kriz/cifar.html; the SHA-256 the one under which several independent libraries fetch the archive
    /// (torchvision for Ruby, MLDatasets.jl), as it could not be had to work it out.
    /// </remarks>
    public static Dataset Cifar100 { get; } = new()
    {
        Name = "cifar100",
        Title = "CIFAR-100",
        Shape = new(3, 32, 32),
        ClassNames =
        [
            "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle", "bottle",
            "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar", "cattle",
            "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile", "cup", "dinosaur",
            "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster", "house", "kangaroo", "keyboard",
            "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster", "man", "maple_tree", "motorcycle", "mountain",
            "mouse", "mushroom", "oak_tree", "orange", "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree",
            "plain", "plate", "poppy", "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket",
            "rose", "sea", "seal", "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider",
            "squirrel", "streetcar", "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
            "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman", "worm",
        ],
        TrainCount = 50_000,
        TestCount = 10_000,
        Layout = Cifar100Layout with { Label = 1 },
        Augmentation = Augmentation.HorizontalFlips,
        Files =
        [
            new("cifar-100-binary.tar.gz",
                [
                    new("https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"),
                    new("https://mindspore-website.obs.cn-north-4.myhuaweicloud.com/notebook/datasets/cifar-100-binary.tar.gz"),
                ],
                FileHash.Sha256("58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec"),
                200 * PublishedFile.Megabyte)
            {
                Published = FileHash.Md5("03b5dce01913d631647c71ecec9e9cb8"),
            },
        ],
    };

    /// <summary>CIFAR-100 by its twenty coarse labels, which are those of coarse_label_names.txt in the archive.</summary>
    public static Dataset Cifar100Coarse { get; } = Cifar100 with
    {
        Name = "cifar100-coarse",
        Title = "CIFAR-100 (coarse)",
        CacheName = "cifar100",
        ClassNames =
        [
            "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables", "household_electrical_devices",
            "household_furniture", "insects", "large_carnivores", "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
            "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people", "reptiles", "small_mammals",
            "trees", "vehicles_1", "vehicles_2",
        ],
        Layout = Cifar100Layout,
    };
}
