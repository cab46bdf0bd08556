using System.Globalization;
using System.IO.Compression;
using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;
using Diffusion.Model.Formats.Tensors;
using Diffusion.Model.Images;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runs;

namespace Diffusion.Host.Diagnostics;

/// <summary>Files that this program writes beside weights: images with notes, tables, recipes, samples and statistics.</summary>
internal static class FileFacts
{
    private const long LongestImage = 1L << 30;
    private const string Readable =
        "a file of weights or arrays (safetensors, npy, npz, PyTorch), a PNG image, a pack, a table as CSV, or a recipe";

    /// <summary>What a file is; null where it holds tensors, or nothing that is known.</summary>
    /// <exception cref="IOException">It cannot be read, or is damaged.</exception>
    public static PlaceDescription? Of(string path)
    {
        OrdinaryFile.Require(path);
        return ImagePack.IsAt(path) ? OfPack(path) : OfImage(path) ?? Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => OfTable(path),
            ".json" => OfRecipe(path),
            _ => null,
        };
    }

    /// <summary>The tensors in a file.</summary>
    /// <exception cref="InputException">It is of another kind, which is named.</exception>
    /// <exception cref="InvalidFileException">It is damaged.</exception>
    public static FileDescription TensorsIn(string path)
    {
        if (new FileInfo(path).Length == 0)
            throw new InputException(path, "an empty file", Readable);
        using var file = FileBytes.Map(path);
        if (FileFormats.Find(file) is not { } format)
            throw new InputException(path, Kind(path, file), Readable);
        if (format == FileFormat.Npz && FilesIn(path) is { Count: > 0 } names
            && !names.Any(name => name.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)))
            throw new InputException(
                path,
                $"a zip archive of {Counted.Of(names.Count, "file")}" +
                    $", such as {names[0]}",
                Readable);
        return FileFormats.Describe(file);
    }

    // Recognised by its name where that agrees with its content.
    private static string Kind(string path, FileBytes file)
    {
        var kind = FileKind.OtherThanArrays(file.Length, file.Slice(0, (int)Min(file.Length, FileKind.Looked), "the beginning"));
        return (Path.GetExtension(path).ToLowerInvariant(), kind) switch
        {
            (".png" or ".apng", not "a PNG image") => "a file that is no PNG image, whatever its name",
            (".html" or ".htm", { }) => "a web page",
            (".svg", { }) => "an SVG image",
            (".jpg" or ".jpeg" or ".gif" or ".webp" or ".bmp", null or not "a text file") => "an image without notes that are read",
            _ => kind ?? "a file of an unknown kind",
        };
    }

    private static List<string> FilesIn(string zip)
    {
        try
        {
            using var archive = new ZipArchive(OrdinaryFile.Open(zip), ZipArchiveMode.Read);
            return [.. archive.Entries.Select(entry => entry.FullName).Where(name => !name.EndsWith('/'))];
        }
        catch (InvalidDataException)
        {
            // Reported where it is read.
            return [];
        }
    }

    /// <summary>What arrays of a numpy file are for, where their names and shapes tell.</summary>
    public static Sequence<(string Name, string Text)> OfArrays(FileDescription file)
    {
        if (file.Format is not (FileFormat.Npy or FileFormat.Npz))
            return [];
        TensorDescription? Find(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
                if (file.Tensors.FirstOrDefault(array => array.Name == name) is { } found)
                    return found;
            return null;
        }
        if (Find("mu") is not null && Find("sigma") is not null)
            return [("content", "feature statistics (mu, sigma), for fid")];
        var images = Find("arr_0", "images", "samples", "x") ?? (file.Tensors.Count == 1 ? file.Tensors[0] : null);
        return images?.Shape.ToArray() is [var count, var height, var width, var channels] && channels is 1 or 3 or 4
            ? [("content", FormattableString.Invariant($"{Counted.Grouped(count, "image")} of {height}×{width}×{channels}, for fid"))]
            : [];
    }

    private static PlaceDescription OfPack(string path) => new(
        "pack of images",
        [
            ("size", ByteCount.Text(new FileInfo(path).Length)),
            .. ImagePack.Describe(path).SelectMany(part => new (string, string)[]
            {
                (part.Description.Split.ToString().ToLowerInvariant(), PackFacts.Text(part)), ("from", part.Description.Origin),
                ("sha256", part.Sha256),
            }),
            ("to check it", $"{ResumeLine.Call} data check {ResumeLine.Quoted(path)}"),
        ],
        null);

    private static PlaceDescription? OfImage(string path)
    {
        var start = new byte[16];
        using (var file = OrdinaryFile.Open(path))
            if (!ImageNotes.IsFormat(start.AsSpan(0, file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false))))
                return null;
        return ImageNotes.Read(OrdinaryFile.ReadAll(path, LongestImage)) is not { } image
            ? throw new InputException(path, "an image file that is damaged or cut off, or of another format", $"{ImageNotes.Formats}")
            : new(
                $"{image.Format} image",
                [
                    .. image.Size is var (width, height)
                        ? [("pixels", string.Create(CultureInfo.InvariantCulture, $"{width}×{height}"))] : Array.Empty<(string, string)>(),
                    ("size", ByteCount.Text(new FileInfo(path).Length)),
                    .. image.Notes.Select(note => (note.Keyword, PlainText.OneLine(note.Text))),
                    .. image.Notes.Count == 0 ? [("notes", "none")] : Array.Empty<(string, string)>(),
                ],
                null);
    }

    private static PlaceDescription OfTable(string path)
    {
        var table = MeasuredRows.Upgraded(ReportTable.Read(path));
        var rows = string.Create(CultureInfo.InvariantCulture, $"{table.Rows.Count}");
        var (kind, isCompared) = table.Columns switch
        {
            { Count: 0 } => throw new InputException(path, "no columns", "a table as CSV"),
            var columns when MeasuredRows.SweepColumns.All(columns.Contains) => ("table of a sweep", true),
            var columns when columns.Contains("epoch") && columns.Contains("step") && columns.Contains("nfe") =>
                ("report of a run: a row per evaluation", true),
            var columns when StepReport.Columns.All(columns.Contains) => ("training curve of a run: a row every few steps", false),
            var columns when MeasuredRows.IsWrittenByFid(columns) => ("measurements", true),
            _ => ("table", false),
        };
        return new(
            kind,
            [
                ("rows", rows), ("columns", string.Join(", ", table.Columns.Select(PlainText.Name))),
                .. isCompared && table.Rows.Count > 0
                    ? [("to show it", $"{ResumeLine.Call} compare {ResumeLine.Quoted(path)}")] : Array.Empty<(string, string)>(),
            ],
            null);
    }

    private static PlaceDescription OfRecipe(string path)
    {
        var recipe = RecipeFile.Read(path);
        return new(
            "recipe",
            [
                ("name", recipe.Name), ("data", recipe.Data.Set),
                ("steps", string.Create(CultureInfo.InvariantCulture, $"{recipe.Length.Steps:N0}")),
                ("to train", $"{ResumeLine.Call} train {ResumeLine.Quoted(path)}"),
            ],
            null);
    }
}
