using Diffusion.Math.Values;
using Diffusion.Model.Images;
using TorchSharp;

namespace Diffusion.Specs.Images;

public sealed class ClassGridSpecs
{
    private static Sequence<string> Names(int classes) => Sequence.Generate(classes, number => $"kind-{number}");

    private static (int Width, int Height) SizeOf(ClassGrid grid)
    {
        using var images = torch.ones([1, 1, 32, 32]);
        var sheet = grid.Compose(images, (_, _) => 0).Draw();
        return (sheet.Width, sheet.Height);
    }

    [Theory]
    [InlineData(2, 32)]
    [InlineData(3, 21)]
    [InlineData(5, 12)]
    [InlineData(10, 6)]
    [InlineData(20, 3)]
    [InlineData(30, 2)]
    [InlineData(100, 1)]
    [InlineData(300, 1)]
    [InlineData(7, 100)]
    public void A_sheet_of_any_number_of_classes_is_neither_long_nor_tall(int classes, int each)
    {
        var (width, height) = SizeOf(ClassGrid.Of(Names(classes), each, new(32, 32), 2));
        Assert.InRange(width / (double)height, 1 / 2.5, 2.5);
    }

    [Theory]
    // Eight rows of eight, the first four of one class.
    [InlineData(2, 32, 8, 32, 8)]
    // A row for each class.
    [InlineData(10, 6, 6, 6, 10)]
    // An empty place in a class is better than a long sheet, or than none and a tall one.
    [InlineData(2, 7, 4, 8, 4)]
    public void A_class_has_whole_rows_and_its_name_before_each(int classes, int each, int columns, int cells, int rows)
    {
        var grid = ClassGrid.Of(Names(classes), each, new(32, 32), 2);
        Assert.Equal((columns, cells), (grid.Layout.Columns, grid.Cells));
        Assert.Equal(rows, grid.Layout.RowLabels.Count);
        Assert.Equal(Names(classes), grid.Layout.RowLabels.Distinct());
        Assert.Empty(grid.Layout.Captions);
    }

    [Fact]
    public void A_class_is_a_column_where_rows_would_make_a_tall_sheet_and_names_fit()
    {
        var digits = Sequence.Generate(10, number => $"{number}");
        var grid = ClassGrid.Of(digits, 4, new(28, 28), 2);
        Assert.Equal((10, true), (grid.Layout.Columns, grid.IsByColumn));
        Assert.Equal(digits, grid.Layout.ColumnLabels);
        Assert.False(ClassGrid.Of(Sequence.Generate(10, number => $"a name that is long {number}"), 4, new(28, 28), 2).IsByColumn);
        using var scope = torch.NewDisposeScope();
        var images = torch.tensor(new float[] { -1, 0 }).view(2, 1, 1, 1);
        var sheet = new ClassGrid(new(2, 1, 0, []), 2, 2, 2) { IsByColumn = true };
        var drawn = sheet.Compose(images, (label, place) => place == 0 ? label : place == 1 && label == 1 ? 0 : null).Draw();
        Assert.Equal([0, 128, 255, 0], new[] { 0, 1, 2, 3 }.Select(at => (int)drawn.Row(at / 2)[at % 2 * 3]));
    }

    [Fact]
    public void Many_classes_stand_beside_one_another_with_their_names_below()
    {
        var grid = ClassGrid.Of(Names(100), 1, new(32, 32), 2);
        Assert.Equal(10, grid.Layout.Columns);
        Assert.Equal(Names(100), grid.Layout.Captions);
        Assert.Empty(grid.Layout.RowLabels);
    }

    [Fact]
    public void Long_names_are_cut_and_half_a_character_is_none()
    {
        var longest = string.Concat(Enumerable.Repeat("🐱", 300));
        var label = ClassGrid.Of([longest, "b"], 4, new(32, 32), 2).Layout.RowLabels[0];
        Assert.InRange(label.Length, 2, 24);
        Assert.Equal("🐱🐱🐱🐱🐱..🐱🐱🐱🐱🐱", label);
        var numbered = ClassGrid.Of(["a long name of something to know 7", "b"], 4, new(32, 32), 2).Layout.RowLabels[0];
        Assert.Equal("a long name..g to know 7", numbered);
    }

    [Fact]
    public void An_image_has_its_place_and_an_empty_place_is_white()
    {
        using var scope = torch.NewDisposeScope();
        var images = torch.tensor(new float[] { -1, 0 }).view(2, 1, 1, 1);
        var sheet = new ClassGrid(new(2, 1, 0, []), 2, 2, 2).Compose(images, (label, place) => place == 0 ? label : null).Draw();
        Assert.Equal([0, 255, 128, 255], new[] { 0, 1, 2, 3 }.Select(at => (int)sheet.Row(at / 2)[at % 2 * 3]));
    }
}
