using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Diffusion.Host.Models;
using Diffusion.Host.Options;
using Diffusion.Math.Values;
using Diffusion.Model.Runs;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How a poster is asked for.</summary>
internal sealed class PosterSyntax : CommandSyntax
{
    private const string UsualPlace = "poster";

    private readonly Cli.Option<double?> _minutes = Define.Option("--minutes", "M",
        "train models of MNIST and CIFAR-10 first; everything takes M minutes (default: 0, train nothing)", new RealNumber(0, 100_000));

    private readonly Cli.Option<string> _out = Define.Option("--out", "DIR|FILE.md",
        $"folder, new or an earlier poster's; or the Markdown page, whose folder is named like it (default: {UsualPlace})",
        new FreeText("a folder")).Also("-o");

    private readonly Cli.Option<string[]> _models = Define.Repeated("--model", "RUN",
        $"show this model of its data set; repeatable: {RunWord.Help}", new FreeText("a run folder"));

    private readonly DataOptionGroup _data = new();

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>poster</c>.</summary>
    public PosterSyntax()
        : base("poster", "Makes the figures of a poster on DDPM and classifier-free guidance, on one page.")
    {
        Take([_minutes, _out, _models, .. _data.All, .. _machine.All]);
    }

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("poster", "with the models that come with the program"),
        new("poster --minutes 30 --out mine", "train both models, 30 minutes in all"),
        new("poster --model runs/mnist --model runs/cifar10", "with models of your own"),
        new("poster --out docs/poster.md", "page docs/poster.md, figures in docs/poster/"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "poster.md shows every figure with its equation, its settings and the command that makes it alone. poster.html is the same as one "
        + "sheet of A1 in landscape: print it from a browser. The figures: forward process, training curves, the distance by epoch as a "
        + "table, samples, classifier-free guidance at w = 3 and with increasing w, progressive generation without a label and of label 4.",
        "--minutes trains the recipes mnist-cfg and cifar10-cfg, for 30 % and 60 % of the time; a data set of --model is left out. "
        + "A second call with the same folder goes on with training that was interrupted, and draws the figures again.",
        "--data DIR is the folder of the data sets, or has a folder mnist and a folder cifar10. Otherwise the images of the forward "
        + "process come from the cache or from the program.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed)
    {
        var machine = _machine.All.Where(option => typed.IsGiven(option))
            .SelectMany(option => (string[])[option.Name, typed.GetResult(option)!.Tokens[^1].Value]).ToSequence();
        return new Command.MakePoster(new(typed.GetValue(_out) ?? UsualPlace)
        {
            Time = typed.GetValue(_minutes) is > 0 and var minutes ? TimeSpan.FromMinutes(minutes) : null,
            Models = (typed.GetValue(_models) ?? []).ToSequence(),
            Data = _data.Folder(typed),
            IsOffline = _data.Downloads(typed) == DownloadPolicy.Offline,
            Device = _machine.Device(typed),
            Threads = _machine.Threads(typed),
            Machine = machine,
            CommandLine = string.Join(' ', ((string[])[ResumeLine.Program, Name, .. Retyped(typed)]).Select(ResumeLine.Quoted)),
        });
    }

    private IEnumerable<string> Retyped(Cli.ParseResult typed) =>
        from option in Options
        where typed.IsGiven(option) && !_machine.All.Contains(option)
        from word in typed.GetResult(option)!.Tokens.SelectMany(token => (string[])[option.Name, token.Value]).DefaultIfEmpty(option.Name)
        select word;
}
