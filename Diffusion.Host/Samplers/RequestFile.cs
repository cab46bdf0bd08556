using System.Text;
using System.Text.Json;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Images;
using Diffusion.Model.Sampling;

namespace Diffusion.Host.Samplers;

/// <summary>A request that a file holds: the notes of an image that was sampled, or JSON.</summary>
public static class RequestFile
{
    private const long Largest = 64 << 20;
    private const string Expected = "an image that was sampled by this program, or its request as JSON";

    /// <summary>Reads it.</summary>
    /// <exception cref="InputException">There is none, or it has a field that is unknown.</exception>
    public static (SamplingRequest Request, Sequence<Note> Notes) Read(string path)
    {
        var file = Bytes(path);
        if (PngNotes.Read(file) is not { } image)
            return (Parsed(path, Encoding.UTF8.GetString(file)), []);
        return image.Notes.Where(note => note.Keyword == SheetFile.RequestNote).Select(note => note.Text).LastOrDefault() is { } text
            ? (Parsed(path, text), image.Notes)
            : throw new InputException(path, "an image without a request", Expected);
    }

    private static SamplingRequest Parsed(string path, string text)
    {
        try
        {
            return SamplingRequest.Parse(text);
        }
        catch (JsonException fault)
        {
            throw new InputException(path, fault.Message.Split(" LineNumber:")[0].Replace('\n', ' ').TrimEnd('.'), Expected, fault);
        }
    }

    private static byte[] Bytes(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                throw new InputException(path, "no such file or folder", Expected);
            if (file.Length > Largest)
                throw new InputException(path, $"{file.Length} bytes", Expected);
            return OrdinaryFile.ReadAll(path, Largest);
        }
        catch (Exception trouble) when (trouble is IOException and not InputException or UnauthorizedAccessException)
        {
            throw new InputException(path, "a file that cannot be read", Expected, trouble);
        }
    }
}
