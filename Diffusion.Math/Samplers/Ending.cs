namespace Diffusion.Math.Samplers;

/// <summary>Whether a multistep method lowers its order towards the end. The step to clean data is always of order 1.</summary>
public enum Ending
{
    /// <summary>Full order to the last.</summary>
    Full,

    /// <summary>The order is at most the number of steps left: steadier with few steps. lower_order_final of diffusers.</summary>
    LowerOrderFinal,

    /// <summary>The last step is of order 1.</summary>
    LastOfOrderOne,
}

/// <summary>What an ending means for a step.</summary>
internal static class Endings
{
    /// <summary>The order of a step.</summary>
    /// <param name="ending">The rule.</param>
    /// <param name="order">The method's order.</param>
    /// <param name="left">Steps left, this one among them.</param>
    public static int OrderOf(this Ending ending, int order, int left) => (ending, left) switch
    {
        (Ending.LowerOrderFinal, _) => Min(order, left),
        (Ending.LastOfOrderOne, 1) => 1,
        _ => order,
    };
}
