using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;
using Diffusion.Model.Formats.Numpy;
using Diffusion.Model.Formats.Tensors;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Images as one array of bytes in an <c>.npz</c> file, as guided-diffusion and others write their samples.</summary>
public static class ImageArray
{
    private static readonly Sequence<string> Names = ["arr_0", "images", "samples", "x"];

    /// <summary>Reads the images.</summary>
    /// <param name="path">The file; an array [N, H, W, C] or [N, C, H, W] with C of 1, 3, or 4 with alpha, or [N, H, W].</param>
    /// <exception cref="InputException">There is no such array, or the file is damaged.</exception>
    public static ImageSet Read(string path)
    {
        try
        {
            using var scope = NewDisposeScope();
            using var file = Npz.Open(path);
            var entry = Names.Where(file.Contains).Select(name => file[name]).FirstOrDefault() ?? throw new InputException(path,
                $"the arrays {string.Join(", ", file.Entries.Select(item => item.Name))}",
                $"images under one of the names {string.Join(", ", Names)}");
            if (entry.Type != ElementType.UInt8)
                throw new InputException(path, $"{entry.Name} of {entry.Type}", "bytes (uint8), as image files hold");
            if (entry.Shape.Elements == 0)
                throw new InputException(path, $"no image: {entry.Name} is of {entry.Shape}", "at least one image");
            var planes = ToPlanes(path, entry);
            var (n, c, h, w) = (planes.shape[0], planes.shape[1], planes.shape[2], planes.shape[3]);
            return ImageSet.Of(
                new(Path.GetFileName(path), Split.Train, ["image"], path), new((int)c, (int)h, (int)w),
                planes.contiguous().bytes, new byte[n]);
        }
        catch (InvalidFileException damage)
        {
            throw new InputException(path, damage.Message, "images in .npz format", damage);
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(path, mismatch.Message.TrimEnd('.'), "images", mismatch);
        }
    }

    private static Tensor ToPlanes(string path, NpyEntry entry) => entry.Shape.ToArray() switch
    {
        [_, _, _] => entry.Load().unsqueeze(1),
        [_, _, _, 1 or 3 or 4] => entry.Load().permute(0, 3, 1, 2),
        [_, 1 or 3 or 4, _, _] => entry.Load(),
        _ => throw new InputException(path, $"{entry.Name} of {entry.Shape}", "[N, H, W, C] or [N, C, H, W] with 1, 3 or 4 channels"),
    };
}
