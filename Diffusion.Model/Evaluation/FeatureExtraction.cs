using Diffusion.Model.Datasets;
using Diffusion.Model.FeatureNetworks;
using Diffusion.Model.Files;
using static TorchSharp.torch;

namespace Diffusion.Model.Evaluation;

/// <summary>Sends all pictures of a source through a feature network, reading the next ones while it computes.</summary>
public static class FeatureExtraction
{
    /// <summary>Measures a set of pictures.</summary>
    /// <param name="extractor">The network.</param>
    /// <param name="pictures">The pictures.</param>
    /// <param name="wanted">What they are measured for.</param>
    /// <param name="progress">Is told how many pictures are done.</param>
    /// <param name="stopping">Ends the work early, with an exception.</param>
    /// <exception cref="InputException">A picture cannot be read.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static PictureFeatures Run(
        FeatureExtractor extractor, IImageSource pictures, WantedFeatures wanted, IProgress<int> progress, CancellationToken stopping)
    {
        var count = pictures.Provenance.Count;
        using var pass = new FeaturePass(extractor, wanted, count);
        var next = Read(0);
        while (pass.Seen < count)
        {
            using var bytes = next.GetAwaiter().GetResult();
            var following = pass.Seen + (int)bytes.shape[0];
            if (following < count)
                next = Read(following);
            try
            {
                stopping.ThrowIfCancellationRequested();
                pass.Add(bytes);
            }
            catch
            {
                Abandon(next);
                throw;
            }
            progress.Report(pass.Seen);
        }
        return pass.Complete();

        // Dispose scopes belong to a thread: what another thread makes is owned by whoever takes it.
        Task<Tensor> Read(int first) => Task.Run(() =>
        {
            var (bytes, labels) = pictures.Select([.. Enumerable.Range(first, Min(extractor.BatchSize, count - first))]);
            labels.Dispose();
            return bytes;
        });
    }

    private static void Abandon(Task<Tensor> reading) => reading.ContinueWith(
        finished => finished.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
}
