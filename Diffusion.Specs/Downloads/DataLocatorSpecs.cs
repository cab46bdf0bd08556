using Diffusion.Host.Downloads;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Downloads;

public sealed class DataLocatorSpecs : IDisposable
{
    private static readonly Patience Patience = new(TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(20), 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = Downloader.NewClient();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private Task<TrainingData> Locate(DataRequest request) =>
        new DataLocator(new(_folder.Path), new(_client, Patience, new Progress<DownloadEvent>())).Locate(request, CancellationToken.None);

    private static byte[] Records(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(label => Enumerable.Range(0, 3073).Select(at => (byte)(at == 0 ? label : at)))];

    // A data set of one file, which is what it was made from.
    private static Dataset OneFile(Uri mirror, FileHash hash) => Dataset.Cifar10 with
    {
        Name = "one",
        Title = "One file",
        Layout = (CifarLayout)Dataset.Cifar10.Layout with { TrainFiles = "test_batch.bin" },
        Files = [new("test_batch.bin", [mirror], hash, 10_000)],
    };

    private static FileHash HashOf(byte[] content) => FileHash.Sha256("").Of(new MemoryStream(content));

    [Fact]
    public async Task The_folder_asked_for_comes_first_and_may_lack_a_test_part()
    {
        File.WriteAllBytes(_folder["mine/data_batch_1.bin"], Records(3));
        File.WriteAllBytes(_folder["cifar10/data_batch_1.bin"], Records(4));
        var mine = Path.Combine(_folder.Path, "mine");
        using var found = await Locate(new(Dataset.Cifar10, mine, DownloadPolicy.Offline));
        Assert.Equal(3, found.Train.Provenance.Count);
        Assert.Null(found.Test);
        Assert.Equal($"Data: CIFAR-10, 3 training and 0 test images from {mine}.", found.Line);
    }

    [Fact]
    public async Task A_folder_asked_for_that_lacks_the_data_is_an_error_and_nothing_else_is_tried()
    {
        File.WriteAllBytes(_folder["cifar10/data_batch_1.bin"], Records(4));
        await Assert.ThrowsAsync<InputException>(() => Locate(new(Dataset.Cifar10, _folder["empty/"], DownloadPolicy.Offline)));
        await Assert.ThrowsAsync<InputException>(() => Locate(new(Dataset.Mnist, _folder["absent"], DownloadPolicy.Offline)));
    }

    [Fact]
    public async Task The_cache_comes_next()
    {
        File.WriteAllBytes(_folder["cifar10/data_batch_1.bin"], Records(4));
        File.WriteAllBytes(_folder["cifar10/test_batch.bin"], Records(2));
        using var found = await Locate(new(Dataset.Cifar10, null, DownloadPolicy.Offline));
        Assert.Equal((4, 2), (found.Train.Provenance.Count, found.Test!.Provenance.Count));
        Assert.Contains($"from the cache {Path.Combine(_folder.Path, "cifar10")}", found.Line);
    }

    [Fact]
    public async Task What_is_missing_is_downloaded_once()
    {
        var content = Records(3);
        using var server = new FlakyServer(content);
        var request = new DataRequest(OneFile(server.Address, HashOf(content)), null, DownloadPolicy.Allowed);
        using var first = await Locate(request);
        using var second = await Locate(request);
        Assert.Equal(3, first.Train.Provenance.Count);
        Assert.Contains("downloaded to", first.Line);
        Assert.Contains("from the cache", second.Line);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Without_a_network_the_embedded_sample_is_used_and_both_the_line_and_the_provenance_say_so()
    {
        using var server = new FlakyServer([1], new Mishap.Silence(-1));
        using var found = await Locate(new(OneFile(server.Address, HashOf([])), null, DownloadPolicy.Allowed));
        Assert.Contains("only the embedded subset of One file, 3050 training", found.Line);
        Assert.Contains("no mirror can be reached; 127.0.0.1 does not answer", found.Line);
        Assert.Contains("--data DIR", found.Line);
        Assert.DoesNotContain('\n', found.Line);
        Assert.Contains("the sample embedded in this program", found.Train.Provenance.ToString());
    }

    [Theory]
    [InlineData("cifar10", 3050, 300)]
    [InlineData("mnist", 9000, 1000)]
    public async Task Where_downloading_is_off_the_embedded_sample_is_used_at_once(string name, int train, int test)
    {
        using var found = await Locate(new(Dataset.Find(name)!, null, DownloadPolicy.Offline));
        Assert.Equal((train, test), (found.Train.Provenance.Count, found.Test!.Provenance.Count));
        Assert.Contains("--offline is set", found.Line);
    }

    [Fact]
    public async Task A_set_that_is_not_downloaded_says_which_files_to_put_where()
    {
        var cache = Path.Combine(_folder.Path, "svhn");
        var refusal = await Assert.ThrowsAsync<InputException>(() => Locate(new(Dataset.Svhn, null, DownloadPolicy.Allowed)));
        Assert.Equal($"SVHN: found nothing in the cache {cache}, and its files are not downloaded; expected its files in {cache}, or in a "
            + "folder that --data DIR names: train_32x32.mat and test_32x32.mat.", refusal.Message);
    }

    [Fact]
    public async Task Without_a_download_and_without_a_sample_the_message_says_which_files_to_put_where()
    {
        var refusal = await Assert.ThrowsAsync<InputException>(() => Locate(new(Dataset.Cifar100Coarse, null, DownloadPolicy.Offline)));
        var cache = Path.Combine(_folder.Path, "cifar100");
        Assert.Equal($"CIFAR-100 (coarse): found nothing in the cache {cache}, and --offline is set; expected its files in {cache}, "
            + "or in a folder that --data DIR names: cifar-100-binary.tar.gz or cifar-100-python.tar.gz, or the files unpacked from "
            + "one of them.",
            refusal.Message);
        OfficialFiles.WriteArchive(Dataset.Cifar100, _folder["cifar100/cifar-100-binary.tar.gz"], train: 3, test: 1);
        using var found = await Locate(new(Dataset.Cifar100Coarse with { Files = [] }, null, DownloadPolicy.Offline));
        Assert.Equal((3, 1), (found.Train.Provenance.Count, found.Test!.Provenance.Count));
    }

    [Theory]
    [InlineData(DownloadPolicy.Allowed)]
    [InlineData(DownloadPolicy.Offline)]
    public async Task What_was_damaged_in_the_cache_is_fetched_again_or_refused(DownloadPolicy network)
    {
        var content = Records(3);
        using var server = new FlakyServer(content);
        var request = new DataRequest(OneFile(server.Address, HashOf(content)), null, DownloadPolicy.Allowed);
        (await Locate(request)).Dispose();
        File.WriteAllBytes(_folder["one/test_batch.bin"], Records(2));
        if (network == DownloadPolicy.Offline)
        {
            var refusal = await Assert.ThrowsAsync<InputException>(() => Locate(request with { Downloads = network }));
            Assert.Contains("remove the file to download it again", refusal.Message, StringComparison.Ordinal);
            return;
        }
        using var found = await Locate(request);
        Assert.Equal((3, 2), (found.Train.Provenance.Count, server.Requests.Count));
    }

    [Fact]
    public async Task A_download_with_the_wrong_hash_is_an_error_not_a_reason_to_use_the_sample()
    {
        using var server = new FlakyServer(Records(2));
        await Assert.ThrowsAsync<InputException>(() => Locate(new(OneFile(server.Address, HashOf([])), null, DownloadPolicy.Allowed)));
        Assert.Empty(Directory.EnumerateFiles(_folder["one/"]));
    }
}
