using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Plans;

/// <summary>One thing that a sampler does. A closed union: whoever can do these can run every sampler.</summary>
public abstract record Instruction
{
    private Instruction()
    {
    }

    /// <summary>The slots that are written; all reading comes before.</summary>
    public abstract Sequence<Slot> Writes { get; }

    /// <summary>The slots that are read.</summary>
    public abstract Sequence<Slot> Reads { get; }

    /// <summary>How often the network is asked.</summary>
    public virtual int NetworkCalls => 0;

    /// <summary>How often a classifier's gradient is asked for.</summary>
    public virtual int ClassifierCalls => 0;

    /// <summary>Into becomes standard normal noise.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="Number">Which noise of the run: equal numbers are equal noise. The start is number 0.</param>
    public sealed record Draw(Slot Into, int Number) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>Which noise of the run; at least 0.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 0, nameof(Number)); } = Require.AtLeast(Number, 0);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [];
    }

    /// <summary>Into becomes the denoiser's estimate x̂_0 of the clean data.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the network is asked and how noisy the state is.</param>
    public sealed record Denoise(Slot Into, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int NetworkCalls => 1;
    }

    /// <summary>Into becomes the estimate x̂_0, and Fraction the network's choice of variance, both from one call.</summary>
    /// <param name="Into">The slot that holds x̂_0.</param>
    /// <param name="Fraction">The slot that holds where between its bounds the log-variance lies.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the network is asked and how noisy the state is.</param>
    public sealed record DenoiseWithVariance(Slot Into, Slot Fraction, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into, Fraction];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int NetworkCalls => 1;
    }

    /// <summary>Into becomes the gradient of a classifier's log-probability of the wanted label, ∇ log p(y | x_t).</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The noisy state.</param>
    /// <param name="Level">When the classifier is asked and how noisy the state is.</param>
    public sealed record Gradient(Slot Into, Slot From, NoiseLevel Level) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];

        /// <inheritdoc/>
        public override int ClassifierCalls => 1;
    }

    /// <summary>Into becomes From, every number limited to [−Bound, Bound].</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is limited.</param>
    /// <param name="Bound">Above 0; 1 for images in [−1, 1].</param>
    public sealed record Clip(Slot Into, Slot From, double Bound) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>Above 0; 1 for images in [−1, 1].</summary>
        public double Bound { get; init => field = Require.Positive(value, nameof(Bound)); } = Require.Positive(Bound);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];
    }

    /// <summary>Into becomes From after dynamic thresholding of every sample by itself.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is limited.</param>
    /// <param name="Quantile">The threshold.</param>
    public sealed record Threshold(Slot Into, Slot From, Quantile Quantile) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From];
    }

    /// <summary>Into becomes From with every number multiplied by a factor that the network chose: noise of a learned variance.</summary>
    /// <param name="Into">The slot that is written.</param>
    /// <param name="From">The slot that is multiplied.</param>
    /// <param name="Fraction">The slot that says where between its bounds the logarithm of the factor lies.</param>
    /// <param name="Range">Those bounds.</param>
    public sealed record Modulate(Slot Into, Slot From, Slot Fraction, LogRange Range) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [From, Fraction];
    }

    /// <summary>Into becomes a linear combination of slots.</summary>
    /// <param name="Into">The slot that is written; it may be one of those read.</param>
    /// <param name="Terms">At least one summand.</param>
    public sealed record Combine(Slot Into, Sequence<Term> Terms) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <summary>At least one summand.</summary>
        public Sequence<Term> Terms { get; init => field = Require.NonEmpty(value, nameof(Terms)); } = Require.NonEmpty(Terms);

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => Sequence.Generate(Terms.Count, index => Terms[index].Slot);
    }

    /// <summary>Into becomes the image that is edited, clean and whole.</summary>
    /// <param name="Into">The slot that is written.</param>
    public sealed record Recall(Slot Into) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [];
    }

    /// <summary>Into becomes Known where the image that is edited is to stay, and Made elsewhere.</summary>
    /// <param name="Into">The slot that is written; it may be one of those read.</param>
    /// <param name="Known">The slot that holds the image, as noisy as the state.</param>
    /// <param name="Made">The slot that holds the state.</param>
    public sealed record Restore(Slot Into, Slot Known, Slot Made) : Instruction
    {
        /// <inheritdoc/>
        public override Sequence<Slot> Writes => [Into];

        /// <inheritdoc/>
        public override Sequence<Slot> Reads => [Known, Made];
    }
}
