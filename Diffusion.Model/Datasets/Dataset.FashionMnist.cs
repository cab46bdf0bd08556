using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

public sealed partial record Dataset
{
    /// <summary>Articles of clothing, 28×28 and grey, in the files of MNIST. Xiao, Rasul and Vollgraf 2017, arXiv:1708.07747.</summary>
    /// <remarks>
    /// The MD5 hashes are those of the publisher's README, github.com/zalandoresearch/fashion-mnist, which torchvision uses too; the
    /// SHA-256 are those under which several independent programs fetch the same files, as these could not be had to
    /// work them out.
    /// </remarks>
    public static Dataset FashionMnist { get; } = new()
    {
        Name = "fashion-mnist",
        Title = "Fashion-MNIST",
        Shape = new(1, 28, 28),
        ClassNames = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
        TrainCount = 60_000,
        TestCount = 10_000,
        Layout = new IdxLayout(),
        // Shoes all point to the left.
        Augmentation = Augmentation.None,
        Files =
        [
            Clothing("t10k-labels-idx1-ubyte.gz",
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", "bb300cfdad3c16e7a12a480ee83cd310"),
            Clothing("train-labels-idx1-ubyte.gz",
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", "25c81989df183df01b3e8a0aad5dffbe"),
            Clothing("t10k-images-idx3-ubyte.gz",
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", "bef4ecab320f06d8554ea6380940ec79"),
            Clothing("train-images-idx3-ubyte.gz",
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        ],
    };

    private static PublishedFile Clothing(string name, string sha256, string md5) => new(
        name,
        [
            new($"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/{name}"),
            new($"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{name}"),
        ],
        FileHash.Sha256(sha256),
        40 * PublishedFile.Megabyte)
    {
        Published = FileHash.Md5(md5),
    };
}
