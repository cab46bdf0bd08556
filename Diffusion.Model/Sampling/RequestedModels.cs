using Diffusion.Model.Checkpoints;
using Diffusion.Model.Files;
using TorchSharp;

namespace Diffusion.Model.Sampling;

/// <summary>The models besides the sampled one that several requests name: each is opened once, and all are closed together.</summary>
/// <param name="device">Where their weights live.</param>
/// <param name="damaged">Called with each newer checkpoint that is damaged and skipped.</param>
public sealed class RequestedModels(torch.Device device, Action<string> damaged) : IDisposable
{
    private readonly Dictionary<string, TrainedClassifier> _classifiers = [];
    private readonly Dictionary<string, TrainedModel> _weaker = [];

    /// <summary>What a request is about, with the models that it names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="inputs">What is known already; its models go before those that would be opened.</param>
    /// <exception cref="InputException">One of them cannot be opened.</exception>
    public SamplingInputs For(SamplingRequest request, SamplingInputs? inputs = null)
    {
        inputs ??= new();
        return inputs with
        {
            Classifier = inputs.Classifier
                ?? (request.Classifier is { } asked ? Once(_classifiers, asked.Run, TrainedClassifier.Open) : null),
            Weaker = inputs.Weaker ?? (request.Autoguidance is { } weaker ? Once(_weaker, weaker.Run, TrainedModel.Open) : null),
            Damaged = damaged,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var model in _classifiers.Values)
            model.Dispose();
        foreach (var model in _weaker.Values)
            model.Dispose();
        _classifiers.Clear();
        _weaker.Clear();
    }

    private T Once<T>(Dictionary<string, T> opened, string run, Func<string, torch.Device, Action<string>, T> open)
    {
        if (!opened.TryGetValue(run, out var model))
            opened.Add(run, model = open(run, device, damaged));
        return model;
    }
}
