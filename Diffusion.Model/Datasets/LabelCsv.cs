using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Diffusion.Math.Values;
using Diffusion.Model.Files;

namespace Diffusion.Model.Datasets;

/// <summary>
/// Labels of image files in a table: a column of file names and one of labels, with or without a first row that names them. The names may
/// be without their endings.
/// </summary>
/// <remarks>
/// RFC 4180, with commas, semicolons or tabs. Of what the table says only the labels of wanted files are kept, so that a long one takes no
/// more memory than its text.
/// </remarks>
internal static class LabelCsv
{
    /// <summary>The name of the file that is a table of labels.</summary>
    public const string FileName = "labels.csv";

    /// <summary>The name of the file that may be one: the image folders of Hugging Face's datasets have it for captions as well.</summary>
    public const string MetadataName = "metadata.csv";

    private const string Expected = "a column of file names and one called label or class";
    private const int LongestShown = 60;

    private static readonly string[] NameColumns = ["file_name", "filename", "file", "image", "image_id", "path", "name", "id"];
    private static readonly string[] LabelColumns = ["label", "labels", "class", "class_name", "category", "target"];

    /// <summary>The label of each file, null for those without, and how many rows are of no file.</summary>
    /// <param name="place">What the table is called in messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="names">For each file what it may be called there, the first that is found counts.</param>
    /// <param name="isLabels">Whether the table is one of labels by its name.</param>
    /// <returns>Null where it has no labels, and need not have any.</returns>
    /// <exception cref="InputException">It is damaged, or says two labels of a file.</exception>
    public static (string?[] Labels, int Unused)? Read(string place, byte[] content, IReadOnlyList<string[]> names, bool isLabels)
    {
        if (!Utf8.IsValid(content))
            throw new InputException(place, "text that is not UTF-8", "the labels of the images");
        var rows = new Rows(place, Encoding.UTF8.GetString(content).AsSpan().TrimStart('\uFEFF'));
        var wanted = new Dictionary<string, int>();
        foreach (var (index, own) in names.Index())
            foreach (var name in own)
                wanted.TryAdd(name, index);
        if (!rows.MoveNext())
            return isLabels ? throw new InputException(place, "an empty table", Expected) : null;
        var (name1, label1) = (rows.Find(NameColumns), rows.Find(LabelColumns));
        var isNamed = name1 >= 0 && label1 >= 0;
        if (!isNamed && !(isLabels && rows.Count == 2))
            return isLabels ? throw new InputException(place, $"the columns {rows.Shown()}", Expected) : null;
        var (nameAt, labelAt) = isNamed ? (name1, label1) : (0, 1);
        var (labels, known, unused) = (new string?[names.Count], new Dictionary<string, string>(), 0);
        for (var more = !isNamed || rows.MoveNext(); more; more = rows.MoveNext())
        {
            var label = rows[labelAt].Trim();
            if (label.IsEmpty)
                throw new InputException(place, $"no label in line {rows.Line}", Expected);
            if (!Find(wanted, rows[nameAt].Trim(), out var index))
            {
                unused++;
                continue;
            }
            var lookup = known.GetAlternateLookup<ReadOnlySpan<char>>();
            if (!lookup.TryGetValue(label, out var text))
                lookup[label] = text = label.ToString();
            if (labels[index] is { } other && other != text)
                throw new InputException(place, $"two labels of {Cut(names[index][0])}", "one");
            labels[index] = text;
        }
        return (labels, unused);
    }

