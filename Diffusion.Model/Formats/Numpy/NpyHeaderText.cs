using Diffusion.Model.Files;
using Diffusion.Model.Formats.Tensors;

namespace Diffusion.Model.Formats.Numpy;

/// <summary>Parses the Python dictionary in an <c>.npy</c> header: texts, True, False and tuples of whole numbers, nothing else.</summary>
internal ref struct NpyHeaderText
{
    private readonly string _text;
    private readonly NpyHeader.Refusal _refuse;
    private int _at;

    private NpyHeaderText(string text, NpyHeader.Refusal refuse) => (_text, _refuse) = (text, refuse);

    /// <summary>The header that <paramref name="text"/> describes.</summary>
    /// <exception cref="InvalidFileException">From <paramref name="refuse"/>, with the position in the text.</exception>
    public static NpyHeader Parse(string text, NpyHeader.Refusal refuse) => new NpyHeaderText(text, refuse).Parse();

    private NpyHeader Parse()
    {
        (ElementType? type, NpyOrder? order, TensorShape? shape) = (null, null, null);
        Take('{');
        while (!Skip('}'))
        {
            var (where, key) = (_at, Quoted());
            Take(':');
            switch (key)
            {
                case "descr" when type is null: type = ReadType(); break;
                case "fortran_order" when order is null: order = ReadOrder(); break;
                case "shape" when shape is null: shape = ReadShape(); break;
                default: throw _refuse(where, $"the header has '{key}'; expected descr, fortran_order and shape, once each");
            }
            if (!Skip(','))
            {
                Take('}');
                break;
            }
        }
        if (Peek() != '\0')
            throw _refuse(_at, "the header goes on after its dictionary");
        if (type is null || order is null || shape is null)
            throw _refuse(0, $"the header lacks {(type is null ? "descr" : order is null ? "fortran_order" : "shape")}");
        return new NpyHeader(type, shape, order.Value);
    }

    private ElementType ReadType()
    {
        var where = _at;
        if (Peek() is not ('\'' or '"'))
            throw _refuse(where, "only arrays of one number per element are supported, not records");
        var code = Quoted();
        return NpyCodes.Parse(code) ?? throw _refuse(where, $"the elements are '{code}'; supported are {NpyCodes.All}");
    }

    private NpyOrder ReadOrder()
    {
        foreach (var (word, order) in (ReadOnlySpan<(string, NpyOrder)>)[("True", NpyOrder.Fortran), ("False", NpyOrder.C)])
            if (Peek() != '\0' && _text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
            {
                _at += word.Length;
                return order;
            }
        throw _refuse(_at, "fortran_order must be True or False");
    }

    private TensorShape ReadShape()
    {
        var where = _at;
        Span<long> sizes = stackalloc long[TensorShape.MaximumRank];
        var rank = 0;
        Take('(');
        while (!Skip(')'))
        {
            if (rank == sizes.Length)
                throw _refuse(_at, $"the shape has more than {sizes.Length} dimensions");
            sizes[rank++] = Number();
            if (!Skip(','))
            {
                Take(')');
                break;
            }
        }
        return TensorShape.TryOf(sizes[..rank]) ?? throw _refuse(where, "the shape has more elements than can be counted");
    }

    private long Number()
    {
        Peek();
        var digits = _text.AsSpan(_at);
        var length = digits.IndexOfAnyExceptInRange('0', '9');
        if (length < 0 || !long.TryParse(digits[..length], out var number))
            throw _refuse(_at, "the shape must be whole numbers, 0 or more");
        _at += length;
        return number;
    }

    private string Quoted()
    {
        var quote = Peek();
        var length = quote is '\'' or '"' ? _text.AsSpan(_at + 1).IndexOf(quote) : -1;
        if (length < 0)
            throw _refuse(_at, "expected a text in quotes");
        var text = _text.Substring(_at + 1, length);
        _at += length + 2;
        return text;
    }

    private void Take(char expected)
    {
        if (!Skip(expected))
            throw _refuse(_at, $"expected '{expected}'");
    }

    private bool Skip(char expected)
    {
        if (Peek() != expected)
            return false;
        _at++;
        return true;
    }

    // The next character that is no space, or 0 at the end.
    private char Peek()
    {
        while (_at < _text.Length && _text[_at] is ' ' or '\n' or '\t')
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }
}
