using System.Diagnostics;
using System.Globalization;
using System.Text;
using Diffusion.Model.Files;
using TorchSharp;
using Xunit.Abstractions;

namespace Diffusion.Specs.Files;

/// <summary>Damages files and reads them. Environment variable DIFFUSION_FUZZ: how many for each reader, instead of 20,000.</summary>
/// <param name="Originals">Real files.</param>
/// <param name="Words">What the format is made of, in Latin-1.</param>
/// <param name="Load">
/// Opens a file, describes it, and loads the tensor of that number, counted around, or all of them for null; how many bytes of tensors
/// that makes.
/// </param>
internal sealed record Fuzz(byte[][] Originals, string[] Words, Func<FileBytes, int?, long> Load)
{
    /// <summary>Memory that may be taken whatever the size of a file.</summary>
    public long Allowance { get; init; } = 16 << 20;

    /// <summary>How many files are damaged where no number is asked for.</summary>
    public int Count { get; init; } = 20_000;

    /// <summary>Makes what was damaged the inside of a whole file: lengths and checksums around it agree, so that the damage is met by what
    /// reads the inside.</summary>
    public Func<byte[], byte[]> Seal { get; init; } = content => content;

    /// <summary>How many times the size of a file may be taken as memory, besides 16 MiB.</summary>
    public int Expansion { get; init; } = 2;

    /// <summary>The least share of the damaged files that is refused.</summary>
    public double LeastRefused { get; init; } = 0.2;

    /// <summary>The least share of the damaged files that is read.</summary>
    public double LeastRead { get; init; } = 0.02;

    // Far beyond what any of these files takes, even on a machine that has much else to do.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>A damaged file: which, how, and which of its tensors is loaded; null for all.</summary>
    private sealed record Case(int Original, Mutation[] Mutations, int? Tensor)
    {
        public override string ToString() => $"original {Original}, tensor {Tensor}: {string.Join(", then ", (object[])Mutations)}";
    }

    /// <summary>Damages and reads, and says what came of it.</summary>
    public void Tell(ITestOutputHelper output)
    {
        var (read, refused) = Run();
        output.WriteLine($"{read + refused} damaged files: {read} opened and loaded, {refused} refused");
    }

    /// <summary>Damages and reads.</summary>
    /// <returns>How many of the damaged files were read, and how many refused.</returns>
    public (int Read, int Refused) Run()
    {
        Assert.NotEmpty(Originals);
        Assert.All(Originals, original => Read(Seal(original), null));
        var count = Environment.GetEnvironmentVariable("DIFFUSION_FUZZ") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : Count;
        var (read, refused) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Cases, damaged =>
        {
            try
            {
                Read(Seal(damaged.Mutations.Aggregate(Originals[damaged.Original], (file, mutation) => mutation.Apply(file))),
                    damaged.Tensor);
                read++;
            }
            catch (InvalidFileException refusal)
            {
                refused++;
                Assert.Equal("damaged", refusal.Path);
                Assert.InRange(refusal.Offset, 0, long.MaxValue);
                Assert.NotEmpty(refusal.Reason);
                Assert.DoesNotContain('\n', refusal.Message);
            }
            catch (InputException refusal)
            {
                refused++;
                Assert.StartsWith("damaged", refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refusal.Message);
            }
        }));
        // Neither all nor none: else the mutations would be too wild or too tame to find anything.
        Assert.InRange(refused, LeastRefused * count, (1 - LeastRead) * count);
        Assert.Equal(count, read + refused);
        return (read, refused);
    }

    private Arbitrary<Case> Cases
    {
        get
        {
            var words = Words.Select(Encoding.Latin1.GetBytes).ToArray();
            var cases =
                from original in Gen.Choose(0, Originals.Length - 1)
                from mutations in Mutation.Several(words)
                from tensor in Gen.Frequency((15, Gen.Choose(0, 1 << 20).Select(number => (int?)number)), (1, Gen.Constant((int?)null)))
                select new Case(original, mutations, tensor);
            return Arb.From(cases, damaged => damaged.Mutations.Select((_, index) =>
                damaged with { Mutations = [.. damaged.Mutations[..index], .. damaged.Mutations[(index + 1)..]] }));
        }
    }

    // No more memory than allowed and no hang, whether the file is read or refused.
    private void Read(byte[] content, int? tensor)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tensors = 0L;
        try
        {
            using var scope = torch.NewDisposeScope();
            using var file = FileBytes.Of("damaged", content);
            tensors = Load(file, tensor);
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before + tensors, 0, Expansion * content.LongLength + Allowance);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Hang);
        }
    }
}
