using Diffusion.Host.CommandLine;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a model is handed to other programs.</summary>
internal sealed class ExportSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", "run folder (its latest checkpoint), or a checkpoint", new FreeText("a folder"));

    private readonly Cli.Argument<string> _out =
        Define.Argument("OUT", "folder to write, new or empty; or file to write", new FreeText("a folder or file"));

    private readonly Cli.Option<ExportForm?> _to = Define.Option("--to", "diffusers|pth",
        "a diffusers folder, or the weights only, for torch.load (default: diffusers)",
        new OneOf<ExportForm?>(("diffusers", ExportForm.Diffusers), ("pth", ExportForm.Pth)));

    /// <summary>The command <c>export</c>.</summary>
    public ExportSyntax()
        : base("export", "Exports a trained model (its first EMA) to diffusers or PyTorch.")
    {
        Arguments.Add(_run);
        Arguments.Add(_out);
        Take(_to);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("export runs/try --to diffusers exported", "for DDPMPipeline.from_pretrained"),
        new("export runs/try --to pth try.pth", "for torch.load, with diffusers' parameter names"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Export(typed.GetValue(_run)!, typed.GetValue(_out)!, typed.GetValue(_to) ?? ExportForm.Diffusers);
}
