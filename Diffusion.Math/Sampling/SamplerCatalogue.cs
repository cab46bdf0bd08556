using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Sampling;

/// <summary>The samplers by the names that people ask for them by, with the settings that their papers recommend.</summary>
public static class SamplerCatalogue
{
    private static readonly Limit Unlimited = new Limit.None();
    private static readonly SolverForm Data = new SolverForm.Data();
    private static readonly SolverForm Noise = new SolverForm.Noise();

    /// <summary>All of them, the oldest first.</summary>
    public static Sequence<SamplerEntry> Entries { get; } =
    [
        new("ddpm", new Sampler.Ancestral(new Variance.Large(), new Limit.Clip()), "ancestral sampling, large variance", "Ho et al. 2020"),
        new("ddpm-small", new Sampler.Ancestral(new Variance.Small(), new Limit.Clip()), "ancestral sampling, small variance", "Ho et al. 2020"),
        new("ddpm-learned", new Sampler.Ancestral(new Variance.LearnedRange(), new Limit.Clip()),
            "ancestral sampling, variance from the network", "Nichol and Dhariwal 2021"),
        new("ddim", new Sampler.Ddim(0, new Limit.Clip(), NoiseDirection.Rederived), "implicit, deterministic", "Song et al. 2020"),
        new("euler", new Sampler.Euler(Unlimited), "first order in sigma", "Karras et al. 2022"),
        new("euler-ancestral", new Sampler.EulerAncestral(1, Unlimited), "first order in sigma, with noise", "Crowson 2022"),
        new("heun", new Sampler.Heun(Unlimited), "second order in sigma, two calls a step", "Karras et al. 2022"),
        new("edm", Sampler.Edm.Of(new Churn(30, 0.01, 1, 1.007)), "second order in sigma with churn, as for CIFAR-10", "Karras et al. 2022"),
        new("lms", new Sampler.Lms(4, Unlimited), "linear multistep of order 4 in sigma", "Crowson 2022"),
        new("dpm2m", new Sampler.DpmMultistep(2, Noise, SolverRule.Midpoint, Ending.Falling, Unlimited), "multistep of order 2 in the noise", "Lu et al. 2022"),
        new("dpm3m", new Sampler.DpmMultistep(3, Noise, SolverRule.Interpolating, Ending.Falling, Unlimited), "multistep of order 3 in the noise", "Lu et al. 2022"),
        new("dpm2s", new Sampler.DpmSinglestep(2, Noise, SolverRule.Midpoint, Ending.Falling, Unlimited), "single-step of order 2 in the noise", "Lu et al. 2022"),
        new("dpm3s", new Sampler.DpmSinglestep(3, Noise, SolverRule.Midpoint, Ending.Falling, Unlimited), "single-step of order 3 in the noise", "Lu et al. 2022"),
        new("dpm++2m", new Sampler.DpmMultistep(2, Data, SolverRule.Midpoint, Ending.Falling, Unlimited), "multistep of order 2 in the data", "Lu et al. 2022"),
        new("dpm++3m", new Sampler.DpmMultistep(3, Data, SolverRule.Interpolating, Ending.Falling, Unlimited), "multistep of order 3 in the data", "Lu et al. 2022"),
        new("dpm++2s", new Sampler.DpmSinglestep(2, Data, SolverRule.Midpoint, Ending.Falling, Unlimited), "single-step of order 2 in the data", "Lu et al. 2022"),
        new("dpm++3s", new Sampler.DpmSinglestep(3, Data, SolverRule.Midpoint, Ending.Falling, Unlimited), "single-step of order 3 in the data", "Lu et al. 2022"),
        new("sde-dpm++2m", new Sampler.DpmMultistep(2, new SolverForm.StochasticData(), SolverRule.Midpoint, Ending.Falling, Unlimited),
            "multistep of order 2 in the data, with noise", "Lu et al. 2022"),
        new("unipc", new Sampler.UniPc(2, Data, UniPcBasis.Exponential, Ending.Falling, Unlimited),
            "predictor of order 2 and corrector of order 3 in one call", "Zhao et al. 2023"),
        new("unipc3", new Sampler.UniPc(3, Data, UniPcBasis.Exponential, Ending.Falling, Unlimited),
            "predictor of order 3 and corrector of order 4 in one call", "Zhao et al. 2023"),
    ];

    /// <summary>The entry of that name, or null.</summary>
    public static SamplerEntry? Find(string name) => Entries.FirstOrDefault(entry => entry.Name == name);
}

/// <summary>A sampler with what a person needs to choose it.</summary>
/// <param name="Name">What is written on a command line.</param>
/// <param name="Sampler">The recommended settings.</param>
/// <param name="Description">A few words.</param>
/// <param name="Source">Authors and year.</param>
public sealed record SamplerEntry(string Name, Sampler Sampler, string Description, string Source);
