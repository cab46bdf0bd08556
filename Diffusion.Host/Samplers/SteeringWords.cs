using Diffusion.Host.CommandLine;
using Diffusion.Model.Sampling;
using TorchSharp;
using Cli = System.CommandLine;

namespace Diffusion.Host.Samplers;

/// <summary>The options by which a classifier is asked to steer samples.</summary>
internal sealed class SteeringWords
{
    private readonly Cli.Option<string> _classifier = Words.Option("--classifier", "RUN2",
        "steer by the classifier of noisy images that this run has trained", new FreeText("a folder"));

    private readonly Cli.Option<double?> _scale = Words.Option("--scale", "S",
        "how strongly the classifier steers; 1 without it, 0 not at all", new RealNumber(-1000, 1000));

    private readonly Cli.Option<SteeringForm?> _form = Words.Option("--classifier-form", "mean|score",
        "how it steers: the mean of each step's noise, or the score; without it mean for samplers whose steps end in noise, else score",
        new OneOf<SteeringForm?>(("mean", SteeringForm.Mean), ("score", SteeringForm.Score)));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_classifier, _scale, _form];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var option in new Cli.Option[] { _scale, _form })
            if (typed.IsGiven(option) && !typed.IsGiven(_classifier))
                yield return $"{option.Name}: needs {_classifier.Name} too";
    }

    /// <summary>The options as a value; null where no classifier is asked for.</summary>
    public ClassifierRequest? Read(Cli.ParseResult typed) => typed.GetValue(_classifier) is { } run
        ? new(run, typed.GetValue(_scale) ?? 1, typed.GetValue(_form))
        : null;
}
