using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using static Diffusion.Specs.Data.Encoded;

namespace Diffusion.Specs.Data;

public sealed class ImageFolderSpecs : IDisposable
{
    private static readonly ImageLoading AsTheyAre = new(Split.Train, new ImageFit.Unchanged(), ImageLoading.DefaultMemory);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private void Write(string name, byte[] content) => File.WriteAllBytes(_folder[name], content);

    private void WritePlain(string name, byte red) => Write(name, AsPng(Plain(4, 4, red, 2, 3)));

    private ImageSet Open(ImageLoading? loading = null) => Assert.IsType<ImageSet>(ImageFolder.Open(_folder.Path, loading ?? AsTheyAre));

    private void Refused(ImageLoading loading, params ReadOnlySpan<string> says)
    {
        var refusal = Assert.Throws<InputException>(() => ImageFolder.Open(_folder.Path, loading).Dispose());
        Assert.DoesNotContain('\n', refusal.Message);
        foreach (var part in says)
            Assert.Contains(part, refusal.Message);
    }

    [Fact]
    public void Sub_folders_are_classes_at_any_depth_in_the_order_of_their_names()
    {
        WritePlain("dog/a.png", 30);
        WritePlain("cat/deep/er/b.PNG", 20);
        WritePlain("cat/a.png", 10);
        Write("dog/c.webp", AsLosslessWebp(Plain(4, 4, 40, 2, 3)));
        Write("dog/d.bmp", AsBmp(Plain(4, 4, 50, 2, 3)));
        Write("dog/e.jpeg", AsJpeg(Plain(4, 4, 60, 60, 60)));
        Write("dog/notes.txt", [1]);
        Write("dog/.hidden.png", [1]);
        using var set = Open();
        Assert.Equal(["cat", "dog"], set.Provenance.Description.ClassNames);
        Assert.Equal([0, 0, 1, 1, 1, 1], set.Labels.data<long>().ToArray());
        Assert.Equal([10, 20, 30, 40, 50, 60], Enumerable.Range(0, 6).Select(image => (int)set.Images[image, 0, 2, 1].item<byte>()));
        Assert.Equal(3, set.Images[1, 2, 0, 0].item<byte>());
        Assert.Contains(_folder.Path, set.Provenance.ToString());
    }

    [Fact]
    public void Files_beside_the_sub_folders_belong_to_a_class_named_after_the_folder()
    {
        WritePlain("a.png", 1);
        WritePlain("b.png", 2);
        using var set = Open();
        Assert.Equal([Path.GetFileName(_folder.Path)], set.Provenance.Description.ClassNames);
    }

    [Fact]
    public void Train_and_test_folders_are_parts_and_their_sub_folders_the_classes()
    {
        WritePlain("train/cat/a.png", 1);
        WritePlain("train/dog/a.png", 2);
        WritePlain("test/dog/a.png", 3);
        using var train = Open();
        using var test = Open(AsTheyAre with { Split = Split.Test });
        Assert.Equal(2, train.Count);
        Assert.Equal(3, test.Images[0, 0, 0, 0].item<byte>());
    }

    [Fact]
    public void An_empty_folder_a_missing_one_and_a_missing_part_are_named()
    {
        Refused(AsTheyAre, $"{_folder.Path}: found no image", ".webp");
        WritePlain("a.png", 1);
        Refused(AsTheyAre with { Split = Split.Test }, "no image in test/");
        var absent = Path.Combine(_folder.Path, "absent");
        Assert.Contains(
            $"{absent}: found no such file or folder", Assert.Throws<InputException>(() => ImageFolder.Open(absent, AsTheyAre)).Message);
    }

    [Fact]
    public void An_undecodable_image_is_named_and_several_are_counted()
    {
        for (var image = 0; image < 9; image++)
            WritePlain($"x/{image}.png", 7);
        Write("x/4.png", [1, 2, 3]);
        Refused(AsTheyAre, "(x/4.png): found no image that can be decoded");
        foreach (var broken in new[] { 1, 2, 3, 5, 6 })
            Write($"x/{broken}.png", AsPng(Plain(4, 4, 1, 2, 3))[..40]);
        Refused(AsTheyAre, "6 of 9 images unusable (x/1.png, x/2.png, x/3.png, x/4.png, x/5.png, …)", "of the first");
    }

    [Fact]
    public void Sizes_that_differ_are_refused_unless_they_are_fitted()
    {
        WritePlain("a.png", 1);
        Write("b.png", AsPng(Plain(12, 8, 9, 9, 9)));
        Refused(AsTheyAre, "b.png", "found 12×8 pixels", "4×4 as in the first image");
        using var fitted = Open(AsTheyAre with { Fit = new ImageFit.CentralCrop(6) });
        Assert.Equal([2, 3, 6, 6], fitted.Images.shape);
        Assert.Equal(9, fitted.Images[1, 1, 3, 3].item<byte>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7 * 48)]
    [InlineData(19 * 48)]
    public void A_set_larger_than_memory_gives_the_same_batches_in_every_epoch(long memory)
    {
        for (var image = 0; image < 20; image++)
            WritePlain($"{image % 3}/{image:00}.png", (byte)(10 * image));
        using var whole = Open();
        using var streamed = ImageFolder.Open(_folder.Path, AsTheyAre with { Memory = memory });
        Assert.IsNotType<ImageSet>(streamed);
        var order = new DataOrder(new Seed(1), 20);
        for (var epoch = 0; epoch < 3; epoch++)
        {
            using var expected = new Batches(whole, order, Augmentation.HorizontalFlips, TorchSharp.torch.CPU).Take(epoch * 20, 20);
            using var actual = new Batches(streamed, order, Augmentation.HorizontalFlips, TorchSharp.torch.CPU).Take(epoch * 20, 20);
            Assert.Equal(expected.Images.data<float>().ToArray(), actual.Images.data<float>().ToArray());
            Assert.Equal(expected.Labels.data<long>().ToArray(), actual.Labels.data<long>().ToArray());
        }
        Assert.Contains("the hash is of names and lengths", streamed.Provenance.ToString());
    }

    [Fact]
    public void As_many_images_are_kept_as_fit_and_the_others_are_read_again()
    {
        for (var image = 0; image < 10; image++)
            WritePlain($"{image}.png", (byte)image);
        using var streamed = ImageFolder.Open(_folder.Path, AsTheyAre with { Memory = 4 * 48 + 47 });
        int[] all = [.. Enumerable.Range(0, 10)];
        foreach (var one in all)
            DisposeBoth(streamed.Select([one]));
        foreach (var image in all)
            File.Delete(_folder[$"{image}.png"]);
        // The first four are at hand; of the others nothing is left.
        DisposeBoth(streamed.Select([3, 1, 0, 2]));
        foreach (var image in all[4..])
            Assert.Contains($"{image}.png", Assert.Throws<InputException>(() => DisposeBoth(streamed.Select([0, image]))).Message);
    }

    [OrdinaryUserFact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public void A_folder_that_may_not_be_entered_is_an_error_not_a_smaller_set()
    {
        WritePlain("a/1.png", 1);
        WritePlain("b/1.png", 1);
        File.SetUnixFileMode(_folder["b/"], UnixFileMode.None);
        Refused(AsTheyAre, "no permission");
        File.SetUnixFileMode(_folder["b/"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void DisposeBoth((TorchSharp.torch.Tensor Pixels, TorchSharp.torch.Tensor Labels) pair)
    {
        pair.Pixels.Dispose();
        pair.Labels.Dispose();
    }
}
