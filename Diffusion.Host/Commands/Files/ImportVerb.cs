using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a foreign model is taken in.</summary>
internal sealed class ImportVerb : Verb
{
    private readonly Cli.Argument<string> _source =
        Words.Argument("DIR", "a folder saved by diffusers: a pipeline of pixels, or its unet", new FreeText("a folder"));

    private readonly Cli.Option<string> _out = Words.Option("--out", "RUN",
        "run folder, new or empty; without it DIR with -run at its end", new FreeText("a folder"));

    /// <summary>The command <c>import</c>.</summary>
    public ImportVerb()
        : base("import", "Makes a run of a model that diffusers saved, to sample from and to measure.")
    {
        Arguments.Add(_source);
        Take(_out);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("import ddpm-cifar10-32 --out runs/ddpm", "then sample runs/ddpm"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var source = typed.GetValue(_source)!;
        return new Command.Import(source, typed.GetValue(_out) ?? $"{Path.TrimEndingDirectorySeparator(source)}-run");
    }
}