    private static bool Find(Dictionary<string, int> wanted, ReadOnlySpan<char> name, out int index)
    {
        if (name.StartsWith("./"))
            name = name[2..];
        return wanted.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out index)
            || (name.Contains('\\') && wanted.TryGetValue(name.ToString().Replace('\\', '/'), out index));
    }

    private static string Cut(string text) => PlainText.Elided(text, LongestShown);

    // The rows of a text, one at a time, without a copy of their fields unless they hold quotes.
    private ref struct Rows(string place, ReadOnlySpan<char> text)
    {
        private const int MostFields = 1000;

        private readonly List<Range> _fields = [];
        private readonly Dictionary<int, string> _unquoted = [];
        private readonly ReadOnlySpan<char> _text = text;
        private readonly char _separator = SeparatorOf(text);
        private int _at;
        private int _nextLine = 1;

        public int Line { get; private set; }

        public readonly int Count => _fields.Count;

        public readonly ReadOnlySpan<char> this[int field] => field >= _fields.Count
            ? throw new InputException(place, string.Create(CultureInfo.InvariantCulture,
                $"{Counted.Of(_fields.Count, "field")} in line {Line}"), $"at least {field + 1}")
            : _unquoted.TryGetValue(field, out var plain) ? plain : _text[_fields[field]];

        public readonly string Shown()
        {
            var shown = new List<string>();
            for (var place = 0; place < Min(Count, 5); place++)
                shown.Add(Cut(this[place].ToString()));
            return string.Join(", ", shown);
        }

        public readonly int Find(string[] columns)
        {
            foreach (var column in columns)
                for (var field = 0; field < Count; field++)
                    if (this[field].Trim().Equals(column, StringComparison.OrdinalIgnoreCase))
                        return field;
            return -1;
        }

        // False at the end. Empty lines are passed over.
        public bool MoveNext()
        {
            while (_at < _text.Length)
            {
                Line = _nextLine;
                _fields.Clear();
                _unquoted.Clear();
                while (ReadField())
                    if (_fields.Count >= MostFields)
                        throw new InputException(place, $"more than {MostFields} fields in line {Line}", Expected);
                if (_fields.Count > 1 || !_text[_fields[0]].IsWhiteSpace())
                    return true;
            }
            return false;
        }

        private readonly bool IsEndOfLine(int at) => _text[at] is '\n' or '\r';

        // Whether another one follows in the row.
        private bool ReadField()
        {
            if (_at < _text.Length && _text[_at] == '"')
                return ReadQuoted();
            var rest = _text[_at..];
            var length = rest.IndexOfAny(_separator, '\n', '\r');
            length = length < 0 ? rest.Length : length;
            _fields.Add(_at..(_at + length));
            _at += length;
            return Pass();
        }

        private bool ReadQuoted()
        {
            var (start, isDoubled) = (_at + 1, false);
            for (_at = start; ; _at++)
            {
                var length = _text[_at..].IndexOf('"');
                if (length < 0)
                    throw new InputException(place, $"a quotation mark in line {Line} that is not closed", Expected);
                _nextLine += _text.Slice(_at, length).Count('\n');
                _at += length;
                if (_at + 1 >= _text.Length || _text[_at + 1] != '"')
                    break;
                isDoubled = true;
                _at++;
            }
            if (isDoubled)
                _unquoted[_fields.Count] = _text[start.._at].ToString().Replace("\"\"", "\"", StringComparison.Ordinal);
            _fields.Add(start.._at);
            _at++;
            if (_at < _text.Length && _text[_at] != _separator && !IsEndOfLine(_at))
                throw new InputException(place, $"text behind a closed quotation mark in line {Line}", Expected);
            return Pass();
        }

        // Over the separator, or over the end of the line; whether it was the separator.
        private bool Pass()
        {
            if (_at >= _text.Length)
                return false;
            var isEnd = IsEndOfLine(_at);
            if (isEnd)
                _nextLine++;
            if (_text[_at] == '\r' && _at + 1 < _text.Length && _text[_at + 1] == '\n')
                _at++;
            _at++;
            return !isEnd;
        }

        private static char SeparatorOf(ReadOnlySpan<char> text)
        {
            var end = text.IndexOfAny('\n', '\r');
            var first = end < 0 ? text : text[..end];
            var (best, most) = (',', first.Count(','));
            foreach (var other in (ReadOnlySpan<char>)[';', '\t'])
                if (first.Count(other) is var count && count > most)
                    (best, most) = (other, count);
            return best;
        }
    }
}
