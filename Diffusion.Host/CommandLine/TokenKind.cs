using System.Globalization;
using System.Numerics;
using Diffusion.Math.Values;

namespace Diffusion.Host.CommandLine;

/// <summary>What a word of the command line has to be.</summary>
/// <typeparam name="T">A nullable type: null stands for a word that was not given.</typeparam>
internal abstract class TokenKind<T>
{
    /// <summary>What is expected, as the end of "x is not …".</summary>
    public abstract string Expected { get; }

    /// <summary>The only words there are, or none where there are too many to list.</summary>
    public virtual IReadOnlyList<string> Words => [];

    /// <summary>Words that a shell offers; others may be right, too.</summary>
    public virtual IReadOnlyList<string> Offered => Words;

    /// <summary>The word's value.</summary>
    public abstract bool TryRead(string token, out T? value);

    /// <summary>What is wrong with a word that cannot be read.</summary>
    public virtual string Fault(string token) => $"{Quoted(token)} is not {Expected}{Synonyms.Among(Words, token)}";

    private static string Quoted(string token) => token.Length == 0 || token.Any(char.IsWhiteSpace) ? $"'{token}'" : token;
}

/// <summary>A whole number in a range, in decimal digits.</summary>
internal sealed class WholeNumber<T>(string expected, T low, T? high = null) : TokenKind<T?>
    where T : struct, IBinaryInteger<T>, IMinMaxValue<T>
{
    /// <inheritdoc/>
    public override string Expected => expected;

    /// <inheritdoc/>
    public override bool TryRead(string token, out T? value)
    {
        var isRead = T.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= low && (high is null || number <= high);
        value = isRead ? number : null;
        return isRead;
    }

    /// <inheritdoc/>
    public override string Fault(string token) =>
        token.Length > 0 && token.All(char.IsAsciiDigit) && IsTooLarge(token) ? $"{token} is more than {T.MaxValue}" : base.Fault(token);

    private static bool IsTooLarge(string digits) =>
        BigInteger.Parse(digits, CultureInfo.InvariantCulture) > BigInteger.CreateChecked(T.MaxValue);
}

/// <summary>A real number in a closed interval.</summary>
internal sealed class RealNumber(double low, double high) : TokenKind<double?>
{
    /// <inheritdoc/>
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a number from {low} to {high}");

    /// <inheritdoc/>
    public override bool TryRead(string token, out double? value)
    {
        var isNumber = double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var number);
        var isRead = isNumber && number >= low && number <= high;
        value = isRead ? number : null;
        return isRead;
    }
}

/// <summary>Any text but an empty one, such as a path.</summary>
internal sealed class FreeText(string expected) : TokenKind<string>
{
    /// <inheritdoc/>
    public override string Expected => expected;

    /// <inheritdoc/>
    public override bool TryRead(string token, out string? value)
    {
        value = token;
        return !string.IsNullOrWhiteSpace(token);
    }
}

/// <summary>One of a few words, each of which stands for a value.</summary>
internal sealed class OneOf<T>(params (string Word, T Value)[] choices) : TokenKind<T>
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } = [.. choices.Select(choice => choice.Word)];

    /// <summary>Former words, which are still understood and not listed.</summary>
    public IReadOnlyList<(string Word, T Value)> Former { get; init; } = [];

    /// <inheritdoc/>
    public override string Expected => $"one of {string.Join(", ", Words)}";

    /// <inheritdoc/>
    public override bool TryRead(string token, out T? value)
    {
        foreach (var choice in choices.Concat(Former))
        {
            value = choice.Value;
            if (choice.Word == token)
                return true;
        }
        value = default;
        return false;
    }
}

/// <summary>A word whose value is computed, where the computation itself says what is wrong with it.</summary>
internal sealed class Computed<T>(string expected, Func<string, T> compute, params IReadOnlyList<string> offered) : TokenKind<T>
    where T : class
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Offered => offered;

    /// <inheritdoc/>
    public override string Expected => expected;

    /// <inheritdoc/>
    public override bool TryRead(string token, out T? value)
    {
        try
        {
            value = compute(token);
            return true;
        }
        catch (ArgumentException)
        {
            // Said again in the words of the option.
            value = null;
            return false;
        }
    }
}
