namespace Diffusion.Specs;

public sealed class SpecPageSpecs
{
    private static readonly string Page = Path.Combine(Repository.Root, "docs", "spec.md");

    [Theory]
    [InlineData("A_classifiers_report_has_its_accuracy", "A classifier's report has its accuracy.")]
    [InlineData("An_image_has_a_bias_a_class_and_a_continuous_schedule", "An image has a bias a class and a continuous schedule.")]
    [InlineData("It_outlives_the_callers_scope", "It outlives the caller's scope.")]
    [InlineData("Neither_torchs_generator_nor_earlier_calls", "Neither torch's generator nor earlier calls.")]
    [InlineData("The_run__settings_are_kept", "The run's settings are kept.")]
    public void A_name_is_a_sentence_with_its_apostrophes(string name, string sentence) => Assert.Equal(sentence, SpecPage.Sentence(name));

    [Fact]
    public void The_page_of_the_specification_lists_every_spec_and_nothing_else()
    {
        var page = SpecPage.Print(typeof(SpecPageSpecs).Assembly);
        if (Golden.Project.OnDifference == OnDifference.Accept)
            File.WriteAllText(Page, page);
        Assert.Equal(page, File.ReadAllText(Page).ReplaceLineEndings("\n"));
    }
}
