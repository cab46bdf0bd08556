using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Model.Datasets;

/// <summary>Writes a pack, image by image; see <see cref="PackFormat"/>. Of an image only its label and checksum stay in memory.</summary>
/// <param name="place">The file's name, for messages.</param>
/// <param name="stream">Where to; empty, and seekable.</param>
internal sealed class PackWriter(string place, Stream stream) : IDisposable
{
    private const int Piece = 1 << 12;

    private readonly List<PackPart> _parts = [];
    private readonly IncrementalHash _content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<ulong> _checksums = [];
    private ImageShape? _shape;

    /// <summary>Writes a part.</summary>
    /// <param name="shape">The shape of an image.</param>
    /// <param name="give">Gives the images, some at a time, and says at last what they are and which label each has.</param>
    /// <exception cref="InputException">The images have another shape than those of the part before, or are too many.</exception>
    public void Add(ImageShape shape, Func<Pixels, (DataDescription Description, int[] Labels)> give)
    {
        if ((_shape ??= shape) is var first && first != shape)
            throw new InputException(
                place, $"test images of {shape} beside training images of {first}", "images of one shape, such as by --size");
        if (_parts.Count == 0)
            stream.Position = PackFormat.Start;
        _checksums.Clear();
        using var digest = new ImageDigest(shape);
        var (description, labels) = give(pixels => Write(pixels, (int)shape.Size, digest));
        var part = new PackPart(description, _checksums.Count, Sha256Of(_content, labels, description.ClassNames.Count), digest.Sha256);
        labels.CopyTo(part.Labels, 0);
        _checksums.CopyTo(part.Checksums);
        _parts.Add(part);
    }

    /// <summary>Receives images that follow each other, as bytes.</summary>
    /// <param name="images">Whole images, each C×H×W.</param>
    public delegate void Pixels(ReadOnlySpan<byte> images);

    /// <summary>Writes the index.</summary>
    public void Complete()
    {
        var (prelude, index) = (new byte[PackFormat.PreludeEnd], stream.Position);
        PackFormat.Magic.CopyTo(prelude);
        BinaryPrimitives.WriteUInt32LittleEndian(prelude.AsSpan(PackFormat.Magic.Length), PackFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(prelude.AsSpan(PackFormat.Places), index);
        BinaryPrimitives.WriteInt64LittleEndian(
            prelude.AsSpan(PackFormat.Places + 8), index + _parts.Sum(part => (long)part.Count) * PackFormat.OfAnImage);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(prelude, 0, PackFormat.Hash);
        foreach (var part in _parts)
            Put(part.Labels);
        foreach (var part in _parts)
            Put(part.Checksums);
        Put(Json());
        hash.GetCurrentHash().CopyTo(prelude, PackFormat.Hash);
        stream.Position = 0;
        stream.Write(prelude);

        void Put<T>(T[] values)
            where T : struct
        {
            for (var at = 0; at < values.Length; at += Piece)
            {
                var bytes = MemoryMarshal.AsBytes(values.AsSpan(at, Min(Piece, values.Length - at)));
                hash.AppendData(bytes);
                stream.Write(bytes);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _content.Dispose();

    /// <summary>
    /// What <see cref="Provenance.Sha256"/> is of a part: a hash of all pixels and then of all labels, one byte each or, of more than 256
    /// classes, four. Begins anew with the next part.
    /// </summary>
    internal static string Sha256Of(IncrementalHash pixels, ReadOnlySpan<int> labels, int classes)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        foreach (var label in labels)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, label);
            pixels.AppendData(bytes[..(classes <= 256 ? 1 : sizeof(int))]);
        }
        return Convert.ToHexStringLower(pixels.GetHashAndReset());
    }

    private void Write(ReadOnlySpan<byte> images, int size, ImageDigest digest)
    {
        if (_checksums.Count + images.Length / size > PackFormat.MostImages)
            throw new InputException(place, $"more than {PackFormat.MostImages} images", "several packs of fewer");
        stream.Write(images);
        _content.AppendData(images);
        digest.Add(images);
        for (; images.Length > 0; images = images[size..])
            _checksums.Add(XxHash3.HashToUInt64(images[..size]));
    }

    private byte[] Json()
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteStartArray("shape");
            foreach (var size in new[] { _shape!.Value.Channels, _shape.Value.Height, _shape.Value.Width })
                json.WriteNumberValue(size);
            json.WriteEndArray();
            json.WriteStartArray("parts");
            foreach (var part in _parts)
                Write(json, part);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return text.ToArray();
    }

    private static void Write(Utf8JsonWriter json, PackPart part)
    {
        var said = part.Description;
        json.WriteStartObject();
        json.WriteStartArray("images");
        json.WriteNumberValue(part.Count);
        json.WriteEndArray();
        string[] texts = [said.Name, said.Origin, said.LabelSource, said.Fitted, said.LeftOut, part.Sha256, part.PixelsSha256];
        foreach (var (name, value) in PackPart.Texts.Zip(texts))
            json.WriteString(name, value);
        json.WriteStartArray("classes");
        foreach (var name in said.ClassNames)
            json.WriteStringValue(name);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
