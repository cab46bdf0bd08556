using Diffusion.Host.Training;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using Diffusion.Model.Images;

namespace Diffusion.Host.Measuring;

/// <summary>Measures what is at two places, or at one: finds it, chooses the network, refuses what cannot be measured.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
internal sealed class MeasuringSession(Session session, MeasuringOptions options)
{
    private const int NamesInMessage = 5;

    /// <summary>Compares the images of two places.</summary>
    /// <exception cref="InputException">One of them cannot be measured, or the two cannot be compared.</exception>
    public ComparedPlaces Compare(ImagePlace reference, ImagePlace samples)
    {
        using var opened = Open([reference, samples]);
        var (left, right) = (opened.Inputs[0], opened.Inputs[1]);
        RefuseUnknown(opened.Inputs);
        RefuseUnmeasurable(left, options.Metrics.Where(metric => metric.OfReference.Count > 0));
        RefuseUnmeasurable(right, options.Metrics.Where(metric => metric.OfSamples.Count > 0));
        using var extractor = Extractor(opened);
        // Samples are measured once, the reference again and again.
        var cache = new ReferenceCache(CacheFolder.Default["statistics"]);
        using var first = Measure(left, extractor, options.Metrics.SelectMany(metric => metric.OfReference), cache);
        using var second = Measure(right, extractor, options.Metrics.SelectMany(metric => metric.OfSamples), null);
        return Fitting(opened, () =>
        {
            var (one, other) = (Named(left, first, second.Extractor), Named(right, second, first.Extractor));
            return new ComparedPlaces(left.Name, right.Name, other.Sha256, Measurement.Between(one, other, options.Metrics));
        });
    }

    /// <summary>Measures the images of one place, or of several together.</summary>
    /// <exception cref="InputException">They cannot be measured.</exception>
    public FeatureSet Measure(Sequence<ImagePlace> places)
    {
        using var opened = Open(places);
        foreach (var input in opened.Inputs)
            RefuseUnmeasurable(input, []);
        using var extractor = Extractor(opened);
        var measured = opened.Inputs.Select(input => Measure(input, extractor, [], null)).ToList();
        return Fitting(opened, () => FeatureSet.Join(measured));
    }

