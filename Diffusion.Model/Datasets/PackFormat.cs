using System.Security.Cryptography;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>The file of a pack: images of one shape, decoded, one after the other, and an index behind them.</summary>
/// <remarks>
/// <code>
/// byte 0     89 "DPACK" 0D 0A
/// 8          u32: version, 1
/// 12         u32: 0
/// 16         u64: where the index begins, T
/// 24         u64: where its JSON begins, J
/// 32         SHA-256 of bytes 0 to 31 and of everything from T on
/// 4096       uint8 images, each C×H×W, image by image, part by part
/// T          i32 labels, one of each image
///            u64 XXH3 of each image, with seed 0
/// J          JSON up to the end: the shape; of each part its images, hashes, classes, and where they are from
/// </code>
/// All numbers are little-endian. The index is behind the images because it is known only then: a pack is written in one go, from images
/// that are read once. Its SHA-256 guards the index; the checksums in it guard the images one by one, so that each is checked whenever it
/// is read, and none has to be read to open the file.
/// </remarks>
internal static class PackFormat
{
    /// <summary>The version that is written, and read.</summary>
    public const uint Version = 1;

    /// <summary>Where the images begin: at a page.</summary>
    public const int Start = 4096;

    /// <summary>Images of a part at most: the index is in memory.</summary>
    public const int MostImages = 1 << 27;

    /// <summary>Bytes of the index for each image.</summary>
    public const int OfAnImage = sizeof(int) + sizeof(ulong);

    /// <summary>Where the places of the index are.</summary>
    public const int Places = 16;

    /// <summary>Where the hash is.</summary>
    public const int Hash = 32;

    /// <summary>Where what is fixed ends.</summary>
    public const int PreludeEnd = Hash + SHA256.HashSizeInBytes;

    /// <summary>How a pack begins. The first byte is no text, and whoever changes line ends destroys the last.</summary>
    public static ReadOnlySpan<byte> Magic => [0x89, (byte)'D', (byte)'P', (byte)'A', (byte)'C', (byte)'K', 0x0D, 0x0A];

    /// <summary>The hash of the index.</summary>
    /// <param name="file">The file.</param>
    /// <param name="index">Where the index begins.</param>
    /// <exception cref="InvalidFileException">That is beyond the end.</exception>
    public static byte[] HashOf(FileBytes file, long index)
    {
        const int Piece = 1 << 20;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(file.Slice(0, Hash, "the beginning"));
        for (var at = index; at < file.Length; at += Piece)
            hash.AppendData(file.Slice(at, (int)Min(Piece, file.Length - at), "the index"));
        return hash.GetCurrentHash();
    }
}
