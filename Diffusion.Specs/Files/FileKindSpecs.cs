using System.IO.Compression;
using System.Text;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using TorchSharp;

namespace Diffusion.Specs.Files;

/// <summary>What is said of a file that holds no weights, whatever it is called.</summary>
public sealed class FileKindSpecs : IDisposable
{
    private readonly TemporaryFolder _place = new();

    public void Dispose() => _place.Dispose();

    public static TheoryData<string, byte[]> Files => new()
    {
        { "a text file", "weights go here\n"u8.ToArray() },
        { "a text file", Encoding.UTF8.GetBytes(new string('ß', 600)) },
        { "a JSON file", " {\n  \"layers\": [1, 2]\n}"u8.ToArray() },
        { "an empty file", [] },
        { "a web page instead of the data", "<!DOCTYPE html><html>"u8.ToArray() },
        { "a git-lfs pointer instead of the data", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"u8.ToArray() },
        { "a PNG image", [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, 0, 0, 0, 13] },
        { "a gzip archive", [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] },
        { "an HDF5 file", [0x89, .. "HDF\r\n"u8, 0x1A, 0x0A, 0] },
        { "a tar archive", [.. new byte[257], .. "ustar"u8, 0, .. "00"u8] },
        { "an ONNX model", [8, 7, 0x12, 7, .. "pytorch"u8, 0] },
        { "a GGUF file", [.. "GGUF"u8, 3, 0, 0, 0, 0] },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_without_weights_is_called_what_it_is(string kind, byte[] content)
    {
        foreach (var name in new[] { "x.pt", "x.pkl", "x.safetensors" })
        {
            File.WriteAllBytes(_place[name], content);
            var message = Assert.Throws<InvalidFileException>(() => StoredTensors.Open(_place[name])).Message;
            Assert.StartsWith($"{_place[name]}: found {kind}", message, StringComparison.Ordinal);
            Assert.EndsWith("; expected a file of weights or arrays.", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_zip_archive_that_PyTorch_did_not_write_names_one_of_its_files()
    {
        using (var zip = ZipFile.Open(_place["x.pt"], ZipArchiveMode.Create))
            zip.CreateEntry("photos/cat.png").Open().Dispose();
        var message = Assert.Throws<InvalidFileException>(() => StoredTensors.Open(_place["x.pt"])).Message;
        Assert.EndsWith("x.pt: found a zip archive of 1 file, such as 'photos/cat.png', without the data.pkl of PyTorch; expected a file "
            + "of weights or arrays.", message, StringComparison.Ordinal);
    }

    // The first number of safetensors is the length of its header, and may look like the signature of anything.
    [Theory]
    [InlineData(0x4D42)]
    [InlineData(0x8B1F)]
    public void Weights_whose_first_bytes_are_those_of_another_format_are_read(int header)
    {
        using var scope = torch.NewDisposeScope();
        Safetensors.Write(_place["x.safetensors"], [("a", torch.ones(2))]);
        var content = File.ReadAllBytes(_place["x.safetensors"]);
        var length = BitConverter.ToInt64(content);
        byte[] padded = [.. BitConverter.GetBytes((long)header), .. content[8..(int)(8 + length)],
            .. Enumerable.Repeat((byte)' ', header - (int)length), .. content[(int)(8 + length)..]];
        File.WriteAllBytes(_place["x.bin"], padded);
        using var read = StoredTensors.Open(_place["x.bin"]);
        Assert.Equal("a", Assert.Single(read.All).Name);
    }
}
