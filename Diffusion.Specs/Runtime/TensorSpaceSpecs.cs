using Diffusion.Math.Plans;
using Diffusion.Model.Sampling;
using static TorchSharp.torch;

namespace Diffusion.Specs.Runtime;

public sealed class TensorSpaceSpecs
{
    private static readonly TensorSpace Space = new();

    [Fact]
    public void A_combination_changes_none_of_its_terms()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (tensor([1.0, 2]), tensor([10.0, 20]));
        Assert.Equal([-17.0, -34], Space.Combine([new(3, a), new(-2, b)]).data<double>().ToArray());
        Assert.Equal([1.0, 2], a.data<double>().ToArray());
    }

    [Fact]
    public void Dynamic_thresholding_scales_each_sample_by_its_own_quantile()
    {
        using var scope = NewDisposeScope();
        double[] wide = [-3, 1, 2, 0.5], narrow = [0.1, -0.2, 0.3, 0.4];
        var quantile = new Quantile(0.75, 1.8);
        var result = Space.Threshold(tensor(wide.Concat(narrow).ToArray(), [2, 1, 2, 2]), quantile);
        var bound = quantile.Of(wide);
        Assert.Equal(1.8, bound);
        Assert.Equal([-1, 1 / bound, 1, 0.5 / bound, .. narrow], result.data<double>().ToArray());
    }

    [Fact]
    public void Dynamic_thresholding_without_a_largest_threshold_is_possible_in_float32()
    {
        using var scope = NewDisposeScope();
        var result = Space.Threshold(tensor(new[] { -4f, 2, 1, 0 }, [1, 4]), new Quantile(1, double.MaxValue));
        Assert.Equal([-1f, 0.5f, 0.25f, 0], result.data<float>().ToArray());
    }
}
