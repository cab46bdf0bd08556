using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Host.Diagnostics;
using Diffusion.Model.Datasets;
using Diffusion.Model.Distributed;
using Diffusion.Model.Evaluation;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using Diffusion.Specs.Distributed;
using Diffusion.Specs.Host;
using Diffusion.Specs.Training;
using TorchSharp;

namespace Diffusion.Specs.Data;

/// <summary>Images in one file: the same as in memory, to the bit.</summary>
public sealed class ImagePackSpecs : IDisposable
{
    private const int Side = 8;
    private const int Size = 3 * Side * Side;

    private static readonly ImageLoading AsTheyAre = new(Split.Train, new ImageFit.Unchanged());

    private readonly TemporaryFolder _place = new();

    private string Photos => Path.Combine(_place.Path, "photos");

    private string Pack => Path.Combine(_place.Path, "photos.pack");

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_pack_has_the_images_labels_classes_and_hashes_of_its_folder()
    {
        AddAll(11);
        ImagePack.Write(Pack, Photos, AsTheyAre);
        using var folder = ImageFolder.Open(Photos, AsTheyAre);
        using var pack = ImageSources.Open(Pack, AsTheyAre);
        Assert.IsType<PackedImages>(pack);
        var (expected, found) = (folder.Provenance, pack.Provenance);
        Assert.Equal((expected.Sha256, expected.Shape, expected.Count), (found.Sha256, found.Shape, found.Count));
        Assert.Equal(expected.Description with { Origin = "" }, found.Description with { Origin = "" });
        Assert.Equal(ImageHash.Of(folder, CancellationToken.None), found.PixelsSha256);
        foreach (var indices in (int[][])[[0], [10, 0, 5, 5, 6, 7], [.. Enumerable.Range(0, 11)], []])
            Assert.Equal(Bytes(folder, indices), Bytes(pack, indices));
        Assert.Equal(Enumerable.Range(0, 11).Select(folder.LabelOf), Enumerable.Range(0, 11).Select(pack.LabelOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => pack.Select([11]));
        Assert.Throws<ArgumentOutOfRangeException>(() => pack.Select([-1]));
    }

    [Fact]
    public void Images_are_cut_scaled_and_made_grey_once_and_damaged_ones_are_left_out_where_that_is_asked_for()
    {
        AddAll(7);
        File.WriteAllBytes(_place["photos/odd/3-cut.png"], Encoded.AsPng(Scene(3))[..^40]);
        var loading = new ImageLoading(Split.Train, new ImageFit.CentralCrop(5, 6))
        {
            Channels = ImageChannels.Grey, Bad = BadImages.Skipped,
        };
        ImagePack.Write(Pack, Photos, loading);
        using var folder = ImageFolder.Open(Photos, loading);
        using var pack = ImagePack.Open(Pack, loading);
        Assert.Equal(folder.Provenance.Sha256, pack.Provenance.Sha256);
        Assert.Equal(folder.Provenance.Description.LeftOut, pack.Provenance.Description.LeftOut);
        Assert.Contains("3-cut.png", pack.Provenance.Description.LeftOut, StringComparison.Ordinal);
        string Refused(ImageLoading other) => Assert.Throws<InputException>(() => ImagePack.Open(Pack, other)).Message;
        Assert.Contains("found a pack of 5×6 images; expected one of 4×4", Refused(new(Split.Train, new ImageFit.CentralCrop(4))),
            StringComparison.Ordinal);
        Assert.Contains("a pack without test images", Refused(loading with { Split = Split.Test }), StringComparison.Ordinal);
    }

    [Fact]
    public void Training_and_test_images_stay_apart_and_more_classes_than_a_byte_holds_stay_classes()
    {
        foreach (var number in Enumerable.Range(0, 300))
            Add($"train/c{number}/{number}.png", number);
        foreach (var number in Enumerable.Range(0, 4))
            Add($"test/c{number}/{number}.png", number + 300);
        ImagePack.Write(Pack, Photos, AsTheyAre);
        using var train = ImagePack.Open(Pack, AsTheyAre);
        using var test = Assert.IsType<EvaluationInput.OfOneSize>(EvaluationInput.Open(
            Pack, new() { Loading = AsTheyAre with { Split = Split.Test } }));
        Assert.Equal((300, 300, 4L), (train.Provenance.Count, train.Provenance.Description.ClassNames.Count, test.Count));
        foreach (var (split, source) in new[] { (Split.Train, train), (Split.Test, test.Source) })
        {
            using var folder = ImageFolder.Open(Photos, AsTheyAre with { Split = split });
            int[] all = [.. Enumerable.Range(0, folder.Provenance.Count)];
            Assert.Equal(Bytes(folder, all), Bytes(source, all));
            Assert.Equal(all.Select(folder.LabelOf), all.Select(source.LabelOf));
        }
        // The same images under other labels are other data.
        using var again = ImagePack.OpenAll(Pack);
        Assert.Equal(train.Provenance.Sha256, again.Train.Provenance.Sha256);
        Assert.Null(((PackedImages)again.Train).Fault(CancellationToken.None));
    }

    [Fact]
    public void A_data_set_is_packed_with_both_parts_and_known_again()
    {
        var digits = Path.GetDirectoryName(_place["digits/any"])!;
        OfficialFiles.Write(Dataset.Mnist, digits, 20, 10);
        using var own = Dataset.Mnist.Open(digits);
        ImagePack.Write(Pack, own);
        using var pack = Dataset.Mnist.Open(Pack);
        Assert.Equal(own.Train.Provenance.Sha256, pack.Train.Provenance.Sha256);
        Assert.Equal(own.Test!.Provenance.Sha256, pack.Test!.Provenance.Sha256);
        Assert.Equal($"Data: MNIST, 20 training and 10 test images from {Pack}.", pack.Line);
        Assert.Contains("found a pack of MNIST, 20 images of 1×28×28; expected one of CIFAR-10",
            Assert.Throws<InputException>(() => Dataset.Cifar10.Open(Pack)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Training_from_a_pack_by_any_number_of_ranks_is_training_from_memory_to_the_bit(int ranks)
    {
        var recipe = Small.Labelled with { Length = Small.Labelled.Length with { Steps = 3, Batch = 8, Shards = 4 } };
        using (var images = Small.Images())
            ImagePack.Write(Pack, new TrainingData(images));
        var expected = Ranks.All(1, _ => Trained(recipe, Small.Images()))[0];
        Assert.All(Ranks.All(ranks, _ => Trained(recipe, ImagePack.Open(Pack, AsTheyAre))), found => Assert.Equal(expected, found));
    }

    [Fact]
    public void What_is_interrupted_or_refused_leaves_the_old_pack_and_nothing_else()
    {
        AddAll(6);
        ImagePack.Write(Pack, Photos, AsTheyAre);
        var before = File.ReadAllBytes(Pack);
        using var stopping = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => ImagePack.Write(Pack, Photos, AsTheyAre with
        {
            Stopping = stopping.Token, Progress = new Reported<ImagesLooked>(_ => stopping.Cancel()),
        }));
        File.WriteAllText(_place["photos/even/broken.png"], "no image");
        Assert.Contains("broken.png", Assert.Throws<InputException>(() => ImagePack.Write(Pack, Photos, AsTheyAre)).Message,
            StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Pack));
        Assert.Equal([Pack], Directory.GetFiles(_place.Path));
        Assert.Throws<OutputException>(
            () => ImagePack.Write(Path.Combine(_place.Path, "nowhere", "x.pack"), Photos, AsTheyAre with { Bad = BadImages.Skipped }));
    }

    [Fact]
    public void What_a_killed_process_left_is_removed_and_what_another_one_is_writing_stays()
    {
        AddAll(2);
        var (left, held, other) = ($"{Pack}.{Guid.NewGuid():N}.partial", $"{Pack}.{Guid.NewGuid():N}.partial", $"{Pack}.mine.partial");
        File.WriteAllText(left, "");
        File.WriteAllText(other, "");
        using (new FileStream(held, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            ImagePack.Write(Pack, Photos, AsTheyAre);
        Assert.Equal(new[] { Pack, held, other }.Order(), Directory.GetFiles(_place.Path).Order());
    }

    [Fact]
    public void A_damaged_image_is_named_when_it_is_read_and_what_was_exchanged_with_its_checksum_is_found_by_the_check()
    {
        AddAll(6);
        ImagePack.Write(Pack, Photos, AsTheyAre);
        var whole = File.ReadAllBytes(Pack);
        Assert.False(DatasetCheck.Of(Pack, null).HasFaults);
        var damaged = whole.ToArray();
        damaged[PackFormat.Start + 3 * Size + 1] ^= 1;
        File.WriteAllBytes(Pack, damaged);
        using (var pack = ImagePack.Open(Pack, AsTheyAre))
        {
            Assert.Equal(2, pack.Select([2, 4]).Pixels.shape[0]);
            Assert.StartsWith($"{Pack}: found image 3, which does not have its checksum",
                Assert.Throws<InputException>(() => pack.Select([4, 3, 0])).Message, StringComparison.Ordinal);
        }
        Assert.Equal("train #3", Assert.Single(DatasetCheck.Of(Pack, null).Broken).Name);

        var index = PackFormat.Start + 6 * Size;
        var fitting = XxHash3.HashToUInt64(damaged.AsSpan(PackFormat.Start + 3 * Size, Size));
        BitConverter.TryWriteBytes(damaged.AsSpan(index + 6 * sizeof(int) + 3 * sizeof(ulong)), fitting);
        File.WriteAllBytes(Pack, Sealed(damaged));
        var fault = Assert.Single(DatasetCheck.Of(Pack, null).Broken);
        Assert.Equal("all of train", fault.Name);
        Assert.Contains("images and labels with sha256", fault.Reason, StringComparison.Ordinal);

        foreach (var cut in new[] { 0, 100, 5000, whole.Length - 1 })
        {
            File.WriteAllBytes(Pack, whole[..cut]);
            Assert.StartsWith(Pack, Assert.Throws<InputException>(() => ImagePack.Open(Pack, AsTheyAre)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_command_packs_describes_and_says_what_it_needs()
    {
        AddAll(6);
        var (code, output) = Run("data", "pack", Photos, "-o", Pack, "--size", "4", "--json");
        Assert.Equal(ExitCode.Success, code);
        Assert.Equal(6, (int)JsonNode.Parse(output)!["parts"]![0]!["images"]!);
        var described = PlaceDescription.Of(Pack);
        Assert.Equal("pack of images", described.Kind);
        Assert.Contains(described.Facts, fact => fact.Name == "train"
            && fact.Text == "6 images of 3×4×4, reduced to 4×4 from files of 8×8; 2 classes from subfolders: even 3, odd 3");
        Assert.Equal(ExitCode.Success, Run("data", "check", Pack).Code);
        Assert.Equal(ExitCode.Failure, Run("data", "pack", Photos).Code);
        Assert.Equal(ExitCode.Failure, Run("data", "check", Photos, "-o", Pack).Code);
        Assert.Equal(ExitCode.Failure, Run("data", "pack", Photos, "-o", Pack, "--against", Photos).Code);
        Assert.Equal(ExitCode.Failure, Run("data", "pack", Pack, "-o", _place["other.pack"], "--size", "2").Code);
        Assert.Equal(ExitCode.Success, Run("data", "pack", Pack, "-o", _place["other.pack"]).Code);
        using var again = ImagePack.Open(_place["other.pack"], AsTheyAre);
        Assert.Equal((string?)JsonNode.Parse(output)!["parts"]![0]!["sha256"], again.Provenance.Sha256);
    }

    // Rank 0 makes and leads the run; the others do as it says.
    private static string Trained(Recipe recipe, IImageSource images)
    {
        using (images)
        {
            Follow(OrderKind.Train);
            using var run = new TrainingRun(recipe, images, torch.CPU);
            for (var step = 0; step < recipe.Length.Steps; step++)
            {
                Follow(OrderKind.Advance);
                run.Advance();
            }
            var weights = Convert.ToHexStringLower(SHA256.HashData(run.Arena.Values.bytes));
            run.Dispose();
            Follow(OrderKind.Done);
            return weights;
        }

        static void Follow(OrderKind expected)
        {
            if (World.Current.Rank > 0)
                Assert.Equal(expected, Order.Next(World.Current).Kind);
        }
    }

    private static byte[] Bytes(IImageSource source, int[] indices)
    {
        using var scope = torch.NewDisposeScope();
        var (pixels, labels) = source.Select(indices);
        return [.. pixels.bytes, .. labels.bytes];
    }

    /// <summary>The pack with the hash that its index should have.</summary>
    internal static byte[] Sealed(byte[] pack)
    {
        var copy = pack.ToArray();
        if (copy.Length < PackFormat.Start || BitConverter.ToUInt64(copy, PackFormat.Places) > (ulong)copy.Length)
            return copy;
        using var file = FileBytes.Of("sealed", copy.ToArray());
        PackFormat.HashOf(file, (long)BitConverter.ToUInt64(copy, PackFormat.Places)).CopyTo(copy, PackFormat.Hash);
        return copy;
    }

    private static (ExitCode Code, string Output) Run(params string[] words)
    {
        var output = new StringWriter();
        return (CommandLineApp.Run(words, new(output, TextWriter.Null, Display.Plain), CancellationToken.None), output.ToString());
    }

    private void AddAll(int count)
    {
        foreach (var number in Enumerable.Range(0, count))
            Add($"{(number % 2 == 0 ? "even" : "odd")}/{number}.png", number);
    }

    private void Add(string name, int number) => File.WriteAllBytes(_place[$"photos/{name}"], Encoded.AsPng(Scene(number)));

    private static RgbImage Scene(int number)
    {
        var rgb = new byte[Size];
        new Random(number).NextBytes(rgb);
        return new(Side, Side, rgb);
    }

    private sealed record Reported<T>(Action<T> Do) : IProgress<T>
    {
        public void Report(T value) => Do(value);
    }
}
