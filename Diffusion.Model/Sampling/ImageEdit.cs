using Diffusion.Math.Plans;
using Diffusion.Math.Rewriting;
using Diffusion.Math.Values;

namespace Diffusion.Model.Sampling;

/// <summary>How real images are edited. A closed union.</summary>
public abstract record ImageEdit
{
    private ImageEdit()
    {
    }

    /// <summary>The share of the steps that is taken.</summary>
    internal virtual double Share => 1;

    /// <summary>What becomes of a plan.</summary>
    /// <exception cref="ArgumentException">The plan cannot be changed so.</exception>
    internal abstract SamplerPlan Rewritten(SamplerPlan plan);

    /// <summary>Images are noised part of the way and come back. Meng et al. 2021, SDEdit.</summary>
    /// <param name="Strength">The share of the way, in (0, 1].</param>
    public sealed record SdEdit(double Strength) : ImageEdit
    {
        /// <summary>The share of the way, in (0, 1].</summary>
        public double Strength { get; init => field = Checked(value); } = Checked(Strength);

        internal override double Share => Strength;

        internal override SamplerPlan Rewritten(SamplerPlan plan) => plan.FromOriginal();

        private static double Checked(double strength) =>
            Require.Within(Require.Positive(strength, nameof(Strength)), 0, 1, nameof(Strength));
    }

    /// <summary>A part of the images is made anew, the rest stays. Lugmayr et al. 2022, RePaint.</summary>
    /// <param name="Jump">j, the steps of a stretch that is gone again; at least 1.</param>
    /// <param name="Rounds">r, how often a stretch is gone; at least 1, which is plain replacement.</param>
    public sealed record RePaint(int Jump, int Rounds) : ImageEdit
    {
        /// <summary>j, the steps of a stretch that is gone again; at least 1.</summary>
        public int Jump { get; init => field = Require.AtLeast(value, 1, nameof(Jump)); } = Require.AtLeast(Jump, 1);

        /// <summary>r, how often a stretch is gone; at least 1.</summary>
        public int Rounds { get; init => field = Require.AtLeast(value, 1, nameof(Rounds)); } = Require.AtLeast(Rounds, 1);

        internal override SamplerPlan Rewritten(SamplerPlan plan) => plan.Inpainted(new(Jump, Rounds));
    }
}
