using Diffusion.Math.Predictions;
using Diffusion.Math.Values;

namespace Diffusion.Math.Samplers;

/// <summary>The samplers by the names that people ask for them by, with the settings that their papers recommend.</summary>
public static class SamplerCatalogue
{
    private static readonly Clipping Clip = new Clipping.Clip();
    private static readonly Clipping None = new Clipping.None();

    /// <summary>All of them, the oldest first.</summary>
    public static Sequence<SamplerEntry> Entries { get; } =
    [
        new("ddpm", new Sampler.Ancestral(new Variance.Large(), Clip), "ancestral, large variance", "Ho et al. 2020"),
        new("ddpm-small", new Sampler.Ancestral(new Variance.Small(), Clip), "ancestral, small variance", "Ho et al. 2020"),
        new(
            "ddpm-learned", new Sampler.Ancestral(new Variance.LearnedRange(), Clip), "ancestral, learned variance",
            "Nichol and Dhariwal 2021"),
        new("ddim", new Sampler.Ddim(0, Clip, NoiseDirection.Rederived), "implicit, without noise", "Song et al. 2020"),
        new("euler", new Sampler.Euler(None), "order 1 in sigma", "Karras et al. 2022"),
        new("euler-ancestral", new Sampler.EulerAncestral(1, None), "order 1 in sigma, with noise", "Crowson 2022"),
        new("heun", new Sampler.Heun(None), "order 2 in sigma, two calls a step", "Karras et al. 2022"),
        new("edm", Sampler.Edm.Of(new Churn(30, 0.01, 1, 1.007)), "order 2 in sigma, churn as for CIFAR-10", "Karras et al. 2022"),
        new("lms", new Sampler.Lms(4, None), "multistep of order 4 in sigma", "Crowson 2022"),
        new("dpm2m", Multistep(2, new SolverVariable.Noise()), "multistep of order 2 in the noise", "Lu et al. 2022"),
        new("dpm3m", Multistep(3, new SolverVariable.Noise()), "multistep of order 3 in the noise", "Lu et al. 2022"),
        new("dpm2s", Singlestep(2, new SolverVariable.Noise()), "single-step of order 2 in the noise", "Lu et al. 2022"),
        new("dpm3s", Singlestep(3, new SolverVariable.Noise()), "single-step of order 3 in the noise", "Lu et al. 2022"),
        new("dpm++2m", Multistep(2, new SolverVariable.Data()), "multistep of order 2 in the data", "Lu et al. 2022"),
        new("dpm++3m", Multistep(3, new SolverVariable.Data()), "multistep of order 3 in the data", "Lu et al. 2022"),
        new("dpm++2s", Singlestep(2, new SolverVariable.Data()), "single-step of order 2 in the data", "Lu et al. 2022"),
        new("dpm++3s", Singlestep(3, new SolverVariable.Data()), "single-step of order 3 in the data", "Lu et al. 2022"),
        new(
            "sde-dpm++2m", Multistep(2, new SolverVariable.StochasticData()), "multistep of order 2 in the data, with noise",
            "Lu et al. 2022"),
        new("unipc", UniPc(2), "predictor of order 2, corrector of order 3", "Zhao et al. 2023"),
        new("unipc3", UniPc(3), "predictor of order 3, corrector of order 4", "Zhao et al. 2023"),
    ];

    /// <summary>The entry of that name, or null.</summary>
    public static SamplerEntry? Find(string name) => Entries.FirstOrDefault(entry => entry.Name == name);

    /// <summary>What to call a sampler: the entry with these settings, or the first one of its kind.</summary>
    public static string NameOf(Sampler sampler) =>
        (Entries.FirstOrDefault(entry => entry.Sampler == sampler)
            ?? Entries.First(entry => entry.Sampler.GetType() == sampler.GetType())).Name;

    // Order 3 as published is of order 2 when multistep.
    private static Sampler.DpmMultistep Multistep(int order, SolverVariable form) =>
        new(order, form, order == 3 ? SolverType.Interpolating : SolverType.Midpoint, Ending.LowerOrderFinal, None);

    private static Sampler.DpmSinglestep Singlestep(int order, SolverVariable form) =>
        new(order, form, SolverType.Midpoint, Ending.LowerOrderFinal, None);

    private static Sampler.UniPc UniPc(int order) =>
        new(order, new SolverVariable.Data(), UniPcBasis.Exponential, Ending.LowerOrderFinal, None);
}

/// <summary>A sampler with what a person needs to choose it.</summary>
/// <param name="Name">What is written on a command line.</param>
/// <param name="Sampler">The recommended settings.</param>
/// <param name="Description">A few words.</param>
/// <param name="Source">Authors and year.</param>
public sealed record SamplerEntry(string Name, Sampler Sampler, string Description, string Source);
