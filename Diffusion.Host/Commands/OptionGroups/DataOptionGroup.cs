using Diffusion.Host.CommandLine;
using Diffusion.Host.Downloads;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>The options that say where a data set comes from.</summary>
internal sealed class DataOptionGroup
{
    private readonly Cli.Option<string> _data = Define.Option("--data", "DIR",
        "folder of the data set (default: the cache, else a download, else the embedded subset)", new FreeText("a folder"));

    private readonly Cli.Option<bool> _offline = Define.Flag("--offline", "do not download anything").Also("--no-download");

    /// <summary>Every option, in the order in which help lists them.</summary>
    public Cli.Option[] All => [_data, _offline];

    /// <summary>The folder; null where none is given.</summary>
    public string? Folder(Cli.ParseResult typed) => typed.GetValue(_data);

    /// <summary>Whether what is missing may be downloaded.</summary>
    public DownloadPolicy Downloads(Cli.ParseResult typed) => typed.GetValue(_offline) ? DownloadPolicy.Offline : DownloadPolicy.Allowed;
}
