using System.Diagnostics;
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

/// <summary>Measures what is at two places, or at one.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
internal sealed class MeasuringSession(Session session, MeasuringOptions options)
{
    private const int NamesInMessage = 5;

    private readonly ReferenceCache _cache = new(CacheFolder.Default["statistics"]);

    /// <summary>Compares the images of two places.</summary>
    /// <exception cref="InputException">One of them cannot be measured, or the two cannot be compared.</exception>
    public ComparedPlaces Compare(ImagePlace reference, ImagePlace samples) => Within([reference, samples], _cache, (places, measured) =>
    {
        var (left, right) = (Named(places[0], measured[0], measured[1].Extractor), Named(places[1], measured[1], measured[0].Extractor));
        return new ComparedPlaces(places[0].Name, places[1].Name, right.Sha256, Measurement.Between(left, right, options.Wanted));
    });

    private MeasuredImages Named(OpenedPlace place, MeasuredImages measured, ExtractorIdentity? other) =>
        place is OpenedPlace.Statistics stored ? Assumption.Named(stored, options.Assumed, other) : measured;

    /// <summary>Measures the images of one place, or of several together.</summary>
    /// <exception cref="InputException">They cannot be measured.</exception>
    public MeasuredImages Measure(Sequence<ImagePlace> places) => Within(places, null, (_, measured) => MeasuredImages.Join(measured));

    private TResult Within<TResult>(
        Sequence<ImagePlace> places, ReferenceCache? reference, Func<IReadOnlyList<OpenedPlace>, IReadOnlyList<MeasuredImages>, TResult> use)
    {
        foreach (var place in places)
            PlaceOpener.RefuseAbsent(place);
        if (options.Inception is { } weights && !File.Exists(weights))
            throw new InputException(weights, "no file", "the weights of the Inception network");
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var opener = new PlaceOpener(session, options, machine.Device);
        var (opened, measured) = (new List<OpenedPlace>(), new List<MeasuredImages>());
        try
        {
            foreach (var place in places)
                opened.Add(opener.OpenEach(place));
            if (options.SampleOption is { } option && !opened.OfType<OpenedPlace.Samples>().Any())
                throw new InputException(option, "no run among the images", "a run folder or a checkpoint, to draw samples from");
            if (reference is not null)
                RefuseUnknown(opened);
            foreach (var place in opened)
                RefuseUnmeasurable(place, place == opened[^1]);
            using var extractor = Extractor(opened, machine);
            foreach (var place in opened)
            {
                if (extractor is not null)
                    RefuseUnfit(place, extractor);
                RefuseSmall(place, extractor?.Dimension ?? ((OpenedPlace.Statistics)place).Measured.Fit.Dimension);
            }
            return ProgressDisplay.Show(session, (_, display) =>
            {
                // Samples are measured once, the reference again and again.
                foreach (var (index, place) in opened.Index())
                    measured.Add(Measure(place, extractor, display, index == 0 ? reference : null));
                return use(opened, measured);
            });
        }
        catch (ArgumentException misfit)
        {
            throw new InputException(string.Join(" and ", places.Select(place => place.Word)), Sentence.Of(misfit), "sets that fit together", misfit);
        }
        finally
        {
            measured.ForEach(images => images.Dispose());
            opened.ForEach(place => place.Dispose());
        }
    }

    private FeatureExtractor? Extractor(IReadOnlyList<OpenedPlace> places, Machine machine)
    {
        if (places.FirstOrDefault(place => place is not OpenedPlace.Statistics) is null)
            return null;
        // A network that resizes takes every shape, the others one.
        var shape = places.Any(place => place is OpenedPlace.OfAnySize { Images.CommonShape: null }) ? null
            : places.Select(place => place.Shape).First(shape => shape is not null);
        var stored = places.OfType<OpenedPlace.Statistics>().ToArray();
        var known = stored.Select(place => place.Measured.Extractor).FirstOrDefault(extractor => extractor is not null)
            ?? (stored.Length > 0 && options.Assumed is Assumption.Protocol protocol ? protocol.Of(null) : null);
        var extractor = new ExtractorLocator(session, options, CacheFolder.Default).Find(shape, known, machine.Device);
        session.Say($"features: {extractor.Identity}, on {machine}");
        return extractor;
    }

    // A distance needs to know on both sides what made the features; what is only joined and stored stays unknown.
    private void RefuseUnknown(IReadOnlyList<OpenedPlace> places)
    {
        var unknown = places.OfType<OpenedPlace.Statistics>().FirstOrDefault(place => place.Measured.Extractor is null);
        if (unknown is not null && options.Assumed is null)
            throw Assumption.Refusal(unknown);
        if (unknown is null && options.Assumed is not null)
            throw new InputException("--assume", "no statistics without provenance", "such a file");
    }

    // Whatever is known before the work is said before the work.
    private void RefuseUnmeasurable(OpenedPlace place, bool isLast)
    {
        var (wanted, count) = (options.Wanted, place.Count);
        if (place is OpenedPlace.Statistics && (wanted.Features.Vectors == KeptVectors.All || (isLast && wanted.Score is not null)))
            throw new InputException(place.Name, "statistics only", "the images themselves, for a kernel distance, an Inception Score or precision and recall");
        // Of one image there is no covariance, and a neighbour is another one.
        var least = wanted.Neighbour is { } neighbour ? neighbour + 1 : 2;
        if (count < least && place is not OpenedPlace.Statistics)
            throw new InputException(place.Name, count == 1 ? "one image" : string.Create(CultureInfo.InvariantCulture, $"{count} images"),
                string.Create(CultureInfo.InvariantCulture, $"at least {least}{(least > 2 ? " for precision and recall" : ", for one has no distance")}"));
    }

