using Diffusion.Host.Studio.Web;
using Diffusion.Math.Noise;
using Diffusion.Math.Schedules;
using Diffusion.Math.Values;
using Diffusion.Model.Checkpoints;
using Diffusion.Model.Images;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>An image that a person has drawn.</summary>
/// <param name="Pixels">Bytes in Base64: row by row from the top left, red, green and blue in turn where the image has colours.</param>
public sealed record Drawing(string Pixels)
{
    /// <summary>float32 [1, C, H, W] in [−1, 1].</summary>
    /// <exception cref="RefusedException">It is no image of this shape.</exception>
    internal torch.Tensor Over(ImageShape shape)
    {
        using var scope = torch.NewDisposeScope();
        var bytes = Diffusion.Model.Images.Pixels.FromBytes(
            Bytes(shape.Channels * shape.Height * shape.Width), 1, shape.Height, shape.Width, shape.Channels);
        return Diffusion.Model.Images.Pixels.ToNumbers(bytes.permute(0, 3, 1, 2).contiguous()).MoveToOuterDisposeScope();
    }

    /// <summary>bool [H, W], true where a byte is not zero.</summary>
    /// <exception cref="RefusedException">It is no mask of this shape, or hides nothing or everything.</exception>
    internal torch.Tensor Mask(ImageShape shape)
    {
        var bytes = Bytes(shape.Height * shape.Width);
        if (bytes.All(hidden => hidden == 0) || bytes.All(hidden => hidden != 0))
            throw new RefusedException(400, "mask: a part of the image, neither none nor all of it");
        return torch.tensor(bytes.Select(hidden => hidden != 0).ToArray()).view(shape.Height, shape.Width);
    }

    private byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        return Convert.TryFromBase64String(Pixels, bytes, out var written) && written == count ? bytes
            : throw new RefusedException(400, $"pixels: {count} bytes in Base64, as the model's images have");
    }
}

/// <summary>A drawing to be redrawn.</summary>
/// <param name="Samples">The model and how it samples.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Strength">The share of the noise, above 0 and up to 1.</param>
public sealed record RedrawQuestion(SampleQuestion Samples, Drawing Drawing, double Strength);

/// <summary>A drawing of which a part is made anew.</summary>
/// <param name="Samples">The model and how it samples.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Mask">One byte for each pixel; not zero where it is made anew.</param>
/// <param name="Jump">j of RePaint: steps of a stretch that is gone again.</param>
/// <param name="Rounds">r of RePaint: how often a stretch is gone.</param>
public sealed record FillQuestion(SampleQuestion Samples, Drawing Drawing, Drawing Mask, int Jump = 3, int Rounds = 3);

/// <summary>A drawing whose likelihood is asked for.</summary>
/// <param name="Model">The model.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Label">The class that the model is conditioned on; null for none.</param>
public sealed record MeasureQuestion(string Model, Drawing Drawing, string? Label = null);

/// <summary>A drawing whose class is asked for.</summary>
/// <param name="Model">A model whose images are of the same kind.</param>
/// <param name="Drawing">The drawing.</param>
/// <param name="Time">How far it is noised first: 0 not at all, 1 wholly.</param>
public sealed record ClassQuestion(string Model, Drawing Drawing, double Time = 0);

/// <summary>Samples between two.</summary>
/// <param name="Samples">The model and how it samples.</param>
/// <param name="First">Number of the sample where the way begins.</param>
/// <param name="Second">Number of that where it ends.</param>
/// <param name="Points">Samples on the way, both ends among them.</param>
public sealed record BetweenQuestion(SampleQuestion Samples, long First, long Second, int Points = 9);

/// <summary>The variational bound of an image, in bits per dimension.</summary>
/// <param name="Total">−log₂ p(x_0), at most.</param>
/// <param name="Decoder">L_0.</param>
/// <param name="Chain">The sum of the terms between.</param>
/// <param name="Prior">L_T.</param>
/// <param name="Evaluated">Terms that were computed; they stand for all.</param>
/// <param name="Steps">Terms that there are.</param>
public sealed record Bound(double Total, double Decoder, double Chain, double Prior, int Evaluated, int Steps);

/// <summary>What a classifier takes an image for.</summary>
/// <param name="By">The classifier.</param>
/// <param name="Classes">What the classes are called.</param>
/// <param name="Probabilities">The probability of each.</param>
public sealed record Judgement(string By, IReadOnlyList<string> Classes, IReadOnlyList<double> Probabilities);

/// <summary>What classifiers say of an image that may be noised.</summary>
internal static class NoisyJudgement
{
    /// <summary>A classifier of noisy images: x_t = α·x_0 + σ·ε, with always the same ε.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="classifier">The classifier.</param>
    /// <param name="clean">[1, C, H, W].</param>
    /// <param name="time">How far: 0 not at all, 1 wholly.</param>
    public static Judgement Of(string name, TrainedClassifier classifier, torch.Tensor clean, double time)
    {
        using var scope = torch.NewDisposeScope();
        var (recipe, device) = (classifier.Recipe, classifier.Network.parameters().First().device);
        var level = LevelAt(recipe.Schedule, time);
        var noise = new SampleNoise(new Seed(0).For("drawing"), 0, clean.shape, torch.CPU).Draw(0);
        var state = clean.Times(level.Marginal.Alpha).add_(noise, alpha: Number.Of(level.Marginal.Sigma)).to(device);
        var scale = recipe.Prediction.ReadoutAt(level.Marginal).InputScale;
        var asked = torch.full(1, Number.Of(recipe.Prediction.TimeAt(level)), torch.float32, device);
        return Of(name, classifier.Network.call(state.Times(scale), asked), recipe.Data.ClassNames);
    }

    /// <summary>Logits [1, classes] in words.</summary>
    public static Judgement Of(string name, torch.Tensor logits, Sequence<string> names)
    {
        using var shares = torch.nn.functional.softmax(logits.to(torch.float64), 1).cpu();
        double[] probabilities = [.. shares.data<double>()];
        return new(
            name, names.Count == probabilities.Length ? [.. names] : [.. probabilities.Select((_, label) => $"{label}")], probabilities);
    }

    private static NoiseLevel LevelAt(NoiseSchedule schedule, double share) =>
        schedule.LevelAt(schedule is NoiseSchedule.Discrete ? Round(share * schedule.LastTime) : share * schedule.LastTime);
}
