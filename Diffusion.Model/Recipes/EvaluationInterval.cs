using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>How often a run is evaluated; after its last step it always is. A closed union.</summary>
public abstract record EvaluationInterval
{
    private EvaluationInterval()
    {
    }

    /// <summary>The interval that this is in a run, whatever becomes of the run's length.</summary>
    /// <param name="length">How long the run is.</param>
    /// <param name="images">Images that a pass over the data has; at least 1.</param>
    public virtual EvaluationInterval In(LengthRecipe length, long images) => this;

    // Updates between two evaluations, as a fraction: passes over the data seldom end with a batch.
    internal abstract (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images);

    private static (Int128 Images, Int128 Batch) Passes(long passes, LengthRecipe length, long images) =>
        ((Int128)passes * images, length.Batch);

    /// <summary>After so many passes over the data: with the first update that completes them.</summary>
    /// <param name="Number">Passes; at least 1.</param>
    public sealed record Epochs(int Number) : EvaluationInterval
    {
        /// <summary>Passes; at least 1.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        internal override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) => Passes(Number, length, images);
    }

    /// <summary>After so many updates of the weights.</summary>
    /// <param name="Number">Updates; at least 1.</param>
    public sealed record Steps(long Number) : EvaluationInterval
    {
        /// <summary>Updates; at least 1.</summary>
        public long Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        internal override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) => (Number, 1);
    }

    /// <summary>About so many times in the whole run, after whole passes over the data, and at most once in a pass.</summary>
    /// <remarks>For runs whose data may be large or small: few images are passed over many times in the same number of steps.</remarks>
    /// <param name="Number">Evaluations; at least 1.</param>
    /// <param name="StepsApart">Steps between two of them, at least: a short run has fewer. At least 1.</param>
    public sealed record Times(int Number, int StepsApart = 1) : EvaluationInterval
    {
        /// <summary>Steps between two of them, at least: a short run has fewer. At least 1.</summary>
        public int StepsApart { get; init => field = Require.AtLeast(value, 1, nameof(StepsApart)); } = Require.AtLeast(StepsApart, 1);

        /// <summary>Evaluations; at least 1.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        /// <inheritdoc/>
        public override EvaluationInterval In(LengthRecipe length, long images) =>
            new Epochs((int)Min(Between(length, images), int.MaxValue));

        internal override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) =>
            Passes(Between(length, images), length, images);

        private long Between(LengthRecipe length, long images) => Max(
            (long)Max(1, Round((double)length.Steps * length.Batch / images / Number)),
            ((long)StepsApart - 1) * length.Batch / images + 1);
    }
}
