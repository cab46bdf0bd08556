using Diffusion.Math.Samplers;

namespace Diffusion.Host.Samplers;

/// <summary>Single settings of a sampler, changed; null from a sampler that has no such setting.</summary>
public static class SamplerSetting
{
    /// <summary>How random it is: η, in [0, 1].</summary>
    public static Sampler? Eta(Sampler sampler, double eta) => sampler switch
    {
        Sampler.Ddim ddim => ddim with { Eta = eta },
        Sampler.EulerAncestral euler => euler with { Eta = eta },
        _ => null,
    };

    /// <summary>The method's order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The method has no such order.</exception>
    public static Sampler? Order(Sampler sampler, int order) => sampler switch
    {
        Sampler.Lms lms => lms with { Order = order },
        Sampler.DpmMultistep multistep => multistep with { Order = order },
        Sampler.DpmSinglestep singlestep => singlestep with { Order = order },
        Sampler.UniPc unified => unified with { Order = order },
        _ => null,
    };

    /// <summary>S_churn of Karras et al. 2022; at least 0.</summary>
    public static Sampler? Churn(Sampler sampler, double amount) =>
        sampler is Sampler.Edm edm ? edm with { Churn = edm.Churn with { Amount = amount } } : null;

    /// <summary>What happens to estimates out of the data's range. Every sampler has it.</summary>
    public static Sampler? Clipping(Sampler sampler, Clipping limit) => sampler switch
    {
        Sampler.Ancestral ancestral => ancestral with { Clipping = limit },
        Sampler.Ddim ddim => ddim with { Clipping = limit },
        Sampler.Euler euler => euler with { Clipping = limit },
        Sampler.EulerAncestral euler => euler with { Clipping = limit },
        Sampler.Heun heun => heun with { Clipping = limit },
        Sampler.Lms lms => lms with { Clipping = limit },
        Sampler.DpmMultistep multistep => multistep with { Clipping = limit },
        Sampler.DpmSinglestep singlestep => singlestep with { Clipping = limit },
        Sampler.UniPc unified => unified with { Clipping = limit },
        Sampler.Edm edm => edm with { Clipping = limit },
        _ => null,
    };
}
