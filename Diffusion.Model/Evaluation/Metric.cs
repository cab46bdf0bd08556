using System.Globalization;
using Diffusion.Math.Values;
using Diffusion.Model.FeatureNetworks;

namespace Diffusion.Model.Evaluation;

/// <summary>
/// A metric of images: what it gathers, what its columns are called, what its numbers depend on, and how they are computed.
/// </summary>
/// <remarks>
/// Each is one file. In <see cref="MetricCatalogue.Known"/> it is an option of <c>fid</c> and of <c>sweep</c>, and a name for
/// <c>evaluation.metrics</c> of a recipe.
/// </remarks>
public abstract record Metric
{
    /// <summary>The name by which recipes and command lines ask for it, such as <c>precision-recall</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What it is, in a line of help.</summary>
    public abstract string Summary { get; }

    /// <summary>What is gathered of the reference beside mean and covariance.</summary>
    public virtual Sequence<Accumulation> OfReference => [];

    /// <summary>What is gathered of the samples beside mean and covariance.</summary>
    public virtual Sequence<Accumulation> OfSamples => [];

    /// <summary>Whether the samples are compared with the reference at all; some metrics look at samples alone.</summary>
    public virtual bool Compares => true;

    /// <summary>The fewest images of a side that it can be computed from.</summary>
    public virtual int LeastImages => 2;

    /// <summary>Whether it has to be known what each image is meant to show.</summary>
    public bool NeedsLabels => OfReference.Concat(OfSamples).Any(what => what.NeedsLabels);

    /// <summary>Names of the fields of a protocol that its numbers depend on and no others'; all of them count something.</summary>
    public virtual Sequence<string> FieldNames => [];

    /// <summary>Names of its columns.</summary>
    /// <param name="features">What makes the features: a number of others than the genuine Inception's has the network's name.</param>
    /// <param name="classes">How many classes the network knows.</param>
    public abstract Sequence<string> Columns(ExtractorIdentity features, int classes);

    /// <summary>The numbers, in the order of the columns.</summary>
    /// <exception cref="ArgumentException">A side lacks what the metric needs.</exception>
    public abstract MetricNumbers Between(FeatureSet reference, FeatureSet samples);

    /// <summary>What the numbers depend on, known before anything is measured; in the order of <see cref="FieldNames"/>.</summary>
    /// <param name="references">How many reference images there are; null where a file of statistics does not say.</param>
    /// <param name="samples">How many samples there are; null likewise.</param>
    protected virtual Sequence<long?> FieldsOf(long? references, long? samples) => [];

    /// <summary>The fields of a protocol that its numbers depend on.</summary>
    /// <inheritdoc cref="FieldsOf"/>
    public Sequence<ProtocolField> Fields(long? references, long? samples) => FieldNames.Zip(
        FieldsOf(references, samples),
        (name, value) => new ProtocolField(name, value?.ToString(CultureInfo.InvariantCulture) ?? "")).ToSequence();
}

/// <summary>Numbers of a metric.</summary>
/// <param name="Values">In the order of its columns.</param>
public sealed record MetricNumbers(Sequence<double> Values)
{
    /// <summary>What a person should know of them.</summary>
    public Sequence<MetricNote> Notes { get; init; } = [];

    /// <summary>Numbers beside them for a script; null where one does not apply.</summary>
    public Sequence<(string Name, double? Value)> Facts { get; init; } = [];
}

/// <summary>A reservation about a number.</summary>
/// <param name="Text">What is so, in the words of a column <c>note</c>.</param>
/// <param name="Consequence">What follows from it.</param>
public sealed record MetricNote(string Text, string Consequence);
