using System.Diagnostics;
using System.Globalization;
using System.Text;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Specs.Files;

/// <summary>Damages files and reads them. Environment variable DIFFUSION_FUZZ: how many for each reader, instead of 20,000.</summary>
/// <param name="Originals">Real files.</param>
/// <param name="Words">What the format is made of, in Latin-1.</param>
/// <param name="Describe">Reads the structure of a file.</param>
/// <param name="Load">Reads all of a file; how many bytes of tensors that makes.</param>
internal sealed record Fuzz(byte[][] Originals, string[] Words, Func<FileBytes, FileDescription> Describe, Func<FileBytes, long> Load)
{
    private const int DefaultCount = 20_000;
    private const long Allowance = 16 << 20;
    // Far beyond what any of these files takes, even on a machine that has much else to do.
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    /// <summary>A damaged file: which, how, and whether it is only described or loaded, too.</summary>
    private sealed record Case(int Original, Mutation[] Mutations, Depth Depth)
    {
        public override string ToString() => $"original {Original}, to {Depth}: {string.Join(", then ", (object[])Mutations)}";
    }

    private enum Depth
    {
        Describe,
        Load,
    }

    public void Run()
    {
        Assert.NotEmpty(Originals);
        Assert.All(Originals, original => Read(original, Depth.Load));
        var count = Environment.GetEnvironmentVariable("DIFFUSION_FUZZ") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : DefaultCount;
        var refused = 0;
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Cases, damaged =>
        {
            try
            {
                Read(damaged.Mutations.Aggregate(Originals[damaged.Original], (file, mutation) => mutation.Apply(file)), damaged.Depth);
            }
            catch (InvalidFileException refusal)
            {
                refused++;
                Assert.Equal("damaged", refusal.Path);
                Assert.InRange(refusal.Offset, 0, long.MaxValue);
                Assert.NotEmpty(refusal.Reason);
                Assert.DoesNotContain('\n', refusal.Message);
            }
        }));
        // Neither all nor none: else the mutations would be too wild or too tame to find anything.
        Assert.InRange(refused, count / 5, count - count / 50);
    }

    private Arbitrary<Case> Cases
    {
        get
        {
            var words = Words.Select(Encoding.Latin1.GetBytes).ToArray();
            var cases =
                from original in Gen.Choose(0, Originals.Length - 1)
                from mutations in Mutation.Several(words)
                from depth in Gen.Frequency((7, Gen.Constant(Depth.Describe)), (1, Gen.Constant(Depth.Load)))
                select new Case(original, mutations, depth);
            return Arb.From(cases, damaged => damaged.Mutations.Select((_, index) =>
                damaged with { Mutations = [.. damaged.Mutations[..index], .. damaged.Mutations[(index + 1)..]] }));
        }
    }

    // No more memory than allowed and no hang, whether the file is read or refused.
    private void Read(byte[] content, Depth depth)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var tensors = 0L;
        try
        {
            using var scope = torch.NewDisposeScope();
            using var file = FileBytes.Of("damaged", content);
            if (depth == Depth.Load)
                tensors = Load(file);
            else
                Describe(file);
        }
        finally
        {
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before + tensors, 0, 2 * content.LongLength + Allowance);
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, Hang);
        }
    }
}
