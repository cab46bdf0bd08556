using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a foreign model is taken in.</summary>
internal sealed class ImportSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _source =
        Define.Argument("DIR", "folder saved by diffusers: a pixel-space pipeline, or its unet", new FreeText("a folder"));

    private readonly Cli.Option<string> _out = Define.Option("--out", "RUN",
        "run folder to write, new or empty (default: DIR-run)", new FreeText("a folder")).Also("-o");

    /// <summary>The command <c>import</c>.</summary>
    public ImportSyntax()
        : base("import", "Imports a diffusers model as a run, to sample and to evaluate.")
    {
        Arguments.Add(_source);
        Take(_out);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("import ddpm-cifar10-32 --out runs/ddpm", "then: diffusion sample runs/ddpm"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var source = typed.GetValue(_source)!;
        return new Command.Import(source, typed.GetValue(_out) ?? $"{Path.TrimEndingDirectorySeparator(source)}-run");
    }
}
