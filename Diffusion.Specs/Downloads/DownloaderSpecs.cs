using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Diffusion.Host.Commands;
using Diffusion.Host.Downloads;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Downloads;

public sealed class DownloaderSpecs : IDisposable
{
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(index => (byte)new Seed(3).Bits(index))];
    private static readonly FileHash Right = FileHash.Sha256(Convert.ToHexStringLower(SHA256.HashData(Content)));

    // Nothing here takes long by itself, but the machine may be busy. Only specs about silence wait until patience ends.
    private static readonly Patience Calm = new(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20), 2, TimeSpan.FromMilliseconds(5));
    private static readonly Patience Hasty = new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1), 2, TimeSpan.FromMilliseconds(5));

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = Downloader.NewClient();
    private readonly Events _events = new();

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    private string Path => _folder["file.bin"];

    private sealed class Events : ConcurrentQueue<DownloadEvent>, IProgress<DownloadEvent>
    {
        public void Report(DownloadEvent value) => Enqueue(value);
    }

    private static PublishedFile FileFrom(params Uri[] mirrors) => new("file.bin", mirrors.ToSequence(), Right, 1_000_000);

    private Task<Fetched> Fetch(params Uri[] mirrors) => Fetch(Calm, mirrors);

    private Task<Fetched> Fetch(Patience patience, params Uri[] mirrors) =>
        new Downloader(_client, patience, _events).Fetch(FileFrom(mirrors), _folder.Path, CancellationToken.None);

    private void IsStored(Fetched fetched, FlakyServer from)
    {
        Assert.Equal(new Fetched.Stored(Path, from.Address), fetched);
        Assert.Equal(Content, File.ReadAllBytes(Path));
        Assert.Equal([".verified", "file.bin"],
            Directory.EnumerateFiles(_folder.Path).Select(System.IO.Path.GetFileName).Order(StringComparer.Ordinal));
    }

    // An address of this machine where nobody listens.
    private static Uri Nobody()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/file.bin");
    }

    [Fact]
    public async Task A_file_is_fetched_once_with_progress_and_then_found()
    {
        using var server = new FlakyServer(Content);
        IsStored(await Fetch(server.Address), server);
        Assert.Equal(new DownloadEvent.Started("file.bin", server.Address, 0), _events.First());
        var everything = new DownloadEvent.Progressed("file.bin", Content.Length, Content.Length);
        Assert.Equal(everything, _events.OfType<DownloadEvent.Progressed>().Last());
        Assert.Equal(new DownloadEvent.Stored("file.bin", Path), _events.Last());

        Assert.Equal(new Fetched.Stored(Path, null), await Fetch(server.Address));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_dropped_connection_is_continued_where_it_broke()
    {
        using var server = new FlakyServer(Content, new Mishap.Drop(100_000), new Mishap.Drop(50_000));
        IsStored(await Fetch(server.Address), server);
        // How much arrived before a reset is up to the system; that nothing comes twice is not.
        var starts = _events.OfType<DownloadEvent.Started>().Select(start => (int)start.Already).ToArray();
        Assert.Equal(starts, server.Requests);
        Assert.Equal(starts.Order(), starts);
        Assert.Equal(2, _events.OfType<DownloadEvent.Retrying>().Count());
    }

    [Fact]
    public async Task A_silent_server_is_asked_again_for_the_rest()
    {
        using var server = new FlakyServer(Content, new Mishap.Silence(120_000));
        IsStored(await Fetch(Hasty, server.Address), server);
        Assert.Equal([0, 120_000], server.Requests);
    }

    [Fact]
    public async Task A_mirror_that_keeps_failing_is_left_for_the_next_which_continues()
    {
        using var bad = new FlakyServer(Content, new Mishap.Silence(90_000), new Mishap.Status(503), new Mishap.Status(503));
        using var good = new FlakyServer(Content);
        IsStored(await Fetch(Hasty, bad.Address, good.Address), good);
        Assert.Equal([0, 90_000, 90_000], bad.Requests);
        Assert.Equal([90_000], good.Requests);
        Assert.Contains(_events, news => news is DownloadEvent.GaveUp { Reason: var reason } && reason.Contains("503"));
    }

    [Fact]
    public async Task A_mirror_without_the_file_is_not_asked_twice()
    {
        using var bad = new FlakyServer(Content, new Mishap.Status(404));
        using var good = new FlakyServer(Content);
        IsStored(await Fetch(bad.Address, good.Address), good);
        Assert.Single(bad.Requests);
    }

    [Fact]
    public async Task A_server_that_ignores_ranges_sends_everything_again()
    {
        File.WriteAllBytes(Path + ".part", Content[..1000]);
        using var server = new FlakyServer(Content, new Mishap.Whole());
        IsStored(await Fetch(server.Address), server);
        Assert.Equal([1000], server.Requests);
    }

    [Fact]
    public async Task A_later_run_continues_what_an_earlier_one_left()
    {
        using var server = new FlakyServer(Content, [.. Enumerable.Repeat(new Mishap.Silence(1000), 3)]);
        Assert.IsType<Fetched.Failed>(await Fetch(Hasty, server.Address));
        Assert.Equal(3000, new FileInfo(Path + ".part").Length);
        IsStored(await Fetch(Hasty, server.Address), server);
        Assert.Equal([0, 1000, 2000, 3000], server.Requests);
    }

    [Fact]
    public async Task A_complete_part_only_needs_its_hash_checked()
    {
        File.WriteAllBytes(Path + ".part", Content);
        using var server = new FlakyServer(Content);
        IsStored(await Fetch(server.Address), server);
    }

    [Fact]
    public async Task A_part_that_is_longer_than_the_file_is_thrown_away()
    {
        File.WriteAllBytes(Path + ".part", [.. Content, 1]);
        using var server = new FlakyServer(Content);
        IsStored(await Fetch(server.Address), server);
        Assert.Equal([Content.Length + 1, 0], server.Requests);
    }

    [Fact]
    public async Task Damage_in_what_was_left_is_healed_by_fetching_the_whole()
    {
        File.WriteAllBytes(Path + ".part", [1, 2, 3]);
        using var server = new FlakyServer(Content);
        IsStored(await Fetch(server.Address), server);
        Assert.Equal([3, 0], server.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_wrong_hash_removes_the_file_and_is_an_error_of_one_line(bool truncated)
    {
        Mishap mishap = truncated ? new Mishap.Truncate(200_000) : new Mishap.Corrupt(123);
        using var server = new FlakyServer(Content, mishap);
        var error = await Assert.ThrowsAsync<InputException>(() => Fetch(server.Address));
        Assert.Contains(server.Address.ToString(), error.Message);
        Assert.Contains($"expected SHA256 {Right.Digits}", error.Message);
        Assert.Contains("removed", error.Message);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public async Task A_corrupt_mirror_does_not_spoil_a_sound_one()
    {
        using var bad = new FlakyServer(Content, new Mishap.Corrupt(299_999));
        using var good = new FlakyServer(Content);
        IsStored(await Fetch(bad.Address, good.Address), good);
        Assert.Equal([0], good.Requests);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        using var server = new FlakyServer(Content, new Mishap.Endless());
        var failed = Assert.IsType<Fetched.Failed>(await Fetch(server.Address));
        Assert.Contains("more than 1000000 bytes", failed.Reason);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public async Task No_network_is_known_when_all_mirrors_together_have_been_silent_long_enough()
    {
        using var silent = new FlakyServer(Content, [.. Enumerable.Repeat(new Mishap.Silence(-1), 9)]);
        // A second for each mirror: less may pass before a busy machine has so much as sent the question.
        var patience = Hasty with { Contact = TimeSpan.FromSeconds(4) };
        var clock = Stopwatch.StartNew();
        var failed = Assert.IsType<Fetched.Failed>(await Fetch(patience, silent.Address, silent.Address, silent.Address, Nobody()));
        Assert.StartsWith("no mirror can be reached; ", failed.Reason);
        Assert.Equal(3, silent.Requests.Count);
        // Half as long again, for a busy machine.
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, patience.Contact * 1.5);
        Assert.Empty(Directory.EnumerateFiles(_folder.Path));
    }

    [Fact]
    public void The_real_mirrors_have_less_than_ten_seconds_to_answer()
    {
        Assert.InRange(Patience.Default.Contact, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(9));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_a_reason_not_a_crash()
    {
        using var server = new FlakyServer(Content);
        File.WriteAllBytes(_folder["occupied"], []);
        var downloader = new Downloader(_client, Calm, _events);
        var fetched = await downloader.Fetch(FileFrom(server.Address), _folder["occupied"], CancellationToken.None);
        Assert.Contains("cannot be written", Assert.IsType<Fetched.Failed>(fetched).Reason);

        using var other = new FileStream(Path + ".part", FileMode.Create, FileAccess.Write, FileShare.None);
        Assert.Contains("file.bin cannot be written", Assert.IsType<Fetched.Failed>(await Fetch(server.Address)).Reason);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_person_can_stop_it()
    {
        using var server = new FlakyServer(Content, new Mishap.Silence(1000));
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(0.1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new Downloader(_client, Calm, _events).Fetch(FileFrom(server.Address), _folder.Path, stop.Token));
    }

    [Theory]
    [InlineData("https://there.test/file.bin", "http://there.test/file.bin", "redirects from https to http")]
    [InlineData("https://there.test/file.bin", "file:///etc/hostname", "redirects from https to file")]
    [InlineData("http://there.test/file.bin", "ftp://there.test/file.bin", "redirects from http to ftp")]
    [InlineData("https://there.test/file.bin", "https://there.test/file.bin", "redirects more than 10 times")]
    public async Task A_redirection_to_what_is_not_the_web_or_no_longer_encrypted_is_refused_and_the_next_mirror_asked(
        string mirror, string to, string words)
    {
        using var good = new FlakyServer(Content);
        var asked = new Asked(request => request.RequestUri == good.Address ? Whole(new ByteArrayContent(Content)) : Moved(to));
        using var client = new HttpClient(asked);
        var fetched = await new Downloader(client, Calm, _events)
            .Fetch(FileFrom(new(mirror), good.Address), _folder.Path, CancellationToken.None);
        IsStored(fetched, good);
        Assert.Contains(
            _events, news => news is DownloadEvent.GaveUp { Reason: var reason } && reason.Contains(words, StringComparison.Ordinal));
        Assert.All(asked.Places, place => Assert.Contains(place, new[] { new(mirror), good.Address }));
    }

    [Fact]
    public async Task A_redirection_within_the_web_is_followed()
    {
        var asked = new Asked(request => request.RequestUri!.Host == "here.test" ? Moved("https://there.test/other.bin")
            : request.RequestUri.AbsolutePath == "/other.bin" ? Moved("/file.bin") : Whole(new ByteArrayContent(Content)));
        using var client = new HttpClient(asked);
        Assert.IsType<Fetched.Stored>(await new Downloader(client, Calm, _events)
            .Fetch(FileFrom(new Uri("http://here.test/a")), _folder.Path, CancellationToken.None));
        Assert.Equal([new("http://here.test/a"), new("https://there.test/other.bin"), new("https://there.test/file.bin")], asked.Places);
    }

    [Theory]
    [InlineData(900, false)]
    [InlineData(1100, true)]
    public async Task A_mirror_below_the_floor_of_the_rate_is_left_for_the_next_which_continues(int rate, bool isEnough)
    {
        var clock = new Clock();
        var asked = new Asked(request => request.RequestUri!.Host == "slow.test"
            ? Whole(new StreamContent(new Trickle(Content, rate * 2, () => clock.Now += TimeSpan.FromSeconds(2))))
            : Rest(request));
        using var client = new HttpClient(asked);
        var fetched = await new Downloader(client, Calm, _events, clock)
            .Fetch(FileFrom(new("http://slow.test/a"), new("http://fast.test/a")), _folder.Path, CancellationToken.None);
        Assert.Equal(isEnough ? "slow.test" : "fast.test", Assert.IsType<Fetched.Stored>(fetched).Mirror!.Host);
        Assert.Equal(Content, File.ReadAllBytes(Path));
        Assert.Equal(isEnough ? 0 : 1,
            _events.Count(news => news is DownloadEvent.GaveUp { Reason: "slow.test sends less than 1000 bytes a second" }));
        if (!isEnough)
            Assert.Equal(15 * 1800, _events.OfType<DownloadEvent.Started>().Last().Already);
    }

    [Fact]
    public async Task What_lies_in_the_cache_is_looked_at_again_when_anything_about_it_has_changed()
    {
        using var server = new FlakyServer(Content);
        await Fetch(server.Address);
        var written = File.GetLastWriteTimeUtc(Path);
        // The same size and the same time of writing; only the file system knows.
        var damaged = Content.ToArray();
        damaged[7] ^= 1;
        File.Delete(Path);
        File.WriteAllBytes(Path, damaged);
        File.SetLastWriteTimeUtc(Path, written.AddTicks(OperatingSystem.IsLinux() ? 0 : 1));
        IsStored(await Fetch(server.Address), server);
        Assert.Contains(_events, news => news is DownloadEvent.Damaged { Reason: var reason }
            && reason.Contains($"expected SHA256 {Right.Digits}", StringComparison.Ordinal));
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task What_was_verified_is_not_read_again_while_size_times_and_number_are_those_remembered()
    {
        using var server = new FlakyServer(Content);
        await Fetch(server.Address);
        var before = FileIdentity.Of(Path).ToString();
        File.WriteAllBytes(Path, Content[..10]);
        var memory = _folder[".verified"];
        // Only one who did not look would take this file for the one that was verified.
        File.WriteAllText(memory, File.ReadAllText(memory).Replace(before, FileIdentity.Of(Path).ToString(), StringComparison.Ordinal));
        Assert.Equal(new Fetched.Stored(Path, null), await Fetch(server.Address));
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task Both_hashes_of_a_file_are_checked()
    {
        using var server = new FlakyServer(Content);
        var download = FileFrom(server.Address) with { Published = FileHash.Md5(new string('0', 32)) };
        var error = await Assert.ThrowsAsync<InputException>(
            () => new Downloader(_client, Calm, _events).Fetch(download, _folder.Path, CancellationToken.None));
        Assert.Contains($"expected MD5 {new string('0', 32)}", error.Message, StringComparison.Ordinal);
    }

    private static HttpResponseMessage Moved(string to)
    {
        var response = new HttpResponseMessage(HttpStatusCode.Found);
        response.Headers.Location = new(to, UriKind.RelativeOrAbsolute);
        return response;
    }

    private static HttpResponseMessage Whole(HttpContent content) => new(HttpStatusCode.OK) { Content = content };

    private static HttpResponseMessage Rest(HttpRequestMessage request)
    {
        var from = (int)(request.Headers.Range?.Ranges.First().From ?? 0);
        var response = new HttpResponseMessage(
            from > 0 ? HttpStatusCode.PartialContent : HttpStatusCode.OK) { Content = new ByteArrayContent(Content[from..]) };
        if (from > 0)
            response.Content.Headers.ContentRange = new(from, Content.Length - 1, Content.Length);
        return response;
    }

    private sealed class Asked(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        public ConcurrentQueue<Uri> Places { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Places.Enqueue(request.RequestUri!);
            return Task.FromResult(answer(request));
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    // So many bytes at a time, and something that happens before them.
    private sealed class Trickle(byte[] content, int atOnce, Action before) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            before();
            return new(Read(buffer.Span[..Min(buffer.Length, atOnce)]));
        }
    }

    [Fact]
    public void Known_files_come_by_https_from_at_least_two_mirrors_under_hashes_of_the_right_length()
    {
        foreach (var download in Dataset.All.SelectMany(dataset => dataset.Files).Append(InceptionV3.Weights))
        {
            Assert.All(download.Mirrors, mirror => Assert.Equal("https", mirror.Scheme));
            Assert.True(download.Mirrors.Select(mirror => mirror.Host + mirror.AbsolutePath).Distinct().Count() >= 2);
            Assert.Equal(HashAlgorithmName.SHA256, download.Hash.Algorithm);
            Assert.All(download.Hashes, hash => Assert.Equal(hash.Algorithm == HashAlgorithmName.MD5 ? 32 : 64, hash.Digits.Length));
        }
    }
}
