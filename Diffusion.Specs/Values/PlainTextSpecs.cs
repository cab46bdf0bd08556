using System.Globalization;
using System.Text.Json;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Values;

public sealed class PlainTextSpecs
{
    [Theory]
    [InlineData("conv1.weight", "conv1.weight")]
    [InlineData("Größe ×2, 日本語 😀", "Größe ×2, 日本語 😀")]
    [InlineData("\u001b[31mred\u001b[0m", @"\u001B[31mred\u001B[0m")]
    [InlineData("\u009b2J\u007f\a\b", @"\u009B2J\u007F\u0007\u0008")]
    [InlineData("photo\u202egpj.exe", @"photo\u202Egpj.exe")]
    [InlineData("a\u2066b\u2069\u200e\u200f\u061c", @"a\u2066b\u2069\u200E\u200F\u061C")]
    [InlineData("a\u200bb\ufeff\u00ad\u2060", @"a\u200Bb\uFEFF\u00AD\u2060")]
    [InlineData("two\nlines\u2028three\r\u0085", @"two\u000Alines\u2028three\u000D\u0085")]
    [InlineData("tag \U000E0041", @"tag \uDB40\uDC41")]
    [InlineData("a\ufffeb\uffff\ufffd", "a\\uFFFEb\\uFFFF\ufffd")]
    [InlineData("می\u200cخواهم", "می\u200cخواهم")]
    public void A_name_shows_what_it_holds_and_does_nothing(string name, string plain) => Assert.Equal(plain, PlainText.Name(name));

    [Fact]
    public void Half_a_character_is_shown_by_its_number()
    {
        Assert.Equal(@"a\uD83Db", PlainText.Name("a\ud83db"));
        Assert.Equal(@"\uDE00", PlainText.Name("\ude00"));
    }

    [Property]
    public void Nothing_is_left_that_a_terminal_obeys(NonNull<string> text)
    {
        foreach (var plain in new[] { PlainText.Name(text.Get), PlainText.OneLine(text.Get),
            PlainText.Lines(text.Get).Replace("\n", "").Replace("\t", "") })
        {
            Assert.DoesNotContain(plain, char.IsControl);
            Assert.DoesNotContain(plain.EnumerateRunes(), rune => System.Text.Rune.GetUnicodeCategory(rune) is
                UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            Assert.Equal(plain, PlainText.Name(plain));
        }
    }

    [Property]
    public void A_script_reads_the_name_itself(NonNull<string> text)
    {
        var whole = string.Concat(text.Get.EnumerateRunes());
        var json = JsonSerializer.Serialize(
            whole, new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        Assert.Equal(whole, JsonSerializer.Deserialize<string>(PlainText.Lines(json)));
    }

    [Theory]
    [InlineData("two\nlines", "two lines")]
    [InlineData("  two \r\n\r\n  lines\t", "two lines")]
    [InlineData("a  b", "a  b")]
    public void A_message_of_several_lines_becomes_one(string message, string line) => Assert.Equal(line, PlainText.OneLine(message));

    [Fact]
    public void Lines_and_tabs_of_a_text_stay() => Assert.Equal("a\tb\nc\\u000D", PlainText.Lines("a\tb\nc\r"));

    [Theory]
    [InlineData("short", 5, "short")]
    [InlineData("0123456789", 9, "012 … 789")]
    [InlineData("0123456789", 8, "012 … 89")]
    public void A_long_text_keeps_its_beginning_and_its_end(string text, int longest, string kept) =>
        Assert.Equal(kept, PlainText.Elided(text, longest));

    [Fact]
    public void A_character_of_two_halves_stays_whole_or_goes()
    {
        var smiles = string.Concat(Enumerable.Repeat("😀", 20));
        for (var longest = 5; longest < 40; longest++)
        {
            var kept = PlainText.Elided(smiles, longest);
            Assert.True(kept.Length <= longest);
            Assert.Equal(kept, PlainText.Name(kept));
        }
    }
}
