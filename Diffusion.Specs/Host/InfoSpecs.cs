using Diffusion.Host.Diagnostics;
using Diffusion.Host.Displays;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

public sealed class InfoSpecs
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(999, "999 bytes")]
    [InlineData(1000, "1.0 kB")]
    [InlineData(170_052_171, "170.1 MB")]
    [InlineData(999_960_000, "1.0 GB")]
    [InlineData(long.MaxValue, "9223372.0 TB")]
    public void An_amount_of_memory_has_a_unit(long bytes, string text) => Assert.Equal(text, ByteCount.Text(bytes));

    [Fact]
    public void The_machine_is_described_by_facts_with_different_names()
    {
        var facts = MachineFacts.All().ToList();
        Assert.All(facts, fact => Assert.NotEmpty(fact.Text));
        Assert.Equal(facts.Count, facts.Select(fact => fact.Key).Distinct().Count());
        Assert.Contains(facts, fact => fact.Key == "cudaDevices");
    }

    [Fact]
    public void Every_cached_file_is_listed_with_its_size()
    {
        using var place = new TemporaryFolder();
        File.WriteAllBytes(place["mnist/labels.gz"], new byte[1500]);
        File.WriteAllBytes(place["cifar10/all.tar.gz"], new byte[3]);
        var fact = CacheFacts.Of(new(place.Path)).Single(fact => fact.Name == "cached files");
        Assert.Equal("\n  cifar10/all.tar.gz, 3 bytes\n  mnist/labels.gz, 1.5 kB", fact.Text);
        Assert.Equal("""{"cifar10/all.tar.gz":3,"mnist/labels.gz":1500}""", fact.Value!.ToJsonString());
    }

    [Fact]
    public void An_empty_cache_says_so() =>
        Assert.Equal("none",
            CacheFacts.Of(new(Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}"))).Single(fact => fact.Name == "cached files").Text);
}
