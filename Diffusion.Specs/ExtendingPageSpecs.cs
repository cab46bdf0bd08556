using System.Text.RegularExpressions;

namespace Diffusion.Specs;

/// <summary>The code on the page about extending is part of the files that it names.</summary>
public sealed partial class ExtendingPageSpecs
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "extending.md"));

    [Fact]
    public void Every_block_of_code_stands_in_the_file_named_above_it()
    {
        var blocks = Block().Matches(Page);
        Assert.NotEmpty(blocks);
        Assert.Equal(Fence().Count(Page), blocks.Count);
        Assert.All(blocks, block =>
        {
            var file = string.Join('\n', Lines(File.ReadAllText(Path.Combine(Repository.Root, block.Groups["file"].Value))));
            Assert.Contains(string.Join('\n', Lines(block.Groups["code"].Value)), file, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Every_specification_that_the_page_names_exists()
    {
        var specs = typeof(ExtendingPageSpecs).Assembly.GetTypes().Select(type => type.Name).ToHashSet();
        Assert.All(SpecName().Matches(Page).Select(name => name.Value), name => Assert.Contains(name, specs));
    }

    private static IEnumerable<string> Lines(string code) => code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0);

    [GeneratedRegex("^`(?<file>[^`\n]+)`\n\n```csharp\n(?<code>.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Block();

    [GeneratedRegex("^```csharp", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\b\w+Specs\b")]
    private static partial Regex SpecName();
}
