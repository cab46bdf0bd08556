using System.Buffers.Binary;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;
using Diffusion.Specs.Data;

namespace Diffusion.Specs.Host;

/// <summary>What a person gets for a slip or a damaged file: one line, exit code 1, and nothing half-written.</summary>
public sealed class BadInputSpecs : IDisposable
{
    private const int CifarRecord = 3073;

    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void A_truncated_batch() =>
        Refused(Batch(2 * CifarRecord - 1), "cifar10", "data_batch_1.bin: found 6145 bytes; expected a multiple of 3073");

    [Fact]
    public void An_oversized_batch() =>
        Refused(Batch(2 * CifarRecord + 1), "cifar10", "data_batch_1.bin: found 6147 bytes; expected a multiple of 3073");

    [Fact]
    public void A_label_that_is_none()
    {
        var records = Batch(2 * CifarRecord);
        records[CifarRecord] = 10;
        Refused(records, "cifar10", "data_batch_1.bin: found label 10 at record 1; expected a label 0 to 9");
    }

    [Fact]
    public void A_wrong_magic_number()
    {
        Digits(Idx(2052, 2, 28, 28), Idx(2049, 2));
        Refused("mnist", "train-images-idx3-ubyte: found IDX magic number 2052");
    }

    [Fact]
    public void A_count_that_does_not_match()
    {
        Digits(Idx(2051, 2, 28, 28)[..^1], Idx(2049, 2));
        Refused("mnist", "1567");
        Digits(Idx(2051, 2, 28, 28), Idx(2049, 3));
        Refused("mnist", "train-labels-idx1-ubyte: found 3 labels; expected 2");
    }

    [Theory]
    [InlineData("cifar10 --epochs 0", "--epochs: 0 is not a positive whole number")]
    [InlineData("cifar10 --steps -1", "--steps: -1 is not a positive whole number")]
    [InlineData("plan --sampler ddmi", "ddmi is not")]
    [InlineData("mnist --set evaluation.sampler=ddmi", "ddmi")]
    [InlineData("mnist --device tpu", "--device: tpu is not one of auto, cpu, cuda")]
    [InlineData("mnist --resume /dev/null/nowhere", "/dev/null/nowhere: found no such file or folder")]
    public void A_word_that_cannot_be_used(string line, string fault) => Refused(line.Split(' '), fault);

    [Fact]
    public void A_run_folder_that_is_a_file_or_lies_below_one()
    {
        Digits(Idx(2051, 2, 28, 28), Idx(2049, 2));
        File.WriteAllText(_place["file"], "");
        string[] words = ["mnist", "--data", _place["data"], "--threads", "1", "--set", "precision=float32", "--out"];
        Refused([.. words, _place["file"]], "file: found a file; expected a new or empty folder");
        Refused([.. words, Path.Combine(_place["file"], "below")], "below cannot be written");
    }

    private static byte[] Batch(int length) => new byte[length];

    private void Digits(byte[] images, byte[] labels)
    {
        File.WriteAllBytes(_place["data/train-images-idx3-ubyte"], images);
        File.WriteAllBytes(_place["data/train-labels-idx1-ubyte"], labels);
    }

    private static byte[] Idx(int magic, params int[] dimensions)
    {
        var file = new byte[4 * (1 + dimensions.Length) + dimensions.Aggregate(1, (product, size) => product * size)];
        foreach (var (index, number) in dimensions.Prepend(magic).Index())
            BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 * index), number);
        return file;
    }

    private void Refused(byte[] batch, string recipe, string fault)
    {
        File.WriteAllBytes(_place["data/data_batch_1.bin"], batch);
        Refused(recipe, fault);
    }

    private void Refused(string recipe, string fault)
    {
        Refused([recipe, "--data", _place["data"], "--threads", "1", "--out", Path.Combine(_place.Path, "run")], fault);
        Assert.False(Directory.Exists(Path.Combine(_place.Path, "run")));
    }

    private static void Refused(string[] words, string fault)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Assert.Equal(ExitCode.Failure, CommandLineApp.Run(words, new(output, error, Display.Plain), CancellationToken.None));
        var line = Assert.Single(error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("error: ", line, StringComparison.Ordinal);
        Assert.Contains(fault, line, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", line, StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }
}
