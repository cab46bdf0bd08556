using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Specs.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Specs.Evaluation;

public sealed class ImagesOfAnySizeSpecs : IDisposable
{
    private static readonly ImageLoading Loading = new(Split.Train, new ImageFit.Unchanged(), 0);

    private readonly TemporaryFolder _folder = new();
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Images_of_all_sizes_are_measured_each_as_if_it_were_alone()
    {
        Write("a.png", Encoded.AsPng(Slope(48, 32)));
        Write("b.png", Encoded.AsPng(Slope(40, 40)));
        Write("c.png", Encoded.AsPng(Slope(40, 40)));
        using var images = ImagesOfAnySize.Folder(_folder["images"], Loading);
        Assert.Null(images.CommonShape);
        Assert.Equal(new ImageShape(3, 32, 48), images.ShapeOf(0));
        using var network = FeatureExtractor.Untrained(new InceptionProtocol.PytorchFid(), CPU);
        using var together = new EvaluationInput.OfAnySize(images, "").Measure(network, [], new());
        Assert.Equal(3, together.Fit.Count);
        using var alone = network.Extract(Assert.Single(images.Read(0, 1, ImageReading.AsStored)));
        using var first = new FeaturePass(network, [], 1);
        first.Add(images.Read(0, 1, ImageReading.AsStored), null);
        foreach (var (one, other) in alone.Values.data<float>().ToArray().Zip(first.Statistics.Mean.ToArray()))
            Assert.Equal(one, other, 1e-4);
        Assert.Equal([[1L, 3, 32, 48], [2L, 3, 40, 40]], images.Read(0, 3, ImageReading.AsStored).Select(piece => piece.shape));
    }

    [Fact]
    public void Under_the_name_of_a_tool_a_file_is_read_as_the_tool_reads_it()
    {
        var slope = Slope(13, 9);
        Write("clear.png", Encoded.AsPng(13, 9, 6,
            [.. Enumerable.Range(0, 9)
                .SelectMany(y => slope.Row(y).ToArray().Chunk(3).SelectMany(pixel => pixel.Append((byte)0)).Prepend((byte)0))]));
        Write("held.png", Encoded.AsPngHeld(slope, 6));
        Write("plain.png", Encoded.AsPng(slope));
        Assert.All(InceptionProtocol.All, protocol => Assert.Equal(ImageReading.AsStored, protocol.Reading));
        Assert.Equal(ImageReading.AsSeen, new PlainPreparation(new(3, 9, 13)).Reading);
        using var images = ImagesOfAnySize.Folder(_folder["images"], Loading);
        var stored = Assert.Single(images.Read(0, 3, ImageReading.AsStored));
        Assert.True(stored.eq(stored[2]).all().item<bool>());
        Assert.Equal((1, 1), (images.Transparent, images.Turned));
        Assert.Equal([[1L, 3, 9, 13], [1L, 3, 13, 9], [1L, 3, 9, 13]], images.Read(0, 3, ImageReading.AsSeen).Select(piece => piece.shape));
        Assert.Equal((1, 1), (images.Transparent, images.Turned));
        Assert.NotEqual(ImageHash.Of(images, ImageReading.AsStored, default), ImageHash.Of(images, ImageReading.AsSeen, default));
    }

    [Fact]
    public void A_set_that_is_trained_on_says_how_many_images_were_turned_or_laid_over_white()
    {
        Write("clear.png", Encoded.AsPng(2, 1, 6, [0, 1, 2, 3, 0, 4, 5, 6, 255]));
        Write("held.png", Encoded.AsPngHeld(Slope(2, 2), 3));
        Write("plain.png", Encoded.AsPng(Slope(2, 2)));
        using var set = ImageFolder.Open(_folder["images"], new(Split.Train, new ImageFit.CentralCrop(1), 1 << 20));
        Assert.EndsWith("(1 with transparency, composited on white; 1 rotated by EXIF orientation)", set.Provenance.Description.Origin,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Images_of_one_size_have_the_digest_that_they_have_as_a_set()
    {
        Write("a.png", Encoded.AsPng(Slope(8, 8)));
        Write("b.png", Encoded.AsPng(Slope(8, 8)));
        using var images = ImagesOfAnySize.Folder(_folder["images"], Loading);
        using var set = ImageFolder.Open(_folder["images"], Loading with { Memory = 1 << 20 });
        Assert.Equal(ImageHash.Of(set, default), ImageHash.Of(images, ImageReading.AsStored, default));
    }

    [Fact]
    public void Batches_of_large_photographs_are_bounded_in_bytes_and_none_is_decoded_to_know()
    {
        // Of 12 million pixels each: 60 of them at once are more bytes than an int can count.
        var large = new Claimed(new(3, 3000, 4000), 60);
        Assert.Equal(3, large.BatchFrom(0, 32));
        Assert.Equal(1, large.BatchFrom(59, 32));
        Assert.Equal(1, new Claimed(new(3, 8192, 8192), 60).BatchFrom(0, 32));
        Assert.Equal(32, new Claimed(new(3, 1024, 1024), 60).BatchFrom(0, 32));
    }

    [Fact]
    public void All_files_that_are_no_images_are_named_at_once()
    {
        Write("a.png", Encoded.AsPng(Slope(8, 8)));
        Write("b.png", "nothing"u8.ToArray());
        Write("c.png", "nothing"u8.ToArray());
        Assert.Contains("2 of 3 images unusable (b.png, c.png)",
            Assert.Throws<InputException>(() => ImagesOfAnySize.Folder(_folder["images"], Loading)).Message);
        using var images = ImagesOfAnySize.Folder(_folder["images"], Loading with { Bad = BadImages.Skipped });
        Assert.Equal((1, "1 of 3 files; left out: 2 that cannot be decoded (b.png, c.png)"), (images.Count, images.LeftOut));
    }

    private static RgbImage Slope(int width, int height) =>
        new(width, height, [.. Enumerable.Range(0, 3 * width * height).Select(at => (byte)(at * 7))]);

    private void Write(string name, byte[] file) => File.WriteAllBytes(_folder[$"images/{name}"], file);

    private sealed record Claimed(ImageShape Shape, int Count) : IImageSequence
    {
        public ImageShape ShapeOf(int index) => Shape;

        public IReadOnlyList<Tensor> Read(int first, int count, ImageReading reading) => throw new InvalidOperationException("decoded");
    }
}
