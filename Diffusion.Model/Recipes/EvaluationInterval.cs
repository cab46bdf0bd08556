using Diffusion.Math.Values;

namespace Diffusion.Model.Recipes;

/// <summary>How often a run is evaluated; after its last step it always is. A closed union.</summary>
public abstract record EvaluationInterval
{
    private EvaluationInterval()
    {
    }

    // Evaluations up to an update, and the update of one of them, counted from 1; there may be none so far.
    internal abstract long CountAt(long updates, LengthRecipe length, long images);

    internal abstract Int128? StepOf(long index, LengthRecipe length, long images);

    /// <summary>At regular intervals.</summary>
    public abstract record Regular : EvaluationInterval
    {
        // Updates between two evaluations, as a fraction: passes over the data seldom end with a batch.
        private protected abstract (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images);

        internal sealed override long CountAt(long updates, LengthRecipe length, long images)
        {
            var period = Period(length, images);
            return (long)(updates * period.Batch / period.Images);
        }

        // Rounded up.
        internal sealed override Int128? StepOf(long index, LengthRecipe length, long images)
        {
            var period = Period(length, images);
            return (index * period.Images + period.Batch - 1) / period.Batch;
        }

        private protected static (Int128 Images, Int128 Batch) Passes(long passes, LengthRecipe length, long images) =>
            ((Int128)passes * images, length.Batch);

        // Not more than one for an update, however few images there are.
        private (Int128 Images, Int128 Batch) Period(LengthRecipe length, long images) =>
            UpdatesIn(length, images) is var (passed, batch) && passed > batch ? (passed, batch) : (1, 1);
    }

    /// <summary>After so many passes over the data: with the first update that completes them.</summary>
    /// <param name="Number">Passes; at least 1.</param>
    public sealed record Epochs(int Number) : Regular
    {
        /// <summary>Passes; at least 1.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        private protected override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) =>
            Passes(Number, length, images);
    }

    /// <summary>After so many updates of the weights.</summary>
    /// <param name="Number">Updates; at least 1.</param>
    public sealed record Steps(long Number) : Regular
    {
        /// <summary>Updates; at least 1.</summary>
        public long Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        private protected override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) => (Number, 1);
    }

    /// <summary>About so many times in the whole run, after whole passes over the data, and at most once in a pass.</summary>
    /// <remarks>For runs whose data may be large or small: few images are passed over many times in the same number of steps.</remarks>
    /// <param name="Number">Evaluations; at least 1.</param>
    /// <param name="StepsApart">Steps between two of them, at least: a short run has fewer. At least 1.</param>
    public sealed record Times(int Number, int StepsApart = 1) : Regular
    {
        /// <summary>Steps between two of them, at least: a short run has fewer. At least 1.</summary>
        public int StepsApart { get; init => field = Require.AtLeast(value, 1, nameof(StepsApart)); } = Require.AtLeast(StepsApart, 1);

        /// <summary>Evaluations; at least 1.</summary>
        public int Number { get; init => field = Require.AtLeast(value, 1, nameof(Number)); } = Require.AtLeast(Number, 1);

        private protected override (Int128 Images, Int128 Batch) UpdatesIn(LengthRecipe length, long images) => Passes(
            Max((long)Max(1, Round((double)length.Steps * length.Batch / images / Number)),
                ((long)StepsApart - 1) * length.Batch / images + 1),
            length, images);
    }

    /// <summary>After each of these updates: of a run that was made longer or shorter under way.</summary>
    /// <param name="Numbers">Updates, in ascending order, each once; the first is at least 1. There may be none.</param>
    public sealed record At(Sequence<long> Numbers) : EvaluationInterval
    {
        /// <summary>Updates, in ascending order, each once; the first is at least 1. There may be none.</summary>
        public Sequence<long> Numbers { get; init => field = Ascending(value); } = Ascending(Numbers);

        internal override long CountAt(long updates, LengthRecipe length, long images) => Numbers.Count(number => number <= updates);

        internal override Int128? StepOf(long index, LengthRecipe length, long images) =>
            index == 0 ? 0 : index <= Numbers.Count ? Numbers[(int)index - 1] : null;

        private static Sequence<long> Ascending(Sequence<long> numbers) =>
            numbers.Zip(numbers.Skip(1)).All(pair => pair.First < pair.Second) && numbers.FirstOrDefault(1) >= 1
                ? numbers : throw new ArgumentException("Numbers of updates must be at least 1 and in ascending order.", nameof(Numbers));
    }
}
