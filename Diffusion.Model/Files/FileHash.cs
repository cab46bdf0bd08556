using System.Security.Cryptography;

namespace Diffusion.Model.Files;

/// <summary>The hash a file must have.</summary>
/// <param name="Algorithm">MD5 where a data set's authors publish nothing better, else SHA-256.</param>
/// <param name="Digits">Lower-case hexadecimal.</param>
public sealed record FileHash(HashAlgorithmName Algorithm, string Digits)
{
    /// <summary>An MD5 hash of 32 digits: guards against accidents, not against malice.</summary>
    public static FileHash Md5(string digits) => new(HashAlgorithmName.MD5, digits);

    /// <summary>A SHA-256 hash of 64 digits.</summary>
    public static FileHash Sha256(string digits) => new(HashAlgorithmName.SHA256, digits);

    /// <summary>The same kind of hash of a stream's content from its position on.</summary>
    public FileHash Of(Stream content)
    {
        using var hash = IncrementalHash.CreateHash(Algorithm);
        var buffer = new byte[1 << 16];
        while (content.Read(buffer) is > 0 and var count)
            hash.AppendData(buffer, 0, count);
        return this with { Digits = Convert.ToHexStringLower(hash.GetCurrentHash()) };
    }

    /// <summary>Such as <c>MD5 c32a1d4a…</c>.</summary>
    public override string ToString() => $"{Algorithm} {Digits}";
}
