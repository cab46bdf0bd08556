using System.Security.Cryptography;
using System.Text;
using Diffusion.Math.Sampling;
using Diffusion.Math.Values;

namespace Diffusion.Host.Training;

/// <summary>Tells plans apart in a few characters.</summary>
public static class PlanIdentity
{
    /// <summary>The first 12 hexadecimal digits of the SHA-256 of the plan's JSON.</summary>
    public static string Of(SamplerPlan plan) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(UnionJson.Write(plan))))[..12];
}
