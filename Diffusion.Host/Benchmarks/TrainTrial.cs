using System.Diagnostics;
using Diffusion.Math.Values;
using Diffusion.Model.Datasets;
using Diffusion.Model.Networks;
using Diffusion.Model.Recipes;
using Diffusion.Model.Training;
using TorchSharp;

namespace Diffusion.Host.Benchmarks;

/// <summary>A training run of the recipe cifar10 on images of noise, timed phase by phase.</summary>
internal sealed class TrainTrial : IDisposable
{
    private const int Side = 32;
    private readonly torch.Device _device;
    private readonly ImageSet _images;
    private readonly TrainingRun _run;
    private readonly double[] _phases = new double[4];
    private long _mark;

    public TrainTrial(Recipe recipe, torch.Device device)
    {
        (_device, Recipe, _images) = (device, recipe, Images(recipe.Length.Batch));
        _run = new(recipe, _images, device);
    }

    /// <summary>What is carried out.</summary>
    public Recipe Recipe { get; }

    /// <summary>The run itself.</summary>
    public TrainingRun Run => _run;

    /// <summary>Seconds of the phases of the fastest step so far.</summary>
    public Sequence<double> Phases { get; private set; } = [double.PositiveInfinity];

    /// <summary>Seconds of a step: of the fastest stretch so far, where nobody waits for a phase.</summary>
    public double Seconds { get; private set; } = double.PositiveInfinity;

    /// <summary>Floating-point operations of a step: multiplications and additions, by the definition of the network.</summary>
    public double Operations => 2.0 * UNetArithmetic.TrainingFactor * Recipe.Length.Batch * Recipe.Network.Products(Side, Side);

    /// <summary>Makes a step phase by phase. The fastest one counts: whatever else the machine does can only make one longer.</summary>
    public void Step()
    {
        Array.Clear(_phases);
        _run.PhaseEnded = EndOf;
        _mark = Stopwatch.GetTimestamp();
        _run.Advance();
        _run.PhaseEnded = null;
        if (_phases.Sum() < Phases.Sum())
            Phases = [.. _phases];
    }

    /// <summary>Makes some steps as training does, which never waits for the device. The fastest stretch counts.</summary>
    public void Stretch(int steps)
    {
        Wait(_device);
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < steps; step++)
            _run.Advance();
        Wait(_device);
        Seconds = Min(Seconds, Stopwatch.GetElapsedTime(start).TotalSeconds / steps);
    }

    /// <summary>Waits until the device has done what it was told.</summary>
    public static void Wait(torch.Device device)
    {
        if (device.type == DeviceType.CUDA)
            torch.cuda.synchronize();
    }

    /// <summary>Images of noise for batches of a size.</summary>
    public static ImageSet Images(int batch)
    {
        var count = Max(batch, 256);
        var pixels = new byte[count * 3 * Side * Side];
        var seed = new Seed(1);
        for (var index = 0; index < pixels.Length; index++)
            pixels[index] = (byte)seed.Bits(index);
        Sequence<string> classes = [.. Enumerable.Range(0, 10).Select(index => $"{index}")];
        return ImageSet.Of(new("noise", Split.Train, classes, "made up"), new(3, Side, Side), pixels, new byte[count]);
    }

    public void Dispose()
    {
        _run.Dispose();
        _images.Dispose();
    }

    private void EndOf(StepPhase phase)
    {
        Wait(_device);
        _phases[(int)phase] += Stopwatch.GetElapsedTime(_mark).TotalSeconds;
        _mark = Stopwatch.GetTimestamp();
    }
}
