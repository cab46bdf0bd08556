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
    private const int LongestReason = 200;
    private const string Expected = $"an image that was sampled by this program ({ImageNotes.Formats}), or its request as JSON";

    /// <summary>Reads it.</summary>
    /// <exception cref="InputException">There is none, or it has a field that is unknown.</exception>
    public static (SamplingRequest Request, Sequence<Note> Notes) Read(string path)
    {
        var file = Bytes(path);
        if (!ImageNotes.IsFormat(file))
            return (Parsed(path, Encoding.UTF8.GetString(file)), []);
        if (ImageNotes.Read(file) is not { } image)
            throw new InputException(path, "an image file that is damaged or of another format", Expected);
        return image.Notes.Where(note => note.Keyword == SheetFile.RequestNote).Select(note => note.Text).LastOrDefault() is { } text
            ? (Parsed(path, text), image.Notes)
            : throw new InputException(path, "an image without a request", Expected);
    }

    private static SamplingRequest Parsed(string path, string text)
    {
        try
        {
            var requests = SamplingRequest.ParseAll(text);
            return requests.Count == 1 ? requests[0] : throw new InputException(
                path, $"a sheet of {requests.Count} requests, one per row",
                $"one request: the command info lists those of {Path.GetFileName(path)}, and --request takes one of them as a .json file");
        }
        catch (JsonException fault)
        {
            throw new InputException(
                path, PlainText.Elided(fault.Message.Split(" LineNumber:")[0].Replace('\n', ' ').TrimEnd('.'), LongestReason),
                Expected, fault);
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
                throw new InputException(path, Counted.Of(file.Length, "byte"), Expected);
            return OrdinaryFile.ReadAll(path, Largest);
        }
        catch (Exception trouble) when (trouble is IOException and not InputException or UnauthorizedAccessException)
        {
            throw new InputException(path, "a file that cannot be read", Expected, trouble);
        }
    }
}
