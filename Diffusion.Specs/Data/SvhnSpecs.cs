using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Specs.Data;

/// <summary>SVHN: files of MATLAB, deflated or not.</summary>
public sealed class SvhnSpecs
{
    [Fact]
    public void Rows_and_columns_change_places_and_ten_is_zero()
    {
        using var set = Read(OfficialFiles.Mat(11));
        Assert.Equal(Enumerable.Range(0, 11).Select(image => (long)OfficialFiles.LabelOf(image, 10)), set.Labels.data<long>().ToArray());
        Assert.Contains(0L, set.Labels.data<long>().ToArray());
        for (var at = 0; at < 3072; at++)
            Assert.Equal(OfficialFiles.PixelOf(0, at), set.Images.bytes[at]);
    }

    [Fact]
    public void Arrays_that_are_not_deflated_and_others_beside_them_are_read_too()
    {
        var images = new byte[2 * 3072];
        using var set = Read([.. OfficialFiles.MatHeader, .. OfficialFiles.MatArray("z", 4, [1, 1], [1]),
            .. OfficialFiles.MatArray("X", 9, [32, 32, 3, 2], images), .. OfficialFiles.MatArray("y", 9, [2, 1], [10, 3])]);
        Assert.Equal([0L, 3], set.Labels.data<long>().ToArray());
    }

    [Theory]
    [InlineData("y", 9, "no array X of bytes")]
    [InlineData("X", 4, "X, an array of another kind; expected one of real numbers")]
    public void What_is_no_file_of_SVHN_is_refused_with_the_reason(string name, byte kind, string reason) =>
        Refused([.. OfficialFiles.MatHeader, .. OfficialFiles.MatArray(name, kind, [32, 32, 3, 1], new byte[3072])], reason);

    [Fact]
    public void Damage_is_refused_with_the_reason()
    {
        var whole = OfficialFiles.Mat(3);
        Refused(whole[..^1], "beyond the end");
        Refused("MATLAB 7.3 MAT-file"u8.ToArray(), "an end in the middle of the data");
        Refused([.. new byte[128]], "no MATLAB file of level 5");
        Refused([.. OfficialFiles.MatHeader, .. OfficialFiles.MatArray("X", 9, [32, 32, 3, 4], new byte[3072])],
            "3072 bytes in X of 32×32×3×4");
        Refused([.. OfficialFiles.MatHeader, .. OfficialFiles.MatArray("X", 9, [32, 32, 3, 1], new byte[3072]),
            .. OfficialFiles.MatArray("y", 9, [1, 1], [11])], "the label 11 of image 0; expected 1 to 10");
    }

    private static void Refused(byte[] content, string reason) => Assert.Contains(reason,
        Assert.Throws<InputException>(() => Read(content)).Message, StringComparison.Ordinal);

    private static ImageSet Read(byte[] content) => SvhnLayout.Read(Dataset.Svhn, "made up", new MemoryStream(content), Split.Train);
}
