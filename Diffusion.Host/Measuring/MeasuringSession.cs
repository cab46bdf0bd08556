using System.Diagnostics;
using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Displays;
using Diffusion.Host.Downloads;
using Diffusion.Host.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;

namespace Diffusion.Host.Measuring;

/// <summary>Measures what is at two places, or at one.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
internal sealed class MeasuringSession(Session session, MeasuringOptions options)
{
    private readonly ReferenceCache _cache = new(CacheFolder.Default["statistics"]);

    /// <summary>Compares the pictures of two places.</summary>
    /// <exception cref="InputException">One of them cannot be measured, or the two cannot be compared.</exception>
    public ComparedPlaces Compare(PicturePlace reference, PicturePlace samples) => Within([reference, samples], _cache, (places, measured) =>
    {
        var (left, right) = (measured[0], measured[1]);
        return new ComparedPlaces(places[0].Name, places[1].Name, right.Sha256, Measurement.Between(left, right, options.Wanted));
    });

    /// <summary>Measures the pictures of one place, or of several together.</summary>
    /// <exception cref="InputException">They cannot be measured.</exception>
    public MeasuredPictures Measure(Sequence<PicturePlace> places) => Within(places, null, (_, measured) => MeasuredPictures.Join(measured));

    private TResult Within<TResult>(
        Sequence<PicturePlace> places, ReferenceCache? reference, Func<IReadOnlyList<OpenedPlace>, IReadOnlyList<MeasuredPictures>, TResult> use)
    {
        var machine = Machine.Ready(session, options.Device, options.Threads);
        var opener = new PlaceOpener(session, options, machine.Device);
        var (opened, measured) = (new List<OpenedPlace>(), new List<MeasuredPictures>());
        try
        {
            foreach (var place in places)
                opened.Add(opener.Open(place));
            if (options.SampleOption is { } option && !opened.OfType<OpenedPlace.Samples>().Any())
                throw new InputException(option, "no run among the places", "a run folder or a checkpoint, to draw samples from");
            using var extractor = Extractor(opened, machine);
            foreach (var place in opened)
                RefuseSmall(place, extractor?.Dimension ?? ((OpenedPlace.Statistics)place).Measured.Fit.Dimension);
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
            throw new InputException(string.Join(" and ", places.Select(place => place.Word)), Misfit.Sentence(misfit), "sets that fit together", misfit);
        }
        finally
        {
            measured.ForEach(pictures => pictures.Dispose());
            opened.ForEach(place => place.Dispose());
        }
    }

    private FeatureExtractor? Extractor(IReadOnlyList<OpenedPlace> places, Machine machine)
    {
        if (places.Select(place => place.Shape).FirstOrDefault(shape => shape is not null) is not { } shape)
            return null;
        var known = places.OfType<OpenedPlace.Statistics>().FirstOrDefault()?.Measured.Extractor;
        var extractor = new ExtractorLocator(session, options, CacheFolder.Default).Find(shape, known, machine.Device);
        session.Say($"features: {extractor.Identity}, on {machine}");
        return extractor;
    }

    // Before the work, not after it.
    private void RefuseSmall(OpenedPlace place, int dimension)
    {
        if (place.Count < dimension && options.Small == SmallSets.Refused)
            throw new InputException(place.Name, string.Create(CultureInfo.InvariantCulture, $"{place.Count} pictures"),
                $"at least {dimension}, one for each feature: a distance from fewer is far too large; --allow-small computes it all the same");
    }

    private MeasuredPictures Measure(OpenedPlace place, FeatureExtractor? extractor, IProgressDisplay display, ReferenceCache? cache)
    {
        switch (place)
        {
            case OpenedPlace.Statistics stored:
                return stored.Measured;
            case OpenedPlace.Samples samples:
                return Named(place, extractor!, () => new SampledFeatures(samples, extractor!).Run(options.Wanted.Features, display, session.Stopping));
            case OpenedPlace.Pictures pictures:
                var sha256 = PictureHash.Of(pictures.Source, session.Stopping);
                MeasuredPictures Pass() => Named(place, extractor!, () => MeasuredPictures.Of(Run(pictures, extractor!, display), sha256));
                return cache is null || options.Wanted != new WantedMeasures() ? Pass() : cache.Find(sha256, extractor!.Identity, Pass);
            default:
                throw new UnreachableException();
        }
    }

    private PictureFeatures Run(OpenedPlace.Pictures pictures, FeatureExtractor extractor, IProgressDisplay display)
    {
        using var activity = display.Begin(new($"measuring {pictures.Name}", "pictures", 0, pictures.Source.Provenance.Count));
        return FeatureExtraction.Run(extractor, pictures.Source, options.Wanted.Features, new Told(activity), session.Stopping);
    }

    private static MeasuredPictures Named(OpenedPlace place, FeatureExtractor extractor, Func<MeasuredPictures> measure)
    {
        try
        {
            return measure();
        }
        catch (ArgumentException misfit)
        {
            throw new InputException(place.Name, Misfit.Sentence(misfit), $"pictures for {extractor.Identity.Name}", misfit);
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
