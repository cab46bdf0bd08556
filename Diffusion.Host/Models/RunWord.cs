using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Models;

/// <summary>A run's folder, a checkpoint's, or the name of a model that comes with the program.</summary>
internal sealed class RunWord : TokenKind<string>
{
    /// <summary>What help says a run is.</summary>
    public static string Help { get; } = CarriedModels.Names.Count == 0
        ? "run folder (its latest checkpoint), or a checkpoint"
        : "run folder (its latest checkpoint), a checkpoint, or a model that comes with the program: "
            + string.Join(", ", CarriedModels.Names) + " (also by their data set: mnist, cifar10)";

    /// <inheritdoc/>
    public override string Expected => "a run folder";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Offered => [.. CarriedModels.Names];

    /// <inheritdoc/>
    public override bool TryRead(string token, out string? value)
    {
        value = string.IsNullOrWhiteSpace(token) ? null : CarriedModels.Resolve(token);
        return value is not null;
    }
}

/// <summary>The run of a noise-aware classifier, or the name of one that comes with the program.</summary>
internal sealed class ClassifierWord : TokenKind<string>
{
    /// <inheritdoc/>
    public override string Expected => "a run folder";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Offered => [.. CarriedModels.Classifiers];

    /// <inheritdoc/>
    public override bool TryRead(string token, out string? value)
    {
        value = string.IsNullOrWhiteSpace(token) ? null : CarriedModels.ResolveClassifier(token);
        return value is not null;
    }
}
