using Diffusion.Model.Networks;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Diffusion.Specs.Reference;

/// <summary>While it lives, shows what named parts of a network give out.</summary>
public sealed class ActivationWatch : IDisposable
{
    private readonly HashSet<string> _unseen;
    private readonly List<Action> _removals = [];

    /// <summary>Watches the parts of <paramref name="network"/> that have one of the names.</summary>
    public ActivationWatch(Module network, IEnumerable<string> names, Action<string, Tensor> see)
    {
        _unseen = [.. names];
        var modules = network.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        foreach (var name in _unseen.Where(modules.ContainsKey).ToArray())
            _removals.Add(Hook(modules[GivingOut(name, modules)], output =>
            {
                _unseen.Remove(name);
                see(name, output);
            }));
    }

    /// <summary>The names that no part has given out anything for yet.</summary>
    public IReadOnlyCollection<string> Unseen => _unseen;

    /// <inheritdoc/>
    public void Dispose() => _removals.ForEach(remove => remove());

    // A large image is doubled and convolved at once, without a call of the convolution, whose output is that of the whole then.
    private static string GivingOut(string name, Dictionary<string, Module> modules) =>
        name.EndsWith(".conv", StringComparison.Ordinal) && modules[name[..^".conv".Length]] is Upsampling ? name[..^".conv".Length] : name;

    private static Action Hook(Module module, Action<Tensor> see)
    {
        switch (module)
        {
            case Module<Tensor, Tensor> one:
                return one.register_forward_hook((_, _, output) => Seen(output)).remove;
            case Module<Tensor, Tensor, Tensor> two:
                return two.register_forward_hook((_, _, _, output) => Seen(output)).remove;
            case Module<Tensor, Tensor, Stack<Tensor>, Tensor> block:
                return block.register_forward_hook((_, _, _, _, output) => Seen(output)).remove;
            default:
                throw new NotSupportedException($"{module.GetName()} cannot be watched.");
        }

        Tensor Seen(Tensor output)
        {
            see(output);
            return output;
        }
    }
}
