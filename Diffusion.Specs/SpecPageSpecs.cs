namespace Diffusion.Specs;

public sealed class SpecPageSpecs
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "spec.md");

    [Fact]
    public void The_page_of_the_specification_lists_every_spec_and_nothing_else()
    {
        var page = SpecPage.Print(typeof(SpecPageSpecs).Assembly);
        if (Golden.Project.OnDifference == OnDifference.Accept)
            File.WriteAllText(Page, page);
        Assert.Equal(page, File.ReadAllText(Page).ReplaceLineEndings("\n"));
    }
}
