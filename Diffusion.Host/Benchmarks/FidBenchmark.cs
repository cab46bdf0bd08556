using Diffusion.Host.CommandLine;
using Diffusion.Host.Devices;
using Diffusion.Math.Evaluation;
using Diffusion.Model.Datasets;
using Diffusion.Model.Evaluation;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// How fast a FID is: the distance, the Inception pass beside what the machine can do at best, decoding, resizing, and memory.
/// </summary>
public sealed record FidBenchmark()
    : SpeedBenchmark("fid", "Fréchet distance of 2048 features, Inception network, decoding, resizing, memory")
{
    private const int Dimension = 2048;
    private const int Side = 2048;
    private const int Batch = 32;
    private const int Few = 1000;
    private const int Many = 10_000;

    /// <inheritdoc/>
    protected override IEnumerable<BenchmarkLine> Run(Machine machine, Session session)
    {
        yield return new("frechet distance, 2048 features", Distance(), "s");
        session.Stopping.ThrowIfCancellationRequested();

        var product = 2e-9 * Side * Side * Side / Product(machine.Device);
        yield return new("plain matrix product, float32", product, "GFLOP/s");
        using var inception = FeatureExtractor.Untrained(new InceptionProtocol.PytorchFid(), machine.Device);
        using var images = randint(256, [Batch, 3, 32, 32], ScalarType.Byte);
        var seconds = Shortest(4, () =>
        {
            session.Stopping.ThrowIfCancellationRequested();
            using var features = inception.Extract(images);
            using var here = features.Values.cpu();
        });
        var arithmetic = 2e-9 * Batch * InceptionV3.Shape.Products(new(InceptionV3.Side, InceptionV3.Side)) / seconds;
        yield return new("inception, float32", Batch / seconds, "images/s");
        yield return new("inception, float32", arithmetic, "GFLOP/s");
        yield return new("inception beside the matrix product", arithmetic / product, "");
        yield return new("resizing to 299x299",
            Batch / Shortest(3, () => new InceptionProtocol.PytorchFid().Prepare(images, float32).Dispose()), "images/s");
        yield return new("reading and decoding PNG of 32x32", Decoding(), "images/s");
        yield return new("memory, 10000 images more than 1000", Growth(machine.Device, session), "MB");
    }

    private static double Distance()
    {
        using var scope = NewDisposeScope();
        NormalFit Fit(double scale)
        {
            using var moments = new FeatureAccumulator(Dimension);
            moments.Add(randn(2 * Dimension, Dimension).Times(scale));
            return moments.ToStatistics().Fit();
        }
        var (first, second) = (Fit(1), Fit(1.1));
        return Shortest(2, () => FrechetDistance.Between(first, second, Spectrum.RootTrace));
    }

    // Seconds; the matrices are made beforehand, and one number of the product is fetched, for which a GPU has to have finished.
    private static double Product(Device device)
    {
        using var scope = NewDisposeScope();
        var (left, right) = (randn(Side, Side, device: device), randn(Side, Side, device: device));
        return Shortest(3, () =>
        {
            using var inner = NewDisposeScope();
            left.matmul(right)[0, 0].item<float>();
        });
    }

    private static double Decoding()
    {
        var folder = Directory.CreateTempSubdirectory("diffusion-bench-").FullName;
        try
        {
            using var images = randint(256, [256, 3, 32, 32], ScalarType.Byte);
            for (var i = 0; i < images.shape[0]; i++)
            {
                using var scope = NewDisposeScope();
                Png.Save(Path.Combine(folder, $"{i}.png"),
                    ImageGrid.Compose(Pixels.ToNumbers(images.narrow(0, i, 1)), GridLayout.Of(1) with { Gap = 0 }), []);
            }
            var loading = new ImageLoading(Split.Train, new ImageFit.Unchanged(), ImageLoading.DefaultMemory);
            return images.shape[0] / Shortest(3, () => ImageFolder.Open(folder, loading).Dispose());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // With the small network, so that ten thousand images take seconds; what could grow is the same for every network.
    private static double Growth(Device device, Session session)
    {
        using var network = FeatureExtractor.CifarNet(device);
        double Used(int count)
        {
            using var bytes = randint(256, [network.BatchSize, 3, 32, 32], ScalarType.Byte);
            using var pass = new FeaturePass(network, [], count);
            while (pass.Seen < count)
            {
                session.Stopping.ThrowIfCancellationRequested();
                using var batch = bytes.narrow(0, 0, Min(network.BatchSize, count - pass.Seen));
                pass.Add(batch);
            }
            GC.Collect();
            return Environment.WorkingSet / 1e6;
        }
        return -Used(Few) + Used(Many);
    }
}
