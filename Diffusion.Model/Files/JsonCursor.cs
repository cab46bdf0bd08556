using System.Text.Json;

namespace Diffusion.Model.Files;

/// <summary>Walks through JSON inside a file, token by token; all that is wrong with it is an <see cref="InvalidFileException"/>.</summary>
internal ref struct JsonCursor
{
    // What a key takes in memory besides its characters: the text, and its share of a dictionary that grows.
    private const int KeyCost = 160;

    private readonly FileBytes _file;
    private readonly ReadBudget _budget;
    private readonly long _start;
    private Utf8JsonReader _json;

    public JsonCursor(FileBytes file, ReadBudget budget, long start, int length)
    {
        (_file, _budget, _start) = (file, budget, start);
        _json = new Utf8JsonReader(file.Slice(start, length, "the header"));
    }

    /// <summary>Where in the file the token is that was read last.</summary>
    public readonly long Here => _start + _json.TokenStartIndex;

    /// <summary>The type of the token that was read last.</summary>
    public readonly JsonTokenType Type => _json.TokenType;

    /// <summary>Goes on to the next token, which must be of this type to give true.</summary>
    public bool NextIs(JsonTokenType type) => Next() && _json.TokenType == type;

    /// <summary>Goes on to the next token; false at the end.</summary>
    public bool Next()
    {
        try
        {
            return _json.Read();
        }
        catch (JsonException)
        {
            throw _file.Invalid(_start + _json.BytesConsumed, "the header is not valid JSON");
        }
    }

    /// <summary>Inside an object: the next key, or null at its end.</summary>
    public string? NextKey()
    {
        if (NextIs(JsonTokenType.EndObject))
            return null;
        _budget.Charge(KeyCost, Here);
        return Text();
    }

    /// <summary>The text that was read last.</summary>
    public readonly string Text()
    {
        _budget.Charge((long)sizeof(char) * _json.ValueSpan.Length, Here);
        try
        {
            return _json.GetString()!;
        }
        // What the JSON reader throws for a text that is not UTF-8, or escapes half a surrogate pair.
        catch (InvalidOperationException)
        {
            throw Wrong("a text in the header is not valid Unicode");
        }
    }

    /// <summary>The next token must begin an array of whole numbers, 0 or more: how many there are, at most as many as have room.</summary>
    public int Numbers(scoped Span<long> numbers, string field, string name)
    {
        if (!NextIs(JsonTokenType.StartArray))
            throw Wrong($"the {field} of '{name}' must be an array");
        var count = 0;
        for (; !NextIs(JsonTokenType.EndArray); count++)
        {
            if (count == numbers.Length)
                throw Wrong($"the {field} of '{name}' must be at most {numbers.Length} numbers");
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out numbers[count]) || numbers[count] < 0)
                throw Wrong($"the {field} of '{name}' must be whole numbers, 0 or more");
            _budget.Charge(sizeof(long), Here);
        }
        return count;
    }

    /// <summary>The exception that says what is wrong with the token that was read last.</summary>
    public readonly InvalidFileException Wrong(string reason) => _file.Invalid(Here, reason);
}
