using Diffusion.Model.Runtime;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Diffusion.Model.FeatureNetworks;

/// <summary>Adam with decoupled weight decay, parameter by parameter.</summary>
/// <remarks>
/// Kingma and Ba 2014, Algorithm 1; Loshchilov and Hutter 2017. To the bit what TorchSharp's AdamW does, whose numbers the collector may
/// free too early; see <see cref="Number"/>.
/// </remarks>
/// <param name="parameters">What is learned; not owned.</param>
/// <param name="decay">Decoupled weight decay.</param>
internal sealed class ParameterAdam(IEnumerable<Parameter> parameters, double decay) : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.999;
    private const double Epsilon = 1e-8;

    private readonly (Parameter Value, Tensor First, Tensor Second)[] _states =
        [.. parameters.Select(value => (value, zeros_like(value).DetachFromDisposeScope(), zeros_like(value).DetachFromDisposeScope()))];

    private long _updates;

    /// <summary>Sets the gradients to zero.</summary>
    public void Forget()
    {
        using var scope = NewDisposeScope();
        foreach (var (value, _, _) in _states)
            value.grad?.zero_();
    }

    /// <summary>Makes an update; parameters without gradients stay as they are.</summary>
    /// <param name="rate">The learning rate.</param>
    public void Step(double rate)
    {
        using var guard = no_grad();
        _updates++;
        var (correction1, correction2) = (1 - Pow(Beta1, _updates), 1 - Pow(Beta2, _updates));
        foreach (var (value, first, second) in _states)
        {
            using var scope = NewDisposeScope();
            if (value.grad is not { } gradient)
                continue;
            value.mul_(Number.Of(1 - rate * decay));
            first.mul_(Number.Of(Beta1)).add_(gradient, alpha: Number.Of(1 - Beta1));
            second.mul_(Number.Of(Beta2)).addcmul_(gradient, gradient, value: Number.Of(1 - Beta2));
            var divisor = second.sqrt().Over(Sqrt(correction2)).add_(Number.Of(Epsilon), Number.One);
            value.addcdiv_(first, divisor, value: Number.Of(-(rate / correction1)));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (_, first, second) in _states)
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
