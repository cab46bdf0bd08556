using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Worlds;

namespace Diffusion.Specs.Sampling;

/// <summary>Densities and scores of mixtures are exact, also under guidance.</summary>
public sealed class WorldDensitySpecs
{
    private const double Small = 1e-5;

    // Two of the three parts share a label.
    private static readonly MixtureWorld World =
        MixtureWorld.Of(new Blob(2, [-0.8, 0.3], 0.4), new Blob(1, [0.9, 0.1], 0.3), new Blob(0.5, [0.2, -0.7], 0.5)) with
        {
            Labels = [7, 4, 7],
        };

    private static readonly double[] Points = [-1.1, 0.2, 0.4, 0.5, 0.1, -0.9, 1.4, 1.2];

    public static TheoryData<double> LogSnrs => [-3, 0, 4];

    [Theory]
    [MemberData(nameof(LogSnrs))]
    public void The_score_is_the_gradient_of_the_log_density(double logSnr)
    {
        var level = new NoiseLevel(0, Marginal.OfLogSnr(logSnr));
        Same(Gradient(points => World.LogDensity(points, level)), World.Score(Points, level), 1e-6);
        Same(Gradient(points => Guided(2).LogDensity(points, level)), Guided(2).Score(Points, level), 1e-6);
    }

    [Theory]
    [MemberData(nameof(LogSnrs))]
    public void The_score_is_what_the_denoiser_implies_with_guidance_and_without(double logSnr)
    {
        var level = new NoiseLevel(0, Marginal.OfLogSnr(logSnr));
        var (ofState, ofOutput) = new Prediction.Clean().ScoreAt(level.Marginal);
        double[] Implied(double[] clean) => World.Space.Combine([new(ofState, Points), new(ofOutput, clean)]);
        Same(Implied(World.Denoise(Points, level)), World.Score(Points, level), 1e-9);
        Same(Implied(Guided(3).Denoise(Points, level)), Guided(3).Score(Points, level), 1e-9);
    }

    [Theory]
    [MemberData(nameof(LogSnrs))]
    public void A_density_integrates_to_one(double logSnr)
    {
        const double step = 0.05, reach = 6;
        var axis = Enumerable.Range(0, (int)(2 * reach / step)).Select(index => -reach + (index + 0.5) * step).ToArray();
        double[] points = [.. axis.SelectMany(_ => axis, (x, y) => new[] { x, y }).SelectMany(pair => pair)];
        var density = World.LogDensity(points, new(0, Marginal.OfLogSnr(logSnr)));
        Assert.Equal(1, density.Sum(Exp) * step * step, 1e-6);
    }

    [Fact]
    public void Parts_that_share_a_label_keep_their_shares_and_no_guidance_is_the_label_or_all()
    {
        var level = new NoiseLevel(0, Marginal.OfLogSnr(1));
        var both = World.Part(7);
        Assert.Equal([0.8, 0.2], both.Blobs.Select(blob => blob.Weight));
        Same(both.LogDensity(Points, level), Guided(0).LogDensity(Points, level), 1e-12);
        Same(World.LogDensity(Points, level), Guided(-1).LogDensity(Points, level), 1e-12);
        Assert.Throws<ArgumentException>(() => World.Part(5));
        Assert.Throws<ArgumentException>(() => World with { Labels = [1] });
    }

    [Fact]
    public void Where_guidance_adjusts_its_direction_there_is_no_density_of_it() =>
        Assert.Throws<NotSupportedException>(() => new GuidedWorld(World, 7, new Guidance.Rescaled(new Guidance.ClassifierFree(1)))
            .LogDensity(Points, new(0, Marginal.OfLogSnr(0))));

    private static GuidedWorld Guided(double w) => new(World, 7, new Guidance.ClassifierFree(w));

    // Central differences along each number of each point.
    private static double[] Gradient(Func<double[], double[]> function) =>
    [
        .. Enumerable.Range(0, Points.Length).Select(index =>
        {
            double At(double offset)
            {
                var moved = Points.ToArray();
                moved[index] += offset;
                return function(moved)[index / World.Dimensions];
            }
            return (At(Small) - At(-Small)) / (2 * Small);
        }),
    ];

    private static void Same(double[] expected, double[] actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance * Max(1, Abs(pair.First))));
    }
}
