using System.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Data;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Which arithmetic trains a recipe's network fastest on this machine, found by trying.</summary>
/// <remarks>bfloat16 is faster where the processor multiplies it (AVX512-BF16, AMX, CUDA since 2020) and slower elsewhere.</remarks>
public static class FastestPrecision
{
    // What bfloat16 has to save to be worth its three digits.
    private const double Worthwhile = 0.85;
    private const int MostRounds = 6;
    private const int MostImages = 32;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    /// <summary>Passes a batch through the network and back in each arithmetic, for some seconds on a CPU.</summary>
    /// <param name="recipe">What is trained.</param>
    /// <param name="image">The shape of one image.</param>
    /// <param name="device">Where it will be trained.</param>
    public static Precision Of(Recipe recipe, ImageShape image, Device device)
    {
        if (!Autocast.IsAvailable)
            return Precision.Float32;
        using var scope = NewDisposeScope();
        using var single = new Trial(recipe with { Precision = Precision.Float32 }, image, device);
        using var half = new Trial(recipe with { Precision = Precision.Bfloat16 }, image, device);
        // In turns, and the best of each: another program's load then falls on both.
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < MostRounds && (round < 2 || clock.Elapsed < Enough); round++)
        {
            single.Pass();
            half.Pass();
        }
        return half.Best < Worthwhile * single.Best ? Precision.Bfloat16 : Precision.Float32;
    }

    private sealed class Trial : IDisposable
    {
        private readonly Learner _learner;
        private readonly NoisedBatch _batch;

        public Trial(Recipe recipe, ImageShape image, Device device)
        {
            _learner = Learner.Of(recipe, new Seed(0));
            _learner.Network.to(device);
            var count = Min(recipe.Length.Batch, MostImages);
            var pictures = randn([count, image.Channels, image.Height, image.Width], device: device);
            var levels = recipe.Levels.Draw(new Seed(0).Uniforms(count), recipe.Schedule);
            _batch = new(pictures, randn_like(pictures), new(recipe, levels, pictures), _learner.Labels(zeros(count, int64, device), new Seed(0)));
        }

        public TimeSpan Best { get; private set; } = TimeSpan.MaxValue;

        public void Pass()
        {
            using var scope = NewDisposeScope();
            var clock = Stopwatch.StartNew();
            _learner.Loss(_batch, _batch.Count).backward();
            // Waits for the device.
            _learner.Network.parameters().First().grad!.sum().item<float>();
            Best = clock.Elapsed < Best ? clock.Elapsed : Best;
        }

        public void Dispose() => _learner.Dispose();
    }
}
