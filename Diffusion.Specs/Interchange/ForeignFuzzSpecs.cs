using System.Diagnostics;
using System.Globalization;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Interchange.Checkpoints;
using TorchSharp;
using Xunit.Abstractions;

namespace Diffusion.Specs.Interchange;

/// <summary>The tensors of other programs' networks, with other names and sizes: they are a network, or refused in one line.</summary>
/// <remarks>
/// Environment variable DIFFUSION_FUZZ: how many for each network, instead of 800, of which one in eighty is built as well, where it can
/// be. Damaged files are in FuzzSpecs and ImportFuzzSpecs.
/// </remarks>
public sealed class ForeignFuzzSpecs(ITestOutputHelper output)
{
    private const int Count = 800;
    private const int Built = 80;
    private const long Allowance = 64 << 20;

    // The plan of a chain takes so much for each of its levels, of which pytorch-ddpm's table of times has a row each.
    private const long PerLevel = 4 << 10;
    private const string TimeTable = "time_embedding.timembedding.0.weight";

    private static readonly long[] Sizes = [0, 1, 2, 3, 31, 32, 33, 64, 65_536, 1L << 31, 1L << 40];
    private static readonly string?[] Names =
        [
            null, null, "denoising-diffusion-pytorch", "improved-diffusion", "guided-diffusion-new-order", "guided-imagenet64",
            "guided-classifier64",
        ];

    public static TheoryData<string, string> Models => ForeignNetworkSpecs.Models;

    [Theory]
    [MemberData(nameof(Models))]
    public void Other_names_and_sizes_are_read_or_refused_in_one_line(string file, string name)
    {
        var known = ForeignModel.Of(file, name);
        var (original, module) = (known.Outline, known.Module);
        var count = Environment.GetEnvironmentVariable("DIFFUSION_FUZZ") is { Length: > 0 } text
            ? int.Parse(text, CultureInfo.InvariantCulture) : Count;
        var (read, number) = (0, 0);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count), Prop.ForAll(Cases(original), damaged =>
        {
            var (clock, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
            try
            {
                using var scope = torch.NewDisposeScope();
                using var tensors = StoredTensors.Of("damaged", damaged.Tensors, module);
                var request = new ImportRequest { As = damaged.As is { } asked ? KnownModel.Find(asked) : null };
                if (++number % Built == 0)
                    ModelFile.Read(tensors, request).Dispose();
                else
                    ModelFile.Find(tensors, request, _ => { });
                read++;
            }
            catch (InputException refusal)
            {
                Assert.StartsWith("damaged: found ", refusal.Message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', refusal.Message);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Allowance + PerLevel * Levels(damaged.Tensors));
            Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        }));
        output.WriteLine($"{count} lists of tensors: {read} read");
    }

    // A table of more is no table that is read.
    private static long Levels(IEnumerable<StoredTensor> tensors) =>
        tensors.Where(tensor => tensor.Name == TimeTable).Select(tensor => tensor.Shape.FirstOrDefault()).Where(rows => rows < 1 << 20)
            .DefaultIfEmpty().Max();

    private sealed record Case(StoredTensor[] Tensors, string? As)
    {
        public override string ToString() => $"--as {As}: {string.Join(", ", Tensors.Select(tensor => $"{tensor.Name} {tensor.Shape}"))}";
    }

    private static Arbitrary<Case> Cases(IReadOnlyList<StoredTensor> original) => Arb.From(
        from changes in Gen.Choose(0, 3)
        from numbers in Gen.Choose(0, 1 << 24).ArrayOf(4 * changes)
        from known in Gen.Elements(Names)
        select new Case(Changed(original, numbers), known));

    private static StoredTensor[] Changed(IReadOnlyList<StoredTensor> original, int[] numbers)
    {
        var tensors = original.ToList();
        for (var at = 0; at < numbers.Length && tensors.Count > 0; at += 4)
        {
            var (place, what, dimension) = (numbers[at] % tensors.Count, numbers[at + 1] % 6, numbers[at + 2]);
            var tensor = tensors[place];
            var sizes = tensor.Shape.ToArray();
            if (what == 0)
                tensors.RemoveAt(place);
            else if (what == 1)
                tensors.RemoveRange(place, Min(tensors.Count - place, dimension % 20));
            else if (what == 2)
                tensors[place] = tensor with { Name = tensors[dimension % tensors.Count].Name };
            else if (what == 3)
                tensors[place] = tensor with
                {
                    Name = string.Concat(tensor.Name.Select(letter => char.IsAsciiDigit(letter) ? (char)('0' + dimension % 10) : letter)),
                };
            else if (what == 4)
                tensors[place] = tensor with { Shape = TensorShape.Of(sizes[..(dimension % (sizes.Length + 1))]) };
            else if (sizes.Length > 0)
            {
                sizes[dimension % sizes.Length] = Sizes[numbers[at + 3] % Sizes.Length];
                tensors[place] = tensor with { Shape = TensorShape.TryOf(sizes) ?? tensor.Shape };
            }
        }
        return [.. tensors];
    }
}
