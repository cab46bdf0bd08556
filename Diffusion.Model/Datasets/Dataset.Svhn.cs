namespace Diffusion.Model.Datasets;

public sealed partial record Dataset
{
    /// <summary>Digits of house numbers, photographed from the street, 32×32.</summary>
    /// <remarks>
    /// Netzer et al. 2011, "Reading digits in natural images with unsupervised feature learning". Its files are published without https at
    /// http://ufldl.stanford.edu/housenumbers and are not downloaded.
    /// </remarks>
    public static Dataset Svhn { get; } = new()
    {
        Name = "svhn",
        Title = "SVHN",
        Shape = new(3, 32, 32),
        ClassNames = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        TrainCount = 73_257,
        TestCount = 26_032,
        Layout = new SvhnLayout(),
    };
}
