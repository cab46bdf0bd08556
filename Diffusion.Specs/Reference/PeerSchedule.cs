using System.Globalization;
using System.Text.RegularExpressions;
using Diffusion.Math.Schedules;
using Diffusion.Math.Spacings;
using Diffusion.Math.Values;

namespace Diffusion.Specs.Reference;

/// <summary>The schedule that a case of schedules.json describes, in our words.</summary>
public sealed partial record PeerSchedule(string Peer, NoiseSchedule.Discrete Schedule)
{
    public static PeerSchedule Of(ReferenceObject item)
    {
        var name = Name().Match(item.Text("name"));
        Assert.True(name.Success, $"{item.Path}: the name '{item.Text("name")}' tells no peer and schedule.");
        var (peer, family) = (name.Groups["peer"].Value, name.Groups["family"].Value);
        return new(peer, peer switch
        {
            "gd" when family.StartsWith("respaced", StringComparison.Ordinal) =>
                new NoiseSchedule.Respaced(
                    GuidedDiffusion(item.Text("base"), item.Integer("T")), TimestepSpacing.Parse(item.Text("section_counts"))),
            "gd" => GuidedDiffusion(family, item.Integer("T")),
            "ho" or "diffusers" => Betas(family, item),
            "lucidrains" => Lucidrains(family, item.Integer("T"), item.Object("kwargs")),
            _ => throw new NotSupportedException($"{item.Path}: peer '{peer}'"),
        });
    }

    /// <summary>guided-diffusion's named schedules: the linear one keeps the noise of a thousand steps.</summary>
    public static NoiseSchedule.Discrete GuidedDiffusion(string family, int count) => family switch
    {
        "linear" => NoiseSchedule.Linear.OfThousand(count),
        "cosine" => new NoiseSchedule.Cosine(count),
        _ => throw new NotSupportedException($"guided-diffusion's schedule '{family}'"),
    };

    /// <summary>
    /// β as denoising-diffusion-pytorch itself has them: it works out the two ends of the signal's sigmoid in single precision.
    /// </summary>
    public static Sequence<double> NativeBetas(NoiseSchedule.Discrete schedule)
    {
        if (schedule is not NoiseSchedule.SigmoidSignal sigmoid)
            return schedule.Betas;
        var (first, last) = (SingleSigmoid(sigmoid.Start / sigmoid.Temperature), SingleSigmoid(sigmoid.End / sigmoid.Temperature));
        var signal = Sequence.Generate(sigmoid.Count + 1, t =>
            (last - Sigmoid((sigmoid.Start + (double)t / sigmoid.Count * (sigmoid.End - sigmoid.Start)) / sigmoid.Temperature)) / (
                last - first));
        return Sequence.Generate(sigmoid.Count, t => Clamp(1 - signal[t + 1] / signal[t], 0, sigmoid.Ceiling));
    }

    private static double Sigmoid(double x) => 1 / (1 + Exp(-x));

    private static double SingleSigmoid(double x) => 1f / (1f + MathF.Exp(-(float)x));

    private static NoiseSchedule.Discrete Betas(string family, ReferenceObject item)
    {
        var (count, first, last) = (item.Integer("T"), item.Number("beta_start"), item.Number("beta_end"));
        NoiseSchedule.Discrete schedule = family switch
        {
            "linear" => new NoiseSchedule.Linear(count, first, last),
            "quad" or "scaled_linear" => new NoiseSchedule.Quadratic(count, first, last),
            "const" => new NoiseSchedule.Constant(count, last),
            "jsd" => new NoiseSchedule.Harmonic(count),
            "warmup10" => new NoiseSchedule.WarmUp(count, 0.1, first, last),
            "warmup50" => new NoiseSchedule.WarmUp(count, 0.5, first, last),
            "squaredcos_cap_v2" => new NoiseSchedule.Cosine(count),
            "sigmoid" => new NoiseSchedule.SigmoidBeta(count, first, last),
            _ => throw new NotSupportedException($"{item.Path}: schedule '{family}'"),
        };
        return item.Has("rescale_betas_zero_snr") && item["rescale_betas_zero_snr"].GetBoolean()
            ? new NoiseSchedule.ZeroTerminalSnr(schedule)
            : schedule;
    }

    private static NoiseSchedule.Discrete Lucidrains(string family, int count, ReferenceObject settings)
    {
        NoiseSchedule.Discrete schedule = family switch
        {
            "linear" => NoiseSchedule.Linear.OfThousand(count),
            "cosine" => new NoiseSchedule.Cosine(count, Setting(settings, "s", 0.008)),
            "sigmoid" => new NoiseSchedule.SigmoidSignal(
                count, Setting(settings, "start", -3), Setting(settings, "end", 3), Setting(settings, "tau", 1)),
            _ => throw new NotSupportedException($"denoising-diffusion-pytorch's schedule '{family}'"),
        };
        settings.Complete();
        return schedule;
    }

    private static double Setting(ReferenceObject settings, string name, double otherwise) =>
        settings.Has(name) ? settings.Number(name) : otherwise;

    [GeneratedRegex("^(?<peer>gd|ho|diffusers|lucidrains)_(?<family>respaced|[a-z0-9_]+?(?=_[0-9]+(_|$)))")]
    private static partial Regex Name();
}
