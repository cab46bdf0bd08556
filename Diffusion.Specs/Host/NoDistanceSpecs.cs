using Diffusion.Model.Evaluation;
using Diffusion.Model.Runs;
using Diffusion.Specs.Training;
using static TorchSharp.torch;

namespace Diffusion.Specs.Host;

public sealed class NoDistanceSpecs
{
    [Fact]
    public void A_set_that_no_distance_fits_is_reported_with_the_reason()
    {
        using var images = Small.Images();
        using var evaluation = new SampleEvaluation(
            Small.Recipe, images.Provenance, DistanceMeters.For(new(images, null, ""), [new FrechetMetric()], null, CPU, null));
        Assert.Empty(evaluation.Columns);
        var remark = Assert.Single(evaluation.Remarks);
        Assert.Contains("no FID", remark, StringComparison.Ordinal);
        Assert.Contains($"not {images.Provenance.Shape}", remark, StringComparison.Ordinal);
        Assert.Equal("no distance (64 samples)", new SampleReport(64, "ddim 2", 2, []).Text);
        Assert.Equal("nothing measured: 64 samples with numbers that are not finite",
            new SampleReport(64, "ddim 2", 2, [new("fd_lenet", double.NaN)]).Text);
        Assert.Equal("fd_lenet 0.00 (64 samples)", new SampleReport(64, "ddim 2", 2, [new("fd_lenet", -1e-9), new("fd_lenet_3", 1)]).Text);
    }
}
