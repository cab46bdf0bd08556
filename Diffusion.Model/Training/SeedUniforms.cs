using Diffusion.Math.Values;

namespace Diffusion.Model.Training;

/// <summary>The first uniform numbers of a seed, as an array.</summary>
internal static class SeedUniforms
{
    /// <summary>Numbers 0 to <paramref name="count"/> − 1, in [0, 1).</summary>
    public static double[] Uniforms(this Seed seed, long count)
    {
        var uniforms = new double[count];
        for (var index = 0; index < count; index++)
            uniforms[index] = seed.Uniform(index);
        return uniforms;
    }
}
