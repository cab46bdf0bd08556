using System.Globalization;

namespace Diffusion.Model.Recipes;

/// <summary>What a recipe may be called: its name is part of a folder's, and is printed in many places.</summary>
public static class RecipeName
{
    private const int Longest = 100;
    private const string Rule = "a letter or digit first, at most 100 characters, none of / \\ : * ? \" < > | and no control characters";

    /// <summary>What is wrong with a name, in a sentence; null where it can be used.</summary>
    public static string? Fault(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.Length is > 0 and <= Longest
                && char.IsLetterOrDigit(name, 0) && name.All(IsPlain) && !name.EndsWith('.') && !name.EndsWith(' ')
            ? null
            : $"name: '{Of(name)}' stands for what cannot be a recipe's name: {Rule}";
    }

    /// <summary>The nearest name that can be used.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var plain = string.Concat(text.Select(character => IsPlain(character) ? character : '-')).TrimStart([.. " -.=+@_"]);
        var cut = plain[..Min(plain.Length, Longest)].TrimEnd(' ', '.');
        return cut.Length > 0 && char.IsLetterOrDigit(cut, 0) ? cut : $"model{(cut.Length is > 0 and < Longest - 6 ? $"-{cut}" : "")}";
    }

    // Half a surrogate pair, and what turns or hides what stands beside it, are no characters of a name.
    private static bool IsPlain(char character) => !"/\\:*?\"<>|".Contains(character) && char.GetUnicodeCategory(character) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
