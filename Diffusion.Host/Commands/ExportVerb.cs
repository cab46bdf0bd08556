using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a model is handed to other programs.</summary>
internal sealed class ExportVerb : Verb
{
    private readonly Cli.Argument<string> _run =
        Words.Argument("RUN", "a run folder, of which the latest checkpoint is taken, or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Argument<string> _out =
        Words.Argument("DIR", "the folder to write, new or empty", new FreeText("a folder"));

    private readonly Cli.Option<ExportForm?> _to = Words.Option("--to", "diffusers",
        "for which program; diffusers without it", new OneOf<ExportForm?>(("diffusers", ExportForm.Diffusers)));

    /// <summary>The command <c>export</c>.</summary>
    public ExportVerb()
        : base("export", "Writes a trained model for other programs: the first average of its weights, network and schedule.")
    {
        Arguments.Add(_run);
        Arguments.Add(_out);
        Take(_to);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("export runs/try --to diffusers exported", "for DDPMPipeline.from_pretrained"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.Export(typed.GetValue(_run)!, typed.GetValue(_out)!);

    private enum ExportForm
    {
        Diffusers,
    }
}
