using System.Globalization;
using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Reports;
using Diffusion.Host.Training;
using Diffusion.Model.Data;
using Diffusion.Model.Evaluation;

namespace Diffusion.Host.Measuring;

/// <summary>Measures what is at two places, or at one.</summary>
/// <param name="session">Who is talked to.</param>
/// <param name="options">What was asked for.</param>
internal sealed class MeasuringSession(Session session, MeasuringOptions options)
{
    private readonly ReferenceCache _cache = new(CacheFolder.Default["statistics"]);

    /// <summary>Compares the pictures of two places.</summary>
    /// <exception cref="InputException">One of them cannot be measured, or the two cannot be compared.</exception>
    public ComparedPlaces Compare(PicturePlace reference, PicturePlace samples)
    {
        var machine = Machine.Ready(options.Device, options.Threads);
        var opener = new PlaceOpener(session, options);
        using var first = opener.Open(reference);
        using var second = opener.Open(samples);
        using var extractor = Extractor(first, second, machine);
        return ProgressDisplay.Show(session, (_, display) =>
        {
            using var left = Measure(first, extractor, display, _cache);
            using var right = Measure(second, extractor, display, null);
            try
            {
                return new ComparedPlaces(first.Name, second.Name, right.Sha256, Measurement.Between(left, right, options.Wanted));
            }
            catch (ArgumentException misfit)
            {
                throw new InputException($"{first.Name} and {second.Name}", misfit.Message.Split(" (Parameter")[0].TrimEnd('.'), "two sets that can be compared", misfit);
            }
        });
    }

    /// <summary>Measures the pictures of one place.</summary>
    /// <exception cref="InputException">They cannot be measured.</exception>
    public MeasuredPictures Measure(PicturePlace place)
    {
        var machine = Machine.Ready(options.Device, options.Threads);
        using var opened = new PlaceOpener(session, options).Open(place);
        if (opened is OpenedPlace.Statistics)
            throw new InputException(place.Word, "statistics", "pictures, to compute them from");
        using var extractor = Extractor(opened, opened, machine);
        return ProgressDisplay.Show(session, (_, display) => Measure(opened, extractor, display, null));
    }

    private FeatureExtractor? Extractor(OpenedPlace first, OpenedPlace second, Machine machine)
    {
        if ((first as OpenedPlace.Pictures ?? second as OpenedPlace.Pictures) is not { } pictures)
            return null;
        var known = (first as OpenedPlace.Statistics ?? second as OpenedPlace.Statistics)?.Measured.Extractor;
        var extractor = new ExtractorLocator(session, options, CacheFolder.Default).Find(pictures.Source.Provenance.Shape, known, machine.Device);
        try
        {
            foreach (var place in new[] { first, second })
                RefuseSmall(place, extractor.Dimension);
            session.Say($"features: {extractor.Identity}, on {machine}");
            return extractor;
        }
        catch
        {
            extractor.Dispose();
            throw;
        }
    }

    // Before the work, not after it.
    private void RefuseSmall(OpenedPlace place, int dimension)
    {
        var count = place is OpenedPlace.Pictures pictures ? pictures.Source.Provenance.Count : ((OpenedPlace.Statistics)place).Measured.Fit.Count;
        if (count < dimension && options.Small == SmallSets.Refused)
            throw new InputException(place.Name, string.Create(CultureInfo.InvariantCulture, $"{count} pictures"),
                $"at least {dimension}, one for each feature: a distance from fewer is far too large; --allow-small computes it all the same");
    }

    private MeasuredPictures Measure(OpenedPlace place, FeatureExtractor? extractor, IProgressDisplay display, ReferenceCache? cache)
    {
        if (place is OpenedPlace.Statistics stored)
        {
            RefuseSmall(place, stored.Measured.Fit.Dimension);
            return stored.Measured;
        }
        var pictures = (OpenedPlace.Pictures)place;
        var sha256 = PictureHash.Of(pictures.Source, session.Stopping);
        MeasuredPictures Pass() => MeasuredPictures.Of(Run(pictures, extractor!, display), sha256) with { Drawn = pictures.Drawn };
        return cache is null || options.Wanted != new WantedMeasures() ? Pass() : cache.Find(sha256, extractor!.Identity, Pass);
    }

    private PictureFeatures Run(OpenedPlace.Pictures pictures, FeatureExtractor extractor, IProgressDisplay display)
    {
        var count = pictures.Source.Provenance.Count;
        using var activity = display.Begin(new($"measuring {pictures.Name}", "pictures", 0, count));
        try
        {
            return FeatureExtraction.Run(extractor, pictures.Source, options.Wanted.Features, new Told(activity), session.Stopping);
        }
        catch (ArgumentException misfit)
        {
            throw new InputException(pictures.Name, misfit.Message.Split(" (Parameter")[0].TrimEnd('.'), $"pictures for {extractor.Identity.Name}", misfit);
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
