using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Diffusion.Math.Values;

namespace Diffusion.Host.Html;

/// <summary>Pages as trees, in which a text can never become markup. What is written is HTML and well-formed XML at once.</summary>
internal static class Html
{
    /// <summary>An element.</summary>
    /// <param name="name">Its name, and after a dot its class, as in <c>p.lead</c>.</param>
    /// <param name="content">Elements, attributes, and texts.</param>
    public static XElement Tag(string name, params object?[] content)
    {
        var parts = name.Split('.', 2);
        var element = new XElement(parts[0], parts.Length > 1 ? new XAttribute("class", parts[1]) : null, content.Select(Checked));
        // HTML knows no self-closing elements but these.
        if (element.IsEmpty && parts[0] is not ("meta" or "link" or "img" or "input" or "br" or "hr" or "wbr"))
            element.Value = "";
        return element;
    }

    /// <summary>An attribute.</summary>
    public static XAttribute With(string name, string value) => new(name, Printable(value));

    /// <summary>A table with a row of headings; the first cell of a row is the row's heading.</summary>
    /// <param name="caption">What it shows, in a few words.</param>
    /// <param name="columns">Their names.</param>
    /// <param name="rows">The rows, as long as the columns are many.</param>
    public static XElement Table(string caption, Sequence<string> columns, Sequence<Sequence<string>> rows) =>
        Tag("div.scroll", With("role", "region"), With("aria-label", caption), With("tabindex", "0"), Tag("table",
            Tag("caption", caption),
            Tag("thead", Tag("tr", columns.Index().Select(column => Tag(rows.Any(row => column.Index > 0 && IsNumber(row[column.Index]))
                ? "th.number" : "th", With("scope", "col"), Breakable(column.Item))))),
            Tag("tbody", rows.Select(row => Tag("tr", row.Index().Select(cell => cell.Index == 0
                ? Tag("th", With("scope", "row"), cell.Item)
                : Tag(IsNumber(cell.Item) ? "td.number" : "td", cell.Item)))))));

    /// <summary>A whole page.</summary>
    /// <param name="title">The window's title.</param>
    /// <param name="style">The style sheet, without <c>&amp;</c> and <c>&lt;</c>.</param>
    /// <param name="body">What it shows.</param>
    public static string Page(string title, string style, params object?[] body)
    {
        var page = Tag("html", With("lang", "en"),
            Tag("head",
                Tag("meta", With("charset", "utf-8")),
                Tag("meta", With("name", "viewport"), With("content", "width=device-width, initial-scale=1")),
                Tag("meta", With("name", "color-scheme"), With("content", "light dark")),
                Tag("title", title),
                Tag("style", style)),
            Tag("body", Tag("main", body)));
        return $"<!DOCTYPE html>\n{page.ToString(SaveOptions.DisableFormatting)}\n";
    }

    /// <summary>A number as a person reads it: at most four digits that matter, no exponent where none is needed.</summary>
    public static string Short(string cell) =>
        cell.Contains('.')
                && double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? Rounded(number)
            : cell;

    // Names of columns may be broken after an underscore.
    private static IEnumerable<object> Breakable(string name) =>
        name.Split('_').Index().SelectMany(part => part.Index == 0 ? (object[])[part.Item] : ["_", Tag("wbr"), part.Item]);

    private static string Rounded(double number)
    {
        if (number == 0 || Abs(number) is < 1e-5 or >= 1e9)
            return number.ToString("0.###E+0", CultureInfo.InvariantCulture);
        var digits = Max(0, 3 - (int)Floor(Log10(Abs(number))));
        return number.ToString($"0.{new string('#', digits)}", CultureInfo.InvariantCulture);
    }

    private static bool IsNumber(string cell) => double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static object? Checked(object? content) => content is string text ? Printable(text) : content;

    // What no document can hold, such as a zero byte of a damaged table.
    private static string Printable(string text) => text.All(XmlConvert.IsXmlChar) || XmlVerified(text)
        ? text
        : text.EnumerateRunes().Where(rune => rune.Value > 0xFFFF || XmlConvert.IsXmlChar((char)rune.Value))
            .Aggregate(new StringBuilder(), (kept, rune) => kept.Append(rune)).ToString();

    private static bool XmlVerified(string text)
    {
        try
        {
            XmlConvert.VerifyXmlChars(text);
            return true;
        }
        catch (XmlException)
        {
            return false;
        }
    }
}
