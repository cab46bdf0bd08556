using Diffusion.Model.Recipes;
using Diffusion.Model.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace Diffusion.Model.Training;

/// <summary>
/// One update of Adam with decoupled weight decay over flat tensors. Kingma and Ba 2014, Algorithm 1; Loshchilov and Hutter 2017.
/// </summary>
/// <remarks>
/// The update is number <see cref="AdamState.Updates"/>, from 1. Gradients are divided by <see cref="AdamState.GradientScale"/> first,
/// which folds clipping in; where <see cref="AdamState.Overflow"/> is 1 nothing changes. Neither number is read on the host. There are two
/// implementations, equal to rounding.
/// </remarks>
public abstract class AdamKernel
{
    private AdamKernel()
    {
    }

    /// <summary>The fused one where this libtorch has it, which is a single pass over memory, else the other.</summary>
    public static AdamKernel Best { get; } = Fused.TryCompile() ?? (AdamKernel)new Composed();

    /// <summary>Applies an update that was counted.</summary>
    public abstract void Apply(AdamState state, Tensor values, Tensor gradients, OptimiserRecipe recipe);

    /// <summary>libtorch's fused operator, which TorchSharp does not bind, reached through TorchScript.</summary>
    public sealed class Fused : AdamKernel
    {
        // Lists have to be arguments: one made inside is optimised away, and with it the effect on its elements.
        private const string Script = """
            def adamw(values: List[Tensor], gradients: List[Tensor], first: List[Tensor], second: List[Tensor], none: List[Tensor],
                      updates: List[Tensor], rate: Tensor, beta1: float, beta2: float, decay: float, epsilon: float,
                      scale: Tensor, overflow: Tensor) -> int:
                torch._fused_adamw_(values, gradients, first, second, none, updates, lr=rate, beta1=beta1, beta2=beta2,
                                    weight_decay=decay, eps=epsilon, amsgrad=False, maximize=False, grad_scale=scale, found_inf=overflow)
                return 0

            """;

        private readonly jit.CompilationUnit _unit;

        private Fused(jit.CompilationUnit unit) => _unit = unit;

        internal static Fused? TryCompile()
        {
            try
            {
                return new(jit.compile(Script));
            }
            catch (System.Runtime.InteropServices.ExternalException)
            {
                return null;
            }
        }

        /// <inheritdoc/>
        public override void Apply(AdamState state, Tensor values, Tensor gradients, OptimiserRecipe recipe)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            _unit.Call(
                "adamw", new[] { values }, new[] { gradients }, new[] { state.FirstMoment }, new[] { state.SecondMoment },
                Array.Empty<Tensor>(),
                new[] { state.Updates }, state.Rate, recipe.Beta1, recipe.Beta2, recipe.WeightDecay, recipe.Epsilon,
                state.GradientScale, state.Overflow);
        }
    }

    /// <summary>The same from elementary operations, in pieces small enough to stay in the cache.</summary>
    public sealed class Composed : AdamKernel
    {
        private const long Piece = 1 << 16;

        /// <inheritdoc/>
        public override void Apply(AdamState state, Tensor values, Tensor gradients, OptimiserRecipe recipe)
        {
            using var scope = NewDisposeScope();
            using var guard = no_grad();
            var updates = state.Updates.to(values.dtype);
            var correction1 = pow(recipe.Beta1, updates).SubtractedFrom(1);
            var correction2 = pow(recipe.Beta2, updates).SubtractedFrom(1).sqrt();
            var applies = state.Overflow == Number.Of(0);
            var rate = state.Rate.to(values.dtype);
            for (var offset = 0L; offset < values.numel(); offset += Piece)
            {
                using var piece = NewDisposeScope();
                var length = Min(Piece, values.numel() - offset);
                Tensor Part(Tensor flat) => flat.narrow(0, offset, length);
                var (x, m, v) = (Part(values), Part(state.FirstMoment), Part(state.SecondMoment));
                var gradient = Part(gradients) / state.GradientScale.to(values.dtype);
                var first = m.Times(recipe.Beta1).Plus(gradient.Times(1 - recipe.Beta1));
                var second = v.Times(recipe.Beta2).Plus((gradient * gradient).Times(1 - recipe.Beta2));
                var step = rate / correction1 * first / (second.sqrt() / correction2).Plus(recipe.Epsilon);
                x.copy_(where(applies, x * rate.Times(recipe.WeightDecay).SubtractedFrom(1) - step, x));
                m.copy_(where(applies, first, m));
                v.copy_(where(applies, second, v));
            }
        }
    }
}
