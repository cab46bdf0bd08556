using Diffusion.Math.Noise;
using Diffusion.Math.Predictions;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;

namespace Diffusion.Host.Samplers;

/// <summary>A sampler as a person asks for it.</summary>
/// <param name="Name">The word.</param>
/// <param name="Takes">Settings it has.</param>
/// <param name="Make">The sampler with these settings.</param>
public sealed record SamplerChoice(string Name, Sequence<SamplerSetting> Takes, Func<SamplerSettings, Sampler> Make)
{
    private static readonly Limit Clip = new Limit.Clip();

    /// <summary>The grid that its paper or its field uses with discrete levels.</summary>
    public Func<int, TimeGrid> Grid { get; init; } = steps => new TimeGrid.Trailing(steps);

    /// <summary>Where the last step goes: a method that cannot reach clean data ends at the least noise there is.</summary>
    public Func<TimeGrid, TimeGrid> Ends { get; init; } = grid => grid;

    /// <summary>Every sampler there is a word for.</summary>
    public static Sequence<SamplerChoice> All { get; } =
    [
        new("ancestral", [SamplerSetting.Variance], settings =>
            new Sampler.Ancestral(settings.Variance ?? new Variance.Large(), settings.Limit ?? Clip))
        {
            Grid = steps => new TimeGrid.Leading(steps),
        },
        new("ddim", [SamplerSetting.Eta], settings => new Sampler.Ddim(settings.Eta ?? 0, settings.Limit ?? Clip, NoiseDirection.Rederived))
        {
            Grid = steps => new TimeGrid.Leading(steps),
        },
        new("euler", [], settings => new Sampler.Euler(settings.Limit ?? Clip)),
        new("euler-ancestral", [SamplerSetting.Eta], settings => new Sampler.EulerAncestral(settings.Eta ?? 1, settings.Limit ?? Clip)),
        new("heun", [], settings => new Sampler.Heun(settings.Limit ?? Clip)),
        new("lms", [SamplerSetting.Order], settings => new Sampler.Lms(settings.Order ?? 4, settings.Limit ?? Clip)),
        new("dpm++", [SamplerSetting.Order], settings => Multistep(settings, new SolverForm.Data())),
        new("dpm++sde", [SamplerSetting.Order], settings => Multistep(settings, new SolverForm.StochasticData())),
        new("dpm", [SamplerSetting.Order], settings => Multistep(settings, new SolverForm.Noise()))
        {
            Ends = grid => new TimeGrid.ToFirstLevel(grid),
        },
        new("dpm++single", [SamplerSetting.Order], settings =>
            new Sampler.DpmSinglestep(
                settings.Order ?? 2, new SolverForm.Data(), SolverRule.Midpoint, Ending.Falling, settings.Limit ?? Clip)),
        new("unipc", [SamplerSetting.Order], settings =>
            new Sampler.UniPc(settings.Order ?? 2, new SolverForm.Data(), UniPcBasis.Exponential, Ending.Falling, settings.Limit ?? Clip)),
        new("edm", [SamplerSetting.Churn], settings =>
            Sampler.Edm.Of(new Churn(settings.Churn ?? 0)) with { Limit = settings.Limit ?? new Limit.None() }),
    ];

    private static Sampler.DpmMultistep Multistep(SamplerSettings settings, SolverForm form) =>
        new(settings.Order ?? 2, form, SolverRule.Midpoint, Ending.Falling, settings.Limit ?? Clip);
}
