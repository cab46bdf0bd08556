using Diffusion.Host.Displays;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;

namespace Diffusion.Host.Diagnostics;

/// <summary>What is wrong with the numbers of a file of weights.</summary>
internal static class NumberFacts
{
    private const long LargestFile = 4L << 30;

    // Weights of one network may share their bytes.
    private const int Repetitions = 2;

    /// <summary>A line where some are NaN or infinite or damaged, or were not looked at; none where all are as they should be.</summary>
    /// <param name="path">A file of weights, safetensors or PyTorch's. Of other files nothing is said.</param>
    public static Sequence<(string Name, string Text)> Of(string path)
    {
        if (Stored(path) is not { } tensors)
            return [];
        using (tensors)
        {
            var size = new FileInfo(path).Length;
            if (size > LargestFile)
                return [("not checked", $"whether its numbers are finite: the file is larger than {ByteCount.Text(LargestFile)}")];
            try
            {
                return tensors.WithNonFinite(Repetitions * size).ToList() is [var first, .. var others]
                    ? [("broken", first + (others.Count == 0 ? "" : $", and {Counted.Of(others.Count, "other tensor")}"))] : [];
            }
            catch (InvalidFileException damage)
            {
                return [("damaged", damage.Message)];
            }
        }
    }

    private static StoredTensors? Stored(string path)
    {
        try
        {
            return StoredTensors.Open(path);
        }
        catch (Exception other) when (other is InvalidFileException or InputException)
        {
            // Arrays of NumPy, or tensors without names.
            return null;
        }
    }
}
