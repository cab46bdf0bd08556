using System.Security.Cryptography;
using System.Text;
using Diffusion.Model.Images;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Identifies pictures as they come by what can be seen of them: equal digits mean equal pixels in equal order.</summary>
public sealed class PictureDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>No picture yet.</summary>
    /// <param name="shape">The shape of all pictures.</param>
    public PictureDigest(ImageShape shape) => _hash.AppendData(Encoding.UTF8.GetBytes($"{shape}\n"));

    /// <summary>The next pictures.</summary>
    /// <param name="bytes">uint8 [N, C, H, W], on any device.</param>
    public void Add(Tensor bytes)
    {
        using var scope = NewDisposeScope();
        _hash.AppendData(bytes.cpu().contiguous().bytes);
    }

    /// <summary>64 hexadecimal digits over the shape and the pixels so far.</summary>
    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
