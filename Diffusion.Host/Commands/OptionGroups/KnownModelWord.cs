using Diffusion.Host.CommandLine;
using Diffusion.Model.Interchange.Checkpoints;

namespace Diffusion.Host.Commands;

/// <summary>A published model, or a program whose usual settings a model has.</summary>
internal sealed class KnownModelWord : TokenKind<KnownModel>
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } = [.. KnownModel.All.Select(model => model.Name)];

    /// <inheritdoc/>
    public override string Expected => "a model that import --help lists";

    /// <inheritdoc/>
    public override bool TryRead(string token, out KnownModel? value)
    {
        value = KnownModel.Find(token);
        return value is not null;
    }
}
