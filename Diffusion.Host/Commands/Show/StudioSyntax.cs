using Diffusion.Host.CommandLine;
using Diffusion.Host.Studio.Web;
using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>How the studio is asked for.</summary>
internal sealed class StudioSyntax : CommandSyntax
{
    private readonly Cli.Option<int?> _port = Define.Option("--port", "N",
        $"port of the page (default: {StudioOptions.UsualPort}; 0 for any that is free)",
        new WholeNumber<int>("a port from 0 to 65535", 0, 65535));

    private readonly Cli.Option<string> _host = Define.Option("--host", "ADDRESS",
        $"address that is listened at (default: {StudioOptions.UsualHost}, this machine alone); any other needs a token, which is printed",
        new FreeText("an address"));

    private readonly Cli.Option<string> _runs = Define.Option("--runs", "DIR",
        $"folder with the runs (default: {StudioOptions.UsualRuns})", new FreeText("a folder"));

    private readonly MachineOptionGroup _machine = new();

    /// <summary>The command <c>studio</c>.</summary>
    public StudioSyntax()
        : base("studio", "Opens a local web page to train, watch runs, draw samples and see how diffusion works.") =>
        Take([_port, _host, _runs, .. _machine.All]);

    /// <inheritdoc/>
    public override Sequence<Example> Examples =>
    [
        new("studio", "the runs below runs/ and the models that come with the program"),
        new("studio --host 0.0.0.0", "the same for a browser on another machine, with a token"),
    ];

    /// <inheritdoc/>
    public override Sequence<string> Remarks =>
    [
        "Ctrl-C stops it; runs that it began are stopped and saved, as Ctrl-C does. Only files below the folder of runs are shown. "
        + "Every page has a JSON API, described at /api/openapi.json.",
    ];

    /// <inheritdoc/>
    public override Command Read(Cli.ParseResult typed) => new Command.OpenStudio(new()
    {
        Port = typed.GetValue(_port) ?? StudioOptions.UsualPort,
        Host = typed.GetValue(_host) ?? StudioOptions.UsualHost,
        Runs = typed.GetValue(_runs) ?? StudioOptions.UsualRuns,
        Device = _machine.Device(typed),
        Threads = _machine.Threads(typed),
    });
}
