using Diffusion.Math.Noise;
using Diffusion.Math.Plans;
using Diffusion.Math.Values;

namespace Diffusion.Math.Worlds;

/// <summary>A round Gaussian: one part of a mixture.</summary>
/// <param name="Weight">Its share of the mixture, above 0; only the ratios between the parts matter.</param>
/// <param name="Centre">Its mean, one number per dimension.</param>
/// <param name="Sigma">Its standard deviation in every direction; at least 0.</param>
public sealed record Blob(double Weight, Sequence<double> Centre, double Sigma);

/// <summary>
/// Data that is a mixture of Gaussians in any number of dimensions, points one after the other in a flat array. The exact denoiser is not
/// affine: it weighs the parts by how likely each is to have made the state.
/// </summary>
/// <param name="Blobs">At least one part; all have as many dimensions.</param>
public sealed record MixtureWorld(Sequence<Blob> Blobs) : IDenoiser<double[]>
{
    /// <summary>The label of each part: its number, where nothing else is said. Several parts may share one.</summary>
    /// <exception cref="ArgumentException">There are more or fewer than parts.</exception>
    public Sequence<int> Labels
    {
        get => field ?? Sequence.Generate(Blobs.Count, part => part);
        init => field = value.Count == Blobs.Count ? value
            : throw new ArgumentException($"{value.Count} labels are not those of {Blobs.Count} parts.", nameof(Labels));
    }

    /// <summary>How many numbers a point has.</summary>
    public int Dimensions => Blobs[0].Centre.Count;

    /// <summary>The mixture of these parts.</summary>
    public static MixtureWorld Of(params Blob[] blobs) => new(blobs.ToSequence());

    /// <summary>One Gaussian on the line.</summary>
    public static MixtureWorld Single(double mean, double sigma) => Of(new Blob(1, [mean], sigma));

    /// <summary>The data of one label: its parts alone, with weights that add up to 1.</summary>
    /// <exception cref="ArgumentException">No part has that label.</exception>
    public MixtureWorld Part(int label)
    {
        var labels = Labels;
        var parts = Blobs.Where((_, part) => labels[part] == label).ToSequence();
        if (parts.Count == 0)
            throw new ArgumentException($"No part of the mixture has the label {label}.", nameof(label));
        var total = parts.Sum(part => part.Weight);
        return new(parts.Select(part => part with { Weight = part.Weight / total }).ToSequence());
    }

    /// <summary>The vectors that plans over this world run on.</summary>
    public NumberSpace Space => new(Dimensions);

    /// <summary>E[x_0 | x] = Σ r_k·(centre + gain_k·(x − alpha·centre)), with r_k the probability that part k made x.</summary>
    public double[] Denoise(double[] state, NoiseLevel level) => Pointwise(state, level, (part, responsibility) =>
        new(responsibility, responsibility * part.Blob.Sigma * part.Blob.Sigma * level.Marginal.Alpha / part.Variance));

    /// <summary>The score ∇ log p(x) = −Σ r_k·(x − alpha·centre_k)/(alpha²·sigma_k² + sigma²).</summary>
    public double[] Score(double[] state, NoiseLevel level) => Pointwise(state, level, (part, responsibility) =>
        new(0, -responsibility / part.Variance));

    /// <summary>log p(x) of each point, the logarithm of a density: its exponential integrates to 1.</summary>
    public double[] LogDensity(double[] state, NoiseLevel level)
    {
        NoisyPart[] parts = [.. Blobs.Select(blob => new NoisyPart(blob, level.Marginal))];
        var weights = new double[parts.Length];
        var shared = Log(Blobs.Sum(blob => blob.Weight)) + Dimensions * Log(Tau) / 2;
        return [.. Enumerable.Range(0, state.Length / Dimensions).Select(point =>
            Responsibilities(state.AsSpan(point * Dimensions, Dimensions), parts, weights) - shared)];
    }

    /// <summary>∇ log p(label | x): the score of the label's parts less that of the mixture.</summary>
    public double[] GradientOf(int label, double[] state, NoiseLevel level) =>
        Space.Combine([new(1, Part(label).Score(state, level)), new(-1, Score(state, level))]);

    /// <summary>The classifier of the mixture's own labels.</summary>
    /// <param name="World">The mixture with its labels.</param>
    /// <param name="Label">The wanted label.</param>
    public sealed record Classifier(MixtureWorld World, int Label) : IClassifier<double[]>
    {
        /// <inheritdoc/>
        public double[] Gradient(double[] state, NoiseLevel level) => World.GradientOf(Label, state, level);
    }

    // What a part adds to the result: OfCentre·centre + OfOffset·(x − alpha·centre).
    private readonly record struct Share(double OfCentre, double OfOffset);

    private delegate Share ShareRule(NoisyPart part, double responsibility);

    private double[] Pointwise(double[] state, NoiseLevel level, ShareRule rule)
    {
        var alpha = level.Marginal.Alpha;
        NoisyPart[] parts = [.. Blobs.Select(blob => new NoisyPart(blob, level.Marginal))];
        var (result, weights) = (new double[state.Length], new double[parts.Length]);
        for (var start = 0; start < state.Length; start += Dimensions)
        {
            var point = state.AsSpan(start, Dimensions);
            var into = result.AsSpan(start, Dimensions);
            Responsibilities(point, parts, weights);
            for (var part = 0; part < parts.Length; part++)
            {
                var (ofCentre, ofOffset) = rule(parts[part], weights[part]);
                var centre = parts[part].Blob.Centre;
                for (var axis = 0; axis < point.Length; axis++)
                    into[axis] += ofCentre * centre[axis] + ofOffset * (point[axis] - alpha * centre[axis]);
            }
        }
        return result;
    }

    // The probability of each part to have made the point, and the logarithm of what these are shares of.
    private static double Responsibilities(ReadOnlySpan<double> point, NoisyPart[] parts, double[] weights)
    {
        var (highest, total) = (double.NegativeInfinity, 0.0);
        for (var part = 0; part < weights.Length; part++)
            highest = Max(highest, weights[part] = parts[part].LogDensity(point));
        for (var part = 0; part < weights.Length; part++)
            total += weights[part] = Exp(weights[part] - highest);
        for (var part = 0; part < weights.Length; part++)
            weights[part] /= total;
        return highest + Log(total);
    }

    /// <summary>A part as it looks through noise.</summary>
    private sealed class NoisyPart(Blob blob, Marginal marginal)
    {
        public Blob Blob => blob;

        public double Variance { get; } = marginal.Alpha * marginal.Alpha * blob.Sigma * blob.Sigma + marginal.Sigma * marginal.Sigma;

        private double Constant { get; } = Log(blob.Weight)
            - blob.Centre.Count * Log(marginal.Alpha * marginal.Alpha * blob.Sigma * blob.Sigma + marginal.Sigma * marginal.Sigma) / 2;

        /// <summary>Up to what all parts share.</summary>
        public double LogDensity(ReadOnlySpan<double> point)
        {
            var distance = 0.0;
            for (var axis = 0; axis < point.Length; axis++)
            {
                var offset = point[axis] - marginal.Alpha * blob.Centre[axis];
                distance += offset * offset;
            }
            return Constant - distance / (2 * Variance);
        }
    }
}