    private OpenedPlaces Open(Sequence<ImagePlace> places)
    {
        foreach (var place in places)
            PlaceOpener.RefuseAbsent(place);
        if (options.Inception is { } weights && !File.Exists(weights))
            throw new InputException(weights, "no file", "the weights of the Inception network");
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var (opener, opened) = (new PlaceOpener(session, options, machine.Device), new OpenedPlaces(machine));
        try
        {
            foreach (var place in places)
                opened.Inputs.Add(opener.Open(place, ImageSizes.Any));
            if (options.SampleOption is { } option && !opened.Inputs.OfType<EvaluationInput.OfModel>().Any())
                throw new InputException(option, "no run among the images", "a run folder or a checkpoint, to draw samples from");
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private FeatureSet Named(EvaluationInput input, FeatureSet measured, ExtractorIdentity? other) =>
        input is EvaluationInput.Statistics stored ? Assumption.Named(stored, options.Assumed, other) : measured;

    // The network that suits all places; null where all of them are statistics.
    private FeatureExtractor? Extractor(OpenedPlaces opened)
    {
        var inputs = opened.Inputs;
        var extractor = inputs.All(input => input is EvaluationInput.Statistics) ? null : Chosen(opened);
        foreach (var input in inputs)
        {
            if (extractor is not null)
                RefuseUnfit(input, extractor);
            RefuseSmall(input, extractor?.Dimension ?? ((EvaluationInput.Statistics)input).Features.Fit.Dimension);
        }
        return extractor;
    }

    private FeatureExtractor Chosen(OpenedPlaces opened)
    {
        var inputs = opened.Inputs;
        // A network that resizes takes every shape, the others one.
        var shape = inputs.Any(input => input is EvaluationInput.OfAnySize { Shape: null }) ? null
            : inputs.Select(input => input.Shape).First(shape => shape is not null);
        var stored = inputs.OfType<EvaluationInput.Statistics>().ToArray();
        var known = stored.Select(input => input.Features.Extractor).FirstOrDefault(extractor => extractor is not null)
            ?? (stored.Length > 0 && options.Assumed is Assumption.Protocol protocol ? protocol.Of(null) : null);
        // Where one side has alpha, both are laid over white.
        var transparent = inputs.Select(input => input.Shape).FirstOrDefault(found => found is { Channels: 4 });
        var transparency = transparent is null ? options.Extractor.Transparency : OverWhitePreparation.For(transparent);
        var locator = new ExtractorLocator(
            options.Extractor with { Warn = session.Warn, Mixed = Mixed(inputs), Transparency = transparency },
            () => InceptionWeightsFile.Find(session, options.Inception, options.Downloads));
        var extractor = locator.Find(shape, known, opened.Machine.Device);
        session.Say($"features: {extractor.Identity}, on {opened.Machine}");
        return extractor;
    }

    // Two are enough to see it.
    private static (string Place, string Found)? Mixed(IEnumerable<EvaluationInput> inputs)
    {
        foreach (var input in inputs)
        {
            if (input is not EvaluationInput.OfAnySize { Shape: null, Images: ImagesOfAnySize { Count: > 0 } images })
                continue;
            string Sized(int index) => $"{images.NameOf(index)} {images.ShapeOf(index).Width}×{images.ShapeOf(index).Height}";
            var other = Enumerable.Range(0, images.Count).FirstOrDefault(index => images.ShapeOf(index) != images.ShapeOf(0));
            return (input.Name, $"images of several sizes ({Sized(0)}, {Sized(other)})");
        }
        return null;
    }

    // A distance needs to know on both sides what made the features; what is only joined and stored stays unknown.
    private void RefuseUnknown(IReadOnlyList<EvaluationInput> inputs)
    {
        var unknown = inputs.OfType<EvaluationInput.Statistics>().FirstOrDefault(input => input.Features.Extractor is null);
        foreach (var foreign in inputs.OfType<EvaluationInput.Statistics>().Where(input => input.Features.Extractor is null))
            options.Assumed?.RefuseUnfit(foreign);
        if (unknown is not null && options.Assumed is null)
            throw Assumption.Refusal(unknown);
        if (unknown is null && options.Assumed is not null)
            throw new InputException("--assume", "no statistics without provenance", "such a file");
    }

    // Whatever is known before the work is said before the work.
    private static void RefuseUnmeasurable(EvaluationInput input, IEnumerable<Metric> metrics)
    {
        var asked = metrics.ToArray();
        if (input is EvaluationInput.Statistics)
        {
            if (asked.FirstOrDefault() is { } metric)
                throw new InputException(input.Name, "statistics only", $"the images themselves, for {metric.Name}");
            return;
        }
        if (asked.FirstOrDefault(metric => metric.NeedsLabels) is { } labelled && input.Classes is null)
            throw new InputException(input.Name, "images of which it is not known what they show", $"labelled ones, for {labelled.Name}");
        // Of one image there is no covariance, and a neighbour is another one.
        var hardest = asked.MaxBy(metric => metric.LeastImages);
        var least = Max(2, hardest?.LeastImages ?? 2);
        if (input.Count < least)
            throw new InputException(
                input.Name, Counted.Of(input.Count ?? 0, "image"),
                $"at least {least}{(least > 2 ? $" for {hardest!.Name}" : ", for one has no distance")}");
    }

    private void RefuseUnfit(EvaluationInput input, FeatureExtractor extractor)
    {
        if (input is EvaluationInput.Statistics { Features: var stored })
        {
            if (stored.Fit.Dimension != extractor.Dimension)
                throw new InputException(
                    input.Name, $"statistics of {stored.Fit.Dimension} features",
                    $"{extractor.Dimension} features, as {extractor.Identity.Name} gives");
            if (stored.Extractor is { } known && known != extractor.Identity)
                throw new InputException(
                    input.Name, $"features of ({known})", $"features of ({extractor.Identity}), which images are measured by");
        }
        if (options.Metrics.FirstOrDefault(metric => metric.NeedsLabels) is { } labelled
            && input.Classes is { } classes && classes != extractor.Classes)
            throw new InputException(
                input.Name, $"images of {Counted.Of(classes, "class", "classes")}",
                $"the {Counted.Of(extractor.Classes, "class", "classes")} that {extractor.Identity.Name} knows, for {labelled.Name}");
        if (input is not EvaluationInput.OfAnySize { Images: ImagesOfAnySize images } || extractor.Images is not { } fitting)
            return;
        int[] others = [.. Enumerable.Range(0, images.Count).Where(index => !HasSize(images.ShapeOf(index), fitting))];
        if (others.Length == 0)
            return;
        var named = others.Take(NamesInMessage).Select(
            index => $"{images.NameOf(index)} {images.ShapeOf(index).Width}×{images.ShapeOf(index).Height}");
        throw new InputException(input.Name,
            $"{others.Length} of {Counted.Of(images.Count, "image")} of another size "
            + $"({string.Join(", ", named)}{(others.Length > NamesInMessage ? ", …" : "")})",
            $"images of {fitting.Width}×{fitting.Height} for {extractor.Identity.Name}; --features inception accepts every size");
    }

    private static bool HasSize(ImageShape shape, ImageShape other) => (shape.Height, shape.Width) == (other.Height, other.Width);

    private void RefuseSmall(EvaluationInput input, int dimension)
    {
        if (input.Count < dimension && options.Small == SmallSets.Refused)
            throw new InputException(input.Name, Counted.Of(input.Count ?? 0, "image"),
                $"at least {dimension}, one for each feature: a distance from fewer is far too large; "
                + "--allow-small computes it all the same");
    }

    // A person asked for a number: samples that are not finite have none, and that is an error.
    private FeatureSet Measure(EvaluationInput input, FeatureExtractor? extractor, IEnumerable<Accumulation> wanted, ReferenceCache? cache)
    {
        if (input is EvaluationInput.Statistics stored)
            return stored.Features;
        try
        {
            var measured = ProgressDisplay.Show(session, (_, display) =>
            {
                using var watched = new WatchedEvaluation(display, input);
                return input.Measure(extractor!, [.. wanted.Distinct()], watched.Watch(session.Stopping), cache);
            });
            Tell(input, extractor!);
            return measured;
        }
        catch (ArgumentException mismatch)
        {
            throw new InputException(input.Name, Sentence.Of(mismatch), $"images for {extractor!.Identity.Name}", mismatch);
        }
        catch (NotFiniteNumberException diverged)
        {
            throw Evaluator.Refusal(input.Name, diverged);
        }
    }

    private void Tell(EvaluationInput input, FeatureExtractor extractor)
    {
        if (input is not EvaluationInput.OfAnySize { Images: ImagesOfAnySize images })
            return;
        var asStored = extractor.Reading == ImageReading.AsStored;
        var how = asStored ? $" (as {extractor.Identity.Preparation} does)" : "";
        if (images.Transparent > 0)
            session.Warn(string.Create(CultureInfo.InvariantCulture,
                $"{input.Name}: {images.Transparent} of {Counted.Of(images.Count, "image")} "
                + $"{(images.Transparent == 1 ? "has" : "have")} transparency, "
                + $"which is {(asStored ? $"dropped{how}; --channels rgba composites it on white" : "composited on white")}"));
        if (images.Turned > 0)
            session.Warn(string.Create(CultureInfo.InvariantCulture,
                $"{input.Name}: {images.Turned} of {Counted.Of(images.Count, "image")} "
                + $"{(images.Turned == 1 ? "notes" : "note")} that the camera was turned, "
                + $"which is {(asStored ? "not followed" : "followed")}{how}"));
    }

    private static T Fitting<T>(OpenedPlaces opened, Func<T> join)
    {
        try
        {
            return join();
        }
        catch (ArgumentException mismatch)
        {
            var names = string.Join(" and ", opened.Inputs.Select(input => input.Name));
            throw new InputException(names, Sentence.Of(mismatch), "sets that fit together", mismatch);
        }
    }

    private sealed record OpenedPlaces(Machine Machine) : IDisposable
    {
        public List<EvaluationInput> Inputs { get; } = [];

        public void Dispose() => Inputs.ForEach(input => input.Dispose());
    }
}

/// <summary>A measurement, and what was measured.</summary>
/// <param name="Reference">What the reference is called.</param>
/// <param name="Samples">What the samples are called.</param>
/// <param name="SamplesSha256">What identifies the samples.</param>
/// <param name="Measurement">The numbers and their protocol.</param>
public sealed record ComparedPlaces(string Reference, string Samples, string SamplesSha256, Measurement Measurement);
