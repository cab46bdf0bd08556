using Diffusion.Math.Noise;
using Diffusion.Math.Plans;

namespace Diffusion.Math.Samplers;

/// <summary>What a multistep method remembers when it stands at a step: its quantity at the levels visited last.</summary>
/// <param name="NoisePath">The levels.</param>
/// <param name="Index">The step.</param>
/// <param name="Places">How many quantities are remembered.</param>
internal readonly record struct History(NoisePath NoisePath, int Index, int Places)
{
    /// <summary>Where the quantity is that was found <paramref name="back"/> steps ago; 0 is this step's.</summary>
    public Slot At(int back) => Slot.Remembered(Index - back, Places);

    /// <summary>The marginal that the quantity of <paramref name="back"/> steps ago belongs to.</summary>
    public Marginal MarginalAt(int back) => NoisePath.Steps[Index - back].From.Marginal;

    /// <summary>λ(this step) − λ(<paramref name="back"/> steps ago), above 0; infinite where that level had no signal.</summary>
    public double DistanceTo(int back) => (MarginalAt(0).LogSnr - MarginalAt(back).LogSnr) / 2;
}
