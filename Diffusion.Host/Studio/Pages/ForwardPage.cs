using Diffusion.Host.Studio.Web;
using Diffusion.Math.Noise;
using Diffusion.Math.Values;
using Diffusion.Model.Runtime;
using Diffusion.Model.Sampling;
using TorchSharp;

namespace Diffusion.Host.Studio.Pages;

/// <summary>Shows how noise schedules turn a real image into noise, and the numbers of one of its pixels.</summary>
/// <param name="studio">What it works with.</param>
internal sealed class ForwardPage(StudioContext studio)
    : StudioPage("forward", "Forward", "A real image becomes noise: noise schedules side by side, down to the numbers of one pixel.")
{
    private const int Points = 100;

    /// <inheritdoc/>
    public override Sequence<StudioRoute> Routes =>
    [
        new("GET", "/forward", "Images and noise schedules to choose from.", Choices),
        new("GET", "/forward/curves", "Noise schedules as curves: alpha, sigma, alpha-bar and log-SNR over their levels.",
            () => ScheduleLevels.All.Select(levels => new ScheduleCurve(levels.Word, Shown(levels))).ToList()),
        new("POST", "/forward/state", "The states of an image at a level of several schedules, and how the numbers of a pixel come about.",
            State),
    ];

    private Task<ForwardChoices> Choices(CancellationToken gone) => studio.OnDevice(
        _ => new ForwardChoices(
            [.. EmbeddedImages.Names.Select(name => SetChoice.Of(EmbeddedImages.Of(name)))],
            [.. ScheduleLevels.All.Select(levels => levels.Word)], ScheduleLevels.Count),
        gone);

    private static List<CurvePoint> Shown(ScheduleLevels levels) =>
    [
        .. Enumerable.Range(0, Points + 1).Select(point => point * (ScheduleLevels.Count - 1) / Points)
            .Select(index => new CurvePoint(index, LevelFacts.Of(levels.Levels[index]))),
    ];

    private Task<ForwardState> State(ForwardQuestion question, CancellationToken gone)
    {
        var chosen = question.Chosen();
        return studio.OnDevice(_ => StateOf(question, chosen), gone);
    }

    private static ForwardState StateOf(ForwardQuestion question, Sequence<(ScheduleLevels Levels, int Index)> chosen)
    {
        using var scope = torch.NewDisposeScope();
        var images = EmbeddedImages.Of(question.Set);
        question.Check(images);
        var clean = images.ImageOf(question.Image);
        // That of the command forward.
        var noise = new SampleNoise(new Seed(question.Seed).For("forward"), 0, clean.shape, torch.CPU).Draw(0);
        double At(torch.Tensor numbers) => numbers[0, question.Channel, question.Y, question.X].item<float>();
        return new(
            images.Set.ClassNames[(int)images.Labels[question.Image]], Frames.Of(clean, 1), Frames.Of(noise, 2),
            [.. chosen.Select(one => new NoisedImage(
                one.Levels.Word, one.Index, LevelFacts.Of(one.Levels.Levels[one.Index]),
                Noised(clean, noise, one.Levels.Levels[one.Index].Marginal),
                [.. new PixelNumbers(one.Levels, one.Index, At(clean), At(noise)).All]))]);
    }

    private static Frame Noised(torch.Tensor clean, torch.Tensor noise, Marginal marginal) =>
        Frames.Of(new TensorSpace().Combine([new(marginal.Alpha, clean), new(marginal.Sigma, noise)]), marginal.Scale);

    /// <summary>What images and schedules there are.</summary>
    /// <param name="Sets">The data sets of which the program carries images.</param>
    /// <param name="Schedules">The names of the noise schedules.</param>
    /// <param name="Levels">How many levels a schedule is shown in.</param>
    private sealed record ForwardChoices(IReadOnlyList<SetChoice> Sets, IReadOnlyList<string> Schedules, int Levels);

    /// <summary>A data set of which the program carries images.</summary>
    /// <param name="Name">What requests call it.</param>
    /// <param name="Title">Its name in print.</param>
    /// <param name="Count">How many images.</param>
    /// <param name="Shape">Channels, height and width of an image.</param>
    private sealed record SetChoice(string Name, string Title, int Count, IReadOnlyList<int> Shape)
    {
        public static SetChoice Of(EmbeddedImages images) => new(
            images.Set.Name, images.Set.Title, images.Count, [images.Shape.Channels, images.Shape.Height, images.Shape.Width]);
    }

    /// <summary>A schedule as curves.</summary>
    /// <param name="Name">The schedule.</param>
    /// <param name="Points">Some of its levels, from the least noisy on.</param>
    private sealed record ScheduleCurve(string Name, IReadOnlyList<CurvePoint> Points);

    /// <summary>A level of a schedule.</summary>
    /// <param name="Index">Its number.</param>
    /// <param name="Level">What is there.</param>
    private sealed record CurvePoint(int Index, LevelFacts Level);

    /// <summary>An image on its way to noise.</summary>
    /// <param name="Label">Its class.</param>
    /// <param name="Clean">x_0.</param>
    /// <param name="Noise">ε, divided by 2.</param>
    /// <param name="Schedules">x_t of each schedule.</param>
    private sealed record ForwardState(string Label, Frame Clean, Frame Noise, IReadOnlyList<NoisedImage> Schedules);

    /// <summary>A state of a schedule.</summary>
    /// <param name="Name">The schedule.</param>
    /// <param name="Index">The number of its level.</param>
    /// <param name="Level">What is there.</param>
    /// <param name="State">x_t/√(α² + σ²): what a network is shown.</param>
    /// <param name="Numbers">How the numbers of the pixel come about.</param>
    private sealed record NoisedImage(string Name, int Index, LevelFacts Level, Frame State, IReadOnlyList<WorkedNumber> Numbers);
}
