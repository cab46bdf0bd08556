using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Training;
using Diffusion.Math.Values;
using Diffusion.Model.Files;
using Diffusion.Model.Formats;

namespace Diffusion.Model.Interchange.Checkpoints;

/// <summary>What the buffers of a <c>GaussianDiffusion</c> of denoising-diffusion-pytorch say of its training.</summary>
/// <param name="Schedule">The noise schedule.</param>
/// <param name="Prediction">What the network predicts; null where no buffer says so.</param>
/// <param name="Weight">How errors are weighed; null where no buffer says so.</param>
internal sealed record DiffusionBuffers(NoiseSchedule Schedule, Prediction? Prediction, LossWeight? Weight)
{
    private const string Signal = "alphas_cumprod";
    private const string Betas = "betas";
    private const string Loss = "loss_weight";
    private const int MostSteps = 100_000;

    // Buffers are in float32, computed in float64.
    private const double Rounding = 1e-5;

    /// <summary>The names of all buffers.</summary>
    public static Sequence<string> Names { get; } =
    [
        Betas, Signal, "alphas_cumprod_prev", "sqrt_alphas_cumprod", "sqrt_one_minus_alphas_cumprod", "log_one_minus_alphas_cumprod",
        "sqrt_recip_alphas_cumprod", "sqrt_recipm1_alphas_cumprod", "posterior_variance", "posterior_log_variance_clipped",
        "posterior_mean_coef1", "posterior_mean_coef2", Loss, "p2_loss_weight",
    ];

    /// <summary>What a file says; null where it has no buffers.</summary>
    /// <param name="file">The file; average and last weights of a checkpoint have the same buffers.</param>
    /// <exception cref="InputException">They are of no schedule.</exception>
    public static DiffusionBuffers? Of(StoredTensors file)
    {
        if (Find(file, Betas) is not { } betas || Find(file, Signal) is not { } signal)
            return null;
        if (betas.Length != signal.Length || betas.Any(beta => beta is not (> 0 and < 1)) || signal.Any(bar => bar is not (> 0 and < 1)))
            throw new InputException(
                file.Path, $"'{Betas}' and '{Signal}' of no noise schedule", "numbers between 0 and 1, as many of both");
        var schedule = ScheduleOf(betas, signal);
        var (prediction, weight) = Find(file, Loss) is { } loss && loss.Length == betas.Length ? Weighed(schedule, loss) : (null, null);
        return new(schedule, prediction, weight);
    }

    // A known one where all its levels agree.
    private static NoiseSchedule.Discrete ScheduleOf(double[] betas, double[] signal)
    {
        var steps = betas.Length;
        NoiseSchedule.Discrete?[] known =
        [
            steps > 20 ? NoiseSchedule.Linear.OfThousand(steps) : null, new NoiseSchedule.Cosine(steps),
            new NoiseSchedule.SigmoidSignal(steps),
        ];
        bool Fits(NoiseSchedule.Discrete schedule) => Enumerable.Range(0, steps).All(step =>
        {
            var alpha = schedule.At(step).Alpha;
            return Abs(alpha * alpha - signal[step]) <= Rounding * (signal[step] + 1e-3)
                && Abs(1 - alpha * alpha - (1 - signal[step])) <= 1e-2 * (1 - signal[step]) + 2e-7;
        });
        return known.FirstOrDefault(schedule => schedule is not null && Fits(schedule))
            ?? new NoiseSchedule.ExplicitBetas(betas.ToSequence());
    }

    // The weights are min(SNR, γ) times 1/SNR, 1 or 1/(SNR + 1) for ε, x̂_0 and v; without γ they are those of SNR itself.
    private static (Prediction?, LossWeight?) Weighed(NoiseSchedule.Discrete schedule, double[] loss)
    {
        (Prediction Prediction, Func<double, double> OfClean)[] kinds =
            [(new Prediction.Noise(), snr => snr), (new Prediction.Clean(), _ => 1), (new Prediction.Velocity(), snr => snr + 1)];
        double[] ratios = [.. Enumerable.Range(0, loss.Length).Select(step => Snr(schedule.At(step)))];
        foreach (var (prediction, ofClean) in kinds)
        {
            double[] weights = [.. loss.Zip(ratios, (weight, snr) => weight * ofClean(snr))];
            var most = weights.Max();
            bool IsLimited((double Weight, double Snr) level) =>
                Abs(level.Weight - Min(level.Snr, most)) <= 1e-2 * Min(level.Snr, most);
            if (most is > 0 and < double.PositiveInfinity && weights.Zip(ratios).All(IsLimited))
                return (prediction,
                    most >= 0.99 * ratios.Max() ? DenoisingDiffusion.Weight(prediction) : new LossWeight.MinSnr(Tidy(most)));
        }
        return (null, null);
    }

    private static double Snr(Marginal marginal) => Pow(marginal.Alpha / marginal.Sigma, 2);

    // γ without the rounding of float32.
    private static double Tidy(double gamma) => Round(gamma, 3) is > 0 and var tidy && Abs(tidy - gamma) <= 1e-4 * gamma ? tidy : gamma;

    private static double[]? Find(StoredTensors file, string name)
    {
        var found = file.All.FirstOrDefault(tensor => tensor.Name == name
            || tensor.Name.EndsWith($".{name}", StringComparison.Ordinal));
        return found?.Shape is [>= 1 and <= MostSteps] ? found.Numbers() : null;
    }
}
