using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Files;

namespace Diffusion.Model.Sampling;

/// <summary>Which label a sample has, by its number. A closed union.</summary>
public abstract record SampleLabels
{
    private SampleLabels()
    {
    }

    /// <summary>A few words for a person.</summary>
    public abstract string Text { get; }

    /// <summary>The label of a sample.</summary>
    /// <param name="sample">The sample's number.</param>
    /// <param name="classes">How many labels there are.</param>
    public abstract long LabelOf(long sample, int classes);

    /// <summary>The same where samples stand in rows that have one label each, as far as labels are said in words.</summary>
    /// <param name="each">Samples in a row; at least 1.</param>
    public virtual SampleLabels ByRow(int each) => this;

    /// <summary>The first label that the classes lack; null where there is none.</summary>
    internal virtual long? Beyond(int classes) => null;

    /// <summary>The same in numbers.</summary>
    /// <param name="names">What the classes are called; empty where nobody knows.</param>
    /// <param name="classes">How many labels there are.</param>
    /// <exception cref="InputException">A name is that of no class.</exception>
    internal virtual SampleLabels Numbered(Sequence<string> names, int classes) => this;

    /// <summary>All labels in turn.</summary>
    /// <param name="Each">How many samples in a row have the same label; at least 1.</param>
    public sealed record InTurn(int Each = 1) : SampleLabels
    {
        /// <summary>How many samples in a row have the same label; at least 1.</summary>
        public int Each { get; init => field = Require.AtLeast(value, 1, nameof(Each)); } = Require.AtLeast(Each, 1);

        /// <inheritdoc/>
        public override string Text => Each == 1 ? "all in turn" : "by row";

        /// <inheritdoc/>
        public override long LabelOf(long sample, int classes) => sample / Each % classes;
    }

    /// <summary>The same label for all.</summary>
    /// <param name="Label">At least 0.</param>
    public sealed record One(long Label) : SampleLabels
    {
        /// <summary>At least 0.</summary>
        public long Label { get; init => field = Require.AtLeast(value, 0, nameof(Label)); } = Require.AtLeast(Label, 0);

        /// <inheritdoc/>
        public override string Text => FormattableString.Invariant($"{Label}");

        /// <inheritdoc/>
        public override long LabelOf(long sample, int classes) => Label;

        internal override long? Beyond(int classes) => Label >= classes ? Label : null;
    }

    /// <summary>Labels as a person says them; a model makes numbers of them.</summary>
    /// <param name="Names">
    /// Names of classes or numbers, at least one: a single one is the label of all samples, several follow one another. A name comes
    /// before a number that is written alike.
    /// </param>
    public sealed record Named(Sequence<string> Names) : SampleLabels
    {
        /// <summary>Names of classes or numbers, at least one.</summary>
        public Sequence<string> Names { get; init => field = Require.NonEmpty(value, nameof(Names)); } =
            Require.NonEmpty(Names, nameof(Names));

        /// <summary>How many samples in a row have the same label; at least 1.</summary>
        public int Each { get; init => field = Require.AtLeast(value, 1, nameof(Each)); } = 1;

        /// <inheritdoc/>
        public override string Text => string.Join(", ", Names);

        /// <inheritdoc/>
        public override SampleLabels ByRow(int each) => this with { Each = each };

        /// <inheritdoc/>
        /// <exception cref="InvalidOperationException">Always: only a model knows the names.</exception>
        public override long LabelOf(long sample, int classes) =>
            throw new InvalidOperationException("Which labels names stand for shows with a model.");

        internal override SampleLabels Numbered(Sequence<string> names, int classes)
        {
            var known = new LabelNames(names, classes);
            // A name may hold commas.
            var labels = known.Find(string.Join(',', Names)) is { } whole ? [whole] : Names.Select(known.LabelOf).ToSequence();
            foreach (var label in labels.Distinct().Where(label => labels.Count(other => other == label) > 1))
                throw new InputException("label", $"{known.NameOf(label)} twice", "each label once");
            return labels.Count == 1 ? new One(labels[0])
                : new Listed(labels.SelectMany(label => Enumerable.Repeat(label, Each)).ToSequence());
        }
    }

    /// <summary>Listed labels: sample k has label number k, and after the last one they begin anew.</summary>
    /// <param name="Labels">At least one label, each at least 0.</param>
    public sealed record Listed(Sequence<long> Labels) : SampleLabels
    {
        /// <summary>At least one label, each at least 0.</summary>
        public Sequence<long> Labels { get; init => field = Checked(value); } = Checked(Labels);

        /// <inheritdoc/>
        public override string Text => "by row";

        /// <inheritdoc/>
        public override long LabelOf(long sample, int classes) => Labels[(int)(sample % Labels.Count)];

        internal override long? Beyond(int classes) =>
            Labels.Where(label => label >= classes).Select(label => (long?)label).FirstOrDefault();

        private static Sequence<long> Checked(Sequence<long> labels) =>
            Require.NonEmpty(labels, nameof(Labels)).Select(label => Require.AtLeast(label, 0, nameof(Labels))).ToSequence();
    }
}