    private static void RefuseUnfit(OpenedPlace place, FeatureExtractor extractor)
    {
        if (place is OpenedPlace.Statistics { Measured: var stored })
        {
            if (stored.Fit.Dimension != extractor.Dimension)
                throw new InputException(place.Name, $"statistics of {stored.Fit.Dimension} features", $"{extractor.Dimension} features, as {extractor.Identity.Name} gives");
            if (stored.Extractor is { } known && known != extractor.Identity)
                throw new InputException(place.Name, $"features of ({known})", $"features of ({extractor.Identity}), which images are measured by");
        }
        if (place is not OpenedPlace.OfAnySize { Images: var images } || extractor.Images is not { } fitting)
            return;
        int[] others = [.. Enumerable.Range(0, images.Count).Where(index => (images.ShapeOf(index).Height, images.ShapeOf(index).Width) != (fitting.Height, fitting.Width))];
        if (others.Length == 0)
            return;
        var named = others.Take(NamesInMessage).Select(index => $"{images.NameOf(index)} {images.ShapeOf(index).Width}×{images.ShapeOf(index).Height}");
        throw new InputException(place.Name,
            $"{others.Length} of {images.Count} images of another size ({string.Join(", ", named)}{(others.Length > NamesInMessage ? ", …" : "")})",
            $"images of {fitting.Width}×{fitting.Height} for {extractor.Identity.Name}; --features inception accepts every size");
    }

    private void RefuseSmall(OpenedPlace place, int dimension)
    {
        if (place.Count < dimension && options.Small == SmallSets.Refused)
            throw new InputException(place.Name, string.Create(CultureInfo.InvariantCulture, $"{place.Count} images"),
                $"at least {dimension}, the number of features: with fewer, the distance is biased upwards; --allow-small allows it");
    }

    private MeasuredImages Measure(OpenedPlace place, FeatureExtractor? extractor, IProgressDisplay display, ReferenceCache? cache)
    {
        switch (place)
        {
            case OpenedPlace.Statistics stored:
                return stored.Measured;
            case OpenedPlace.Samples samples:
                return Guarded(place, extractor!, () => new SampledFeatures(samples, extractor!).Run(options.Wanted.Features, display, session.Stopping));
            case OpenedPlace.OfOneSize images:
                return Measure(place, images.Source.AsSequence(), extractor!, display, cache);
            case OpenedPlace.OfAnySize files:
                var measured = Measure(place, files.Images, extractor!, display, cache);
                Tell(files, extractor!);
                return measured;
            default:
                throw new UnreachableException();
        }
    }

    private MeasuredImages Measure(OpenedPlace place, IImageSequence images, FeatureExtractor extractor, IProgressDisplay display, ReferenceCache? cache)
    {
        var sha256 = ImageHash.Of(images, extractor.Reading, session.Stopping);
        MeasuredImages Pass() => Guarded(place, extractor, () => MeasuredImages.Of(Run(), sha256));
        return cache is null || options.Wanted != new WantedMeasures() ? Pass() : cache.Find(sha256, extractor.Identity, Pass);

        FeatureSet Run()
        {
            using var activity = display.Begin(new($"measuring {place.Name}", "images", 0, images.Count));
            return FeatureExtraction.Run(extractor, images, options.Wanted.Features, new Told(activity), session.Stopping);
        }
    }

    private void Tell(OpenedPlace.OfAnySize place, FeatureExtractor extractor)
    {
        var (images, asStored) = (place.Images, extractor.Reading == ImageReading.AsStored);
        var how = asStored ? $" (as {extractor.Identity.Preparation} does)" : "";
        if (images.Transparent > 0)
            session.Warn(string.Create(CultureInfo.InvariantCulture,
                $"{place.Name}: {images.Transparent} of {images.Count} images have transparency, which is {(asStored ? "dropped" : "composited on white")}{how}"));
        if (images.Turned > 0)
            session.Warn(string.Create(CultureInfo.InvariantCulture,
                $"{place.Name}: {images.Turned} of {images.Count} images have an EXIF orientation, which is {(asStored ? "ignored" : "applied")}{how}"));
    }

    private static MeasuredImages Guarded(OpenedPlace place, FeatureExtractor extractor, Func<MeasuredImages> measure)
    {
        try
        {
            return measure();
        }
        catch (ArgumentException misfit)
        {
            throw new InputException(place.Name, Sentence.Of(misfit), $"images for {extractor.Identity.Name}", misfit);
        }
    }

    private sealed class Told(IActivity activity) : IProgress<int>
    {
        public void Report(int value) => activity.Report(value, () => "");
    }
}

/// <summary>A measurement, and what was measured.</summary>
/// <param name="Reference">What the reference is called.</param>
/// <param name="Samples">What the samples are called.</param>
/// <param name="SamplesSha256">What identifies the samples.</param>
/// <param name="Measurement">The numbers and their protocol.</param>
public sealed record ComparedPlaces(string Reference, string Samples, string SamplesSha256, Measurement Measurement);
