using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>
/// How much memory a process takes with every further training step. What could grow is the same for every network, so a tiny one does.
/// </summary>
public static class MemoryGrowth
{
    private const int Before = 200;
    private const int Steps = 500;
    private const int Side = 8;

    /// <summary>Trains 700 steps.</summary>
    /// <param name="device">Where.</param>
    /// <param name="stopping">Ends it early.</param>
    /// <returns>Growth of the resident memory over the last 500 steps, in megabytes of 10⁶ bytes.</returns>
    public static double Of(torch.Device device, CancellationToken stopping)
    {
        var recipe = BuiltInRecipes.Find("cifar10-ddpm")!.At(Preset.Quick);
        recipe = recipe with
        {
            Network = recipe.Network
                with { BlocksPerLevel = 1, Levels = [UNetLevel.Attending(8)], Residual = new() { Groups = 4, Dropout = 0.1 } },
            Length = recipe.Length with { Batch = 4 },
        };
        using var images = ImageSet.Of(
            new("noise", Split.Train, ["any"], "made up"), new(3, Side, Side), new byte[16 * 3 * Side * Side], new byte[16]);
        using var run = new TrainingRun(recipe, images, device);
        double After(int steps)
        {
            for (; run.Updates < steps; run.Advance())
                stopping.ThrowIfCancellationRequested();
            GC.Collect();
            return Environment.WorkingSet / 1e6;
        }
        var before = After(Before);
        return After(Before + Steps) - before;
    }
}
