using System.Globalization;
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

    /// <summary>What to call a sampler: the name of the nearest entry, which asks for its method and variance.</summary>
    public static string NameOf(Sampler sampler) => Nearest(sampler).Name;

    /// <summary>The name, and the setting that is not the entry's, if there is one: <c>ddim (eta 0.5)</c>.</summary>
    /// <remarks>What happens to estimates out of range is not said.</remarks>
    public static string TextOf(Sampler sampler)
    {
        var entry = Nearest(sampler);
        var (own, usual) = (SettingOf(sampler), SettingOf(entry.Sampler));
        return own is not { } setting || own == usual ? entry.Name
            : string.Create(CultureInfo.InvariantCulture, $"{entry.Name} ({setting.Name} {setting.Value})");
    }

    private static SamplerEntry Nearest(Sampler sampler)
    {
        var kin = Entries.Where(entry => entry.Sampler.GetType() == sampler.GetType()).ToList();
        return kin.FirstOrDefault(entry => entry.Sampler == sampler)
            ?? kin.Where(entry => HasVariant(entry.Sampler, sampler))
                .OrderByDescending(entry => SettingOf(entry.Sampler) == SettingOf(sampler)).FirstOrDefault()
            ?? kin[0];
    }

    // What no option changes, so that another name has to be asked for.
    private static bool HasVariant(Sampler one, Sampler other) => (one, other) switch
    {
        (Sampler.Ancestral { Variance: var first }, Sampler.Ancestral { Variance: var second }) =>
            first == second || (first is Variance.Learned && second is Variance.Learned),
        (Sampler.DpmMultistep first, Sampler.DpmMultistep second) => first.Form == second.Form,
        (Sampler.DpmSinglestep first, Sampler.DpmSinglestep second) => first.Form == second.Form,
        _ => true,
    };

    private static (string Name, double Value)? SettingOf(Sampler sampler) => sampler switch
    {
        Sampler.Ddim ddim => ("eta", ddim.Eta),
        Sampler.EulerAncestral euler => ("eta", euler.Eta),
        Sampler.Edm edm => ("churn", edm.Churn.Amount),
        Sampler.Lms lms => ("order", lms.Order),
        Sampler.DpmMultistep dpm => ("order", dpm.Order),
        Sampler.DpmSinglestep dpm => ("order", dpm.Order),
        Sampler.UniPc pc => ("order", pc.Order),
        _ => null,
    };

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
