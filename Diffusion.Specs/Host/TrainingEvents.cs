using Diffusion.Model.Runs;

namespace Diffusion.Specs.Host;

/// <summary>Takes down what happens in a run.</summary>
internal sealed class TrainingEvents : IProgress<TrainingEvent>
{
    public List<TrainingEvent> All { get; } = [];

    /// <summary>Called with every event.</summary>
    public Action<TrainingEvent> Happened { get; init; } = _ => { };

    public IEnumerable<string> Warnings => All.Where(happened => happened.IsWarning).Select(happened => happened.Text);

    public void Report(TrainingEvent value)
    {
        All.Add(value);
        Happened(value);
    }

    public override string ToString() => string.Join('\n', All.Select(happened => happened.Text));
}
