using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Model.Sampling;
using TorchSharp;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options of classifier guidance.</summary>
internal sealed class ClassifierOptionGroup
{
    // Of other programs it is the guidance scale, or the size of a sheet.
    private const string Former = "--scale";

    private readonly Cli.Option<string> _classifier = Define.Option("--classifier", "RUN2",
        "classifier guidance by the noise-aware classifier of this run, or by one that comes with the program: "
            + string.Join(", ", CarriedModels.Classifiers), new ClassifierWord());

    private readonly Cli.Option<double?> _scale = Define.Option("--classifier-scale", "S",
        "scale s of the classifier's gradient (default: 1)", new RealNumber(-1000, 1000)).Also(Former);

    private readonly Cli.Option<SteeringForm?> _form = Define.Option("--classifier-form", "mean|score",
        "shift the mean of each step, or the score (default: mean for stochastic samplers, else score)",
        new OneOf<SteeringForm?>(("mean", SteeringForm.Mean), ("score", SteeringForm.Score)));

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_classifier, _scale, _form];

    /// <summary>Why the options cannot be used together; empty where they can.</summary>
    public IEnumerable<string> Faults(Cli.ParseResult typed)
    {
        foreach (var option in new Cli.Option[] { _scale, _form })
            if (typed.IsGiven(option) && !typed.IsGiven(_classifier))
                yield return typed.NameOf(option) is var name && name == Former
                    ? $"{name}: requires {_classifier.Name}; did you mean --guidance-scale or --zoom?"
                    : $"{name}: requires {_classifier.Name}";
    }

    /// <summary>The options as a value; null where no classifier is asked for.</summary>
    public ClassifierRequest? Read(Cli.ParseResult typed) => typed.GetValue(_classifier) is { } run
        ? new(run, typed.GetValue(_scale) ?? 1, typed.GetValue(_form))
        : null;
}
