using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Diffusion.Model.Images;

/// <summary>Identifies images as they come by what can be seen of them: equal digits mean equal pixels in equal order.</summary>
public sealed class ImageDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private ImageShape _shape;

    /// <summary>No image yet.</summary>
    /// <param name="shape">The shape of the first image, usually of all.</param>
    public ImageDigest(ImageShape shape) => Begin(shape);

    /// <summary>The next images. Their shape is part of the digest where it is not that of the images before.</summary>
    /// <param name="bytes">uint8 [N, C, H, W], on any device.</param>
    public void Add(Tensor bytes)
    {
        var shape = new ImageShape((int)bytes.shape[1], (int)bytes.shape[2], (int)bytes.shape[3]);
        if (shape != _shape)
            Begin(shape);
        using var scope = NewDisposeScope();
        _hash.AppendData(bytes.cpu().contiguous().bytes);
    }

    /// <summary>The next images, of the same shape as those before.</summary>
    /// <param name="images">Whole images, one after the other, each C×H×W.</param>
    internal void Add(ReadOnlySpan<byte> images) => _hash.AppendData(images);

    /// <summary>64 hexadecimal digits over the shape and the pixels so far.</summary>
    public string Sha256 => Convert.ToHexStringLower(_hash.GetCurrentHash());

    private void Begin(ImageShape shape)
    {
        _shape = shape;
        _hash.AppendData(Encoding.UTF8.GetBytes($"{shape}\n"));
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
