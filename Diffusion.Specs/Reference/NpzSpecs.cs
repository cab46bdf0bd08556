using System.IO.Compression;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Specs.Reference;

public sealed class NpzSpecs
{
    public static TheoryData<string> Files =>
        [.. Repository.ReferenceFiles("*.npz")];

    [Theory]
    [MemberData(nameof(Files))]
    public void Statistics_written_by_NumPy_are_means_and_symmetric_covariances(string name)
    {
        using var file = Npz.Open(Repository.ReferencePath(name));
        Assert.Equal(["mu1", "mu2", "sigma1", "sigma2"], file.Entries.Select(entry => entry.Name).Order(StringComparer.Ordinal));
        foreach (var set in (int[])[1, 2])
        {
            var (mean, covariance) = (file[$"mu{set}"].Read<double>(), file[$"sigma{set}"].Read<double>());
            var size = (int)mean.Shape[0];
            Assert.Equal(TensorShape.Of(size, size), covariance.Shape);
            for (var row = 0; row < size; row++)
            {
                Assert.True(covariance.Values[row * size + row] > 0);
                for (var column = 0; column < row; column++)
                    Assert.Equal(covariance.Values[column * size + row], covariance.Values[row * size + column], 1e-12);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_array_written_by_NumPy_is_written_again_byte_for_byte(string name)
    {
        var path = Repository.ReferencePath(name);
        var copy = Path.GetTempFileName();
        try
        {
            using var file = Npz.Open(path);
            using var zip = ZipFile.OpenRead(path);
            foreach (var entry in file.Entries)
            {
                Npy.Write(copy, NpyArray.Of(entry.Read<double>(), entry.Order));
                using var original = new MemoryStream();
                using (var content = zip.GetEntry($"{entry.Name}.npy")!.Open())
                    content.CopyTo(original);
                Assert.Equal(original.ToArray(), File.ReadAllBytes(copy));
            }
        }
        finally
        {
            File.Delete(copy);
        }
    }
}
