using System.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Images;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>Which arithmetic and memory layout train a recipe's network fastest on this machine, found by trying.</summary>
/// <remarks>
/// bfloat16 is faster where the processor multiplies it (AVX512-BF16, AMX, CUDA since 2020) and slower elsewhere. Whether a device prefers
/// the channels last depends on it, on the network, and on a GPU on whether its libtorch normalises in that layout.
/// </remarks>
public static class FastestArithmetic
{
    // What bfloat16 has to save to be worth its three digits.
    private const double Worthwhile = 0.85;
    private const int MostRounds = 6;

    // A difference that no other program's load makes twice in turns.
    private const double Clear = 1.5;
    private static readonly TimeSpan Enough = TimeSpan.FromSeconds(3);

    /// <summary>A recipe in every arithmetic that this libtorch offers.</summary>
    public static Sequence<Recipe> WithAnyPrecision(Recipe recipe) => Autocast.IsAvailable
        ? [recipe with { Precision = Precision.Float32 }, recipe with { Precision = Precision.Bfloat16 }]
        : [recipe with { Precision = Precision.Float32 }];

    /// <summary>A recipe in every memory layout that is worth a try on a device; in float32 on a CPU that is one.</summary>
    public static Sequence<Recipe> WithAnyLayout(Recipe recipe, DeviceType device) =>
        (recipe with { Layout = MemoryLayout.ChannelsLast }).LayoutOn(device) == MemoryLayout.ChannelsLast
        ? [recipe with { Layout = MemoryLayout.ChannelsFirst }, recipe with { Layout = MemoryLayout.ChannelsLast }]
        : [recipe with { Layout = MemoryLayout.ChannelsFirst }];

    /// <summary>Passes a batch through the network and back by every recipe, for some seconds on a CPU, and takes the fastest.</summary>
    /// <remarks>A smaller batch where memory is short; the first recipe where it does not suffice for a single image.</remarks>
    /// <param name="recipes">The same network in several ways; a single one is taken untried.</param>
    /// <param name="image">The shape of one image.</param>
    /// <param name="device">Where it will be trained.</param>
    public static Recipe Among(Sequence<Recipe> recipes, ImageShape image, Device device)
    {
        if (recipes.Count == 1)
            return recipes[0];
        for (var images = Min(MostImages(device), Fitting(recipes, image, device)); images > 0; images /= 2)
        {
            try
            {
                return Fastest(recipes, image, device, images);
            }
            catch (Exception shortage) when (OutOfMemory.IsMeantBy(shortage))
            {
                // With half as many, then.
            }
        }
        return recipes[0];
    }

    // All ways are there at once; a processor's memory that is exhausted is no exception but the end.
    private static int Fitting(Sequence<Recipe> recipes, ImageShape image, Device device) =>
        MemoryNeed.Of(recipes[0], image).MostAtOnce(DeviceMemory.AvailableOn(device) / recipes.Count);

    // With few of them a GPU waits for its orders, whatever the arithmetic.
    private static int MostImages(Device device) => device.type == DeviceType.CUDA ? 128 : 32;

    private static Recipe Fastest(Sequence<Recipe> recipes, ImageShape image, Device device, int images)
    {
        using var scope = NewDisposeScope();
        var trials = new List<Trial>();
        try
        {
            foreach (var recipe in recipes)
                trials.Add(new(recipe, image, device, images));
            // In turns, and the best of each: another program's load then falls on all.
            var clock = Stopwatch.StartNew();
            for (var round = 0; round < MostRounds && (round < 2 || (clock.Elapsed < Enough && !IsClear(trials))); round++)
                foreach (var trial in trials)
                    trial.Pass();
            return trials.MinBy(Cost)!.Recipe;
        }
        finally
        {
            foreach (var trial in trials)
                trial.Dispose();
        }
    }

    private static TimeSpan Cost(Trial trial) => trial.Best / (trial.Recipe.Precision == Precision.Bfloat16 ? Worthwhile : 1);

    private static bool IsClear(List<Trial> trials) =>
        trials.Select(Cost).Order().ToArray() is [var first, var second, ..] && second > Clear * first;

    private sealed class Trial : IDisposable
    {
        private readonly Learner _learner;
        private readonly NoisedBatch _batch;

        public Trial(Recipe recipe, ImageShape image, Device device, int most)
        {
            Recipe = recipe;
            _learner = Learner.Of(recipe, new Seed(0));
            _learner.Network.to(device);
            _learner.Network.Arrange(recipe.LayoutOn(device.type));
            var count = Min(recipe.Length.Batch, most);
            var images = SeededNoise.Like(empty([count, image.Channels, image.Height, image.Width], device: device), new Seed(1));
            var levels = recipe.NoiseLevels.Draw(new Seed(0).Uniforms(count), recipe.Schedule);
            _batch = new(images, SeededNoise.Like(images, new Seed(2)), new(recipe, levels, images),
                _learner.Labels(zeros(count, int64, device), new Seed(0)));
        }

        public Recipe Recipe { get; }

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
