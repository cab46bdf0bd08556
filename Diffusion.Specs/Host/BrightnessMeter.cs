using Diffusion.Math.Values;
using Diffusion.Model.Evaluation;
using TorchSharp;

namespace Diffusion.Specs.Host;

/// <summary>Stands in for a network's distance: how bright samples are, which depends on every bit of them and costs nothing.</summary>
internal sealed class BrightnessMeter : IDistanceMeter
{
    public Sequence<string> Columns => ["brightness"];

    public string Provenance => "nothing";

    public Sequence<Distance> Floor => [];

    public Sequence<Distance> Measure(torch.Tensor samples) => [new("brightness", samples.to(torch.float64).mean().item<double>())];

    public void Dispose()
    {
    }
}
