namespace Diffusion.Math.Values;

/// <summary>Guesses which word was meant.</summary>
public static class Suggestion
{
    /// <summary>"; did you mean x?" for the nearest word, or nothing where none is near.</summary>
    public static string Among(IEnumerable<string> words, string typed) => Among(words.Select(word => (word, word)), typed);

    /// <summary>The same where a word leads to another one, as a former name to the present one.</summary>
    public static string Among(IEnumerable<(string Typed, string Meant)> words, string typed)
    {
        var nearest = words
            .Select(word => (word.Typed, word.Meant, Distance: Distance(typed.ToLowerInvariant(), word.Typed.ToLowerInvariant())))
            .Where(entry => !IsLetter(entry.Typed) && IsNear(typed, entry.Typed, entry.Distance))
            .OrderBy(entry => entry.Distance)
            .FirstOrDefault();
        return nearest.Meant is null ? "" : $"; did you mean {nearest.Meant}?";
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

    // A letter after a dash is near every other one.
    private static bool IsLetter(string word) => word.Length <= 2 && word.StartsWith('-');

    // A third of the letters may differ; the beginning of a word is always near it.
    private static bool IsNear(string typed, string word, int distance) =>
        distance <= Max(1, (Max(typed.Length, word.Length) + 1) / 3)
        || (typed.TrimStart('-').Length > 1 && word.StartsWith(typed, StringComparison.OrdinalIgnoreCase));
}
