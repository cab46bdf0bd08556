using Diffusion.Host.CommandLine;
using Diffusion.Host.Models;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a model is handed to other programs.</summary>
internal sealed class ExportSyntax : CommandSyntax
{
    private readonly Cli.Argument<string> _run =
        Define.Argument("RUN", RunWord.Help, new RunWord());

    private readonly Cli.Argument<string> _out =
        Define.Argument("OUT", "folder to write, new or empty; or file to write", new FreeText("a folder or file"));

    private readonly Cli.Option<ExportForm?> _to = Define.Option("--to", "diffusers|pth|safetensors|run",
        "a diffusers folder; the weights with the recipe beside them, for torch.load or as safetensors; or a small run folder for "
            + "sampling, with the EMA in bfloat16 (default: diffusers)",
        new OneOf<ExportForm?>(
            ("diffusers", ExportForm.Diffusers), ("pth", ExportForm.Pth), ("safetensors", ExportForm.Safetensors),
            ("run", ExportForm.Run)));

    /// <summary>The command <c>export</c>.</summary>
    public ExportSyntax()
        : base("export", "Exports a trained model (its first EMA) to diffusers, PyTorch or safetensors, or as a small run folder.")
    {
        Arguments.Add(_run);
        Arguments.Add(_out);
        Take(_to);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("export runs/try --to diffusers exported", "for DDPMPipeline.from_pretrained"),
        new("export runs/try --to pth try.pth", "for torch.load, with diffusers' parameter names; import makes a run of it again"),
        new("export runs/try --to safetensors try.safetensors", "one file that import makes a run of again"),
        new("export runs/try --to run try-small", "to pass on: a fraction of the run's size, sampled and measured like it"),
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) =>
        new Command.Export(typed.GetValue(_run)!, typed.GetValue(_out)!, typed.GetValue(_to) ?? ExportForm.Diffusers);
}
