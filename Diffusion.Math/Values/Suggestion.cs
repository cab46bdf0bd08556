namespace Diffusion.Math.Values;

/// <summary>Guesses which word was meant.</summary>
public static class Suggestion
{
    // What other programs call it.
    private static readonly Dictionary<string, string> Synonyms = new() { ["gpu"] = "cuda", ["nvidia"] = "cuda", ["gpu:0"] = "cuda", ["none"] = "cpu" };

    /// <summary>"; did you mean x?" for the nearest word, or nothing where none is near.</summary>
    public static string Among(IEnumerable<string> words, string typed)
    {
        if (Synonyms.GetValueOrDefault(typed.ToLowerInvariant()) is { } meant && words.Contains(meant))
            return $"; did you mean {meant}?";
        var nearest = words
            .Select(word => (Word: word, Distance: Distance(typed.ToLowerInvariant(), word.ToLowerInvariant())))
            .Where(entry => IsNear(typed, entry.Word, entry.Distance))
            .OrderBy(entry => entry.Distance)
            .FirstOrDefault();
        return nearest.Word is null ? "" : $"; did you mean {nearest.Word}?";
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.</summary>
    /// <remarks>Damerau 1964, in its restricted form: nothing is edited twice.</remarks>
    public static int Distance(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var row = 0; row <= from.Length; row++)
        {
            for (var column = 0; column <= to.Length; column++)
                table[row, column] = row == 0 || column == 0 ? row + column : Cheapest(row, column);
        }
        return table[from.Length, to.Length];

        int Cheapest(int row, int column)
        {
            var replaced = table[row - 1, column - 1] + (from[row - 1] == to[column - 1] ? 0 : 1);
            var edited = Min(replaced, 1 + Min(table[row - 1, column], table[row, column - 1]));
            return row > 1 && column > 1 && from[row - 1] == to[column - 2] && from[row - 2] == to[column - 1]
                ? Min(edited, table[row - 2, column - 2] + 1)
                : edited;
        }
    }

    // A third of the letters may differ; the beginning of a word is always near it.
    private static bool IsNear(string typed, string word, int distance) =>
        distance <= Max(1, (Max(typed.Length, word.Length) + 1) / 3)
        || (typed.TrimStart('-').Length > 1 && word.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
}
