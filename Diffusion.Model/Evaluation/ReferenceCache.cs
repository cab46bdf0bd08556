using System.Security.Cryptography;
using System.Text;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Model.Evaluation;

/// <summary>Keeps statistics of images, so that the same reference is not measured twice.</summary>
/// <remarks>
/// A file is found by the content of the images and everything that their features depend on; so it is never out of date.
/// </remarks>
/// <param name="folder">Where the files are; made when the first is written.</param>
public sealed class ReferenceCache(string folder)
{
    /// <summary>The statistics of images: stored ones, or measured now and stored.</summary>
    /// <param name="sha256">What identifies the images.</param>
    /// <param name="extractor">What makes the features.</param>
    /// <param name="measure">Measures them.</param>
    public FeatureSet Find(string sha256, ExtractorIdentity extractor, Func<FeatureSet> measure)
    {
        var path = PathOf(sha256, extractor);
        if (Read(path, sha256, extractor) is { } known)
            return known;
        var measured = measure();
        Write(path, measured);
        return measured;
    }

    /// <summary>Where statistics of such images are kept.</summary>
    public string PathOf(string sha256, ExtractorIdentity extractor)
    {
        var key = $"{sha256}\n{extractor.Name}\n{extractor.WeightsSha256}\n{extractor.Preparation}\n{extractor.Arithmetic}";
        return Path.Combine(folder, $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))[..32]}.npz");
    }

    // A file that is damaged, or that somebody put there under another's name, is as good as none.
    private static FeatureSet? Read(string path, string sha256, ExtractorIdentity extractor)
    {
        if (!File.Exists(path))
            return null;
        try
        {
            var known = StatisticsFile.Read(path);
            return (known.Sha256, known.Extractor) == (sha256, extractor) ? known : null;
        }
        catch (InputException)
        {
            return null;
        }
    }

    // The next measurement only takes longer where there is no room or no permission.
    private static void Write(string path, FeatureSet measured)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            StatisticsFile.Write(path, measured);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
        }
    }
}
