using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.CommandLine;

/// <summary>An option that names a file to write. Its ending says the form; an ending that the command cannot write is refused.</summary>
internal sealed class OutputOption : Cli.Option<string>
{
    /// <summary>The option.</summary>
    /// <param name="name">Such as <c>--out</c>.</param>
    /// <param name="description">What is written.</param>
    /// <param name="endings">What the file may end in, such as <c>.png</c>; <c>/</c> stands for a folder.</param>
    public OutputOption(string name, string description, params Sequence<string> endings)
        : base(name)
    {
        var kind = new OutputName(endings);
        (Endings, Description, HelpName) = (endings, description, kind.Placeholder);
        Arity = Cli.ArgumentArity.ExactlyOne;
        CustomParser = Define.Reader(kind);
    }

    /// <summary>What the file may end in; <c>/</c> stands for a folder.</summary>
    public Sequence<string> Endings { get; }
}

/// <summary>A file to write, by its ending.</summary>
/// <param name="endings">What it may end in; <c>/</c> stands for a folder.</param>
internal sealed class OutputName(Sequence<string> endings) : TokenKind<string>
{
    private const string Folder = "/";

    private readonly Sequence<string> _files = endings.Where(ending => ending != Folder).ToSequence();

    /// <summary>How help calls it.</summary>
    public string Placeholder => endings.Contains(Folder) ? "FILE|DIR/" : _files is [var only] ? $"FILE{only}" : "FILE";

    /// <inheritdoc/>
    public override string Expected =>
        $"a file ending in {Listed}{(endings.Contains(Folder) ? ", or a folder ending in /" : "")}";

    /// <inheritdoc/>
    public override bool TryRead(string token, out string? value)
    {
        value = token;
        return IsFolder(token)
            ? endings.Contains(Folder)
            : _files.Any(ending => token.EndsWith(ending, StringComparison.OrdinalIgnoreCase) && token.Length > ending.Length);
    }

    /// <summary>Whether a path names a folder: by its end, or because there is one.</summary>
    public static bool IsFolder(string path) =>
        path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar) || Directory.Exists(path);

    private string Listed => _files is [var only] ? only : $"{string.Join(", ", _files.SkipLast(1))} or {_files[^1]}";
}
