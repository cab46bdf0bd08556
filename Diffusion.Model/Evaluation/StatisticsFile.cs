using System.Security.Cryptography;
using System.Text.Json;
using System.Text;
using Diffusion.Math.Evaluation;
using Diffusion.Math.Json;
using Diffusion.Math.Numerics;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Evaluation;

/// <summary>Statistics of features in an <c>.npz</c> file: <c>mu</c> and <c>sigma</c>, as every FID tool writes and reads them.</summary>
/// <remarks>Files written here also say how many images there were, what the scatter was divided by and what made the features.</remarks>
public static class StatisticsFile
{
    private const string CountName = "n";
    private const string DivisorName = "ddof";
    private const string FeaturesName = "features";
    private const string ImagesName = "pictures_sha256";
    private const string DrawnName = "drawn";

    // Far beyond every network; products of covariances, and their squares, stay finite.
    private const double Largest = 1e50;

    // pytorch-fid, clean-fid, TTUR, guided-diffusion and EDM; lucidrains; the rest are spellings met in the field.
    private static readonly Sequence<(string Mean, string Covariance)> Names =
        [("mu", "sigma"), ("m2", "s2"), ("m1", "s1"), ("m", "s"), ("mean", "cov"), ("mean", "sigma"), ("mu", "cov")];

    /// <summary>Whether the file holds statistics, rather than images.</summary>
    public static bool Holds(NpzFile file) => NamesIn(file) is not null;

    /// <summary>Reads a file of this program or of another.</summary>
    /// <exception cref="InputException">It holds no statistics, or damaged ones.</exception>
    public static FeatureSet Read(string path)
    {
        try
        {
            using var file = Npz.Open(path);
            var (meanName, covarianceName) = NamesIn(file) ?? throw new InputException(path,
                $"the arrays {string.Join(", ", file.Entries.Select(entry => entry.Name))}",
                "a mean and a covariance, such as mu and sigma");
            var (mean, covariance) = (file[meanName], file[covarianceName]);
            if (mean.Shape is not [var d] || covariance.Shape is not [var rows, var columns] || rows != d || columns != d || d < 1)
                throw new InputException(
                    path, $"{meanName} of {mean.Shape} and {covarianceName} of {covariance.Shape}",
                    "a vector and a square matrix that fit");
            var fit = new NormalFit(Sane(mean), SymmetricMatrix.Of((int)d, Sane(covariance)))
            {
                Count = Whole(path, file, CountName),
                Divisor = Whole(path, file, DivisorName) == 0 ? Divisor.Count : Divisor.CountLessOne,
            };
            return new(fit, file.Contains(ImagesName) ? Text(file[ImagesName]) : HashOf(path))
            {
                Extractor = file.Contains(FeaturesName) ? UnionJson.Read<ExtractorIdentity>(Text(file[FeaturesName])) : null,
                Drawn = file.Contains(DrawnName) ? UnionJson.Read<DrawnSamples>(Text(file[DrawnName])) : null,
            };
        }
        catch (InvalidFileException damage)
        {
            throw new InputException(path, damage.Message, "statistics in .npz format", damage);
        }
        catch (IOException trouble) when (trouble is not InputException)
        {
            throw new InputException(path, "a file that cannot be opened", "statistics in .npz format", trouble);
        }
        catch (JsonException unreadable)
        {
            throw new InputException(
                path, $"an unreadable note of what made the features ({unreadable.Message.TrimEnd('.')})", "one of this program",
                unreadable);
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(path, mismatch.Message.TrimEnd('.'),
                FormattableString.Invariant($"finite numbers up to {Largest} and a symmetric covariance"), mismatch);
        }
    }

    /// <summary>Writes the statistics of images.</summary>
    /// <param name="path">The file.</param>
    /// <param name="images">The images' statistics, hash and extractor.</param>
    /// <exception cref="IOException">The file cannot be written; the old one, if any, is untouched.</exception>
    public static void Write(string path, FeatureSet images)
    {
        var fit = images.Fit;
        Npz.Write(path,
        [
            ("mu", NpyArray.Of(NdArray<double>.Vector(fit.Mean.ToArray()))),
            ("sigma", NpyArray.Of(new NdArray<double>(TensorShape.Of(fit.Dimension, fit.Dimension), fit.Covariance.Values.ToArray()))),
            .. fit.Count is { } count ? [(CountName, NpyArray.Of(NdArray<long>.Vector(count)))] : Array.Empty<(string, NpyArray)>(),
            (DivisorName, NpyArray.Of(NdArray<long>.Vector(fit.Divisor == Divisor.Count ? 0 : 1))),
            (ImagesName, Text(images.Sha256)),
            .. images.Extractor is { } extractor ? [(FeaturesName, Text(UnionJson.Write(extractor)))] : Array.Empty<(string, NpyArray)>(),
            .. images.Drawn is { } drawn ? [(DrawnName, Text(UnionJson.Write(drawn)))] : Array.Empty<(string, NpyArray)>(),
        ]);
    }

    private static (string Mean, string Covariance)? NamesIn(NpzFile file)
    {
        foreach (var pair in Names)
            if (file.Contains(pair.Mean) && file.Contains(pair.Covariance))
                return pair;
        return null;
    }

    private static long? Whole(string path, NpzFile file, string name) =>
        !file.Contains(name) ? null
        : file[name].Read<long>().Values is [>= 0 and var number] ? number
        : throw new InputException(path, $"{name} of {file[name].Shape}", "one whole number");

    private static string Text(NpyEntry entry) => Encoding.UTF8.GetString(entry.Read<byte>().Values);

    private static NpyArray Text(string text) => NpyArray.Of(NdArray<byte>.Vector(Encoding.UTF8.GetBytes(text)));

    private static string HashOf(string path)
    {
        using var stream = OrdinaryFile.Open(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    private static double[] Sane(NpyEntry entry)
    {
        var numbers = Numbers(entry);
        return Array.FindIndex(numbers, number => !(Abs(number) <= Largest)) is >= 0 and var first
            ? throw new ArgumentException(FormattableString.Invariant($"{entry.Name} with the number {numbers[first]}"))
            : numbers;
    }

    private static double[] Numbers(NpyEntry entry) =>
        entry.Type == ElementType.Float32 ? [.. entry.Read<float>().Values.Select(value => (double)value)] : entry.Read<double>().Values;
}
