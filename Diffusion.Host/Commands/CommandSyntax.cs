using Diffusion.Math.Values;
using Cli = System.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>A command as it is typed: its name, options and examples, and how the words become a value.</summary>
/// <param name="name">The word that is typed.</param>
/// <param name="summary">One line, shown in the list of commands and at the top of the command's own help.</param>
internal abstract class CommandSyntax(string name, string summary) : Cli.Command(name, summary)
{
    /// <summary>At least one command line that does something useful, and what it does.</summary>
    public abstract Sequence<Example> Examples { get; }

    /// <summary>What should be known besides the options, in paragraphs; may be empty.</summary>
    public virtual Sequence<string> Remarks => [];

    /// <summary>Lists that belong below the options; may be empty.</summary>
    public virtual Sequence<HelpList> Lists => [];

    /// <summary>Why words that are right one by one cannot be used together; empty where they can.</summary>
    public virtual IEnumerable<string> Faults(Cli.ParseResult typed) => [];

    /// <summary>The command; called only without faults.</summary>
    public abstract Command Read(Cli.ParseResult typed);

    /// <summary>Adds options, in the order in which help lists them.</summary>
    protected void Take(params ReadOnlySpan<Cli.Option> options)
    {
        foreach (var option in options)
            Options.Add(option);
    }
}

/// <summary>Words to choose from, explained.</summary>
/// <param name="Title">What they are.</param>
/// <param name="Rows">Each word and what it means.</param>
internal sealed record HelpList(string Title, Sequence<(string Word, string Meaning)> Rows);

/// <summary>A command line worth knowing.</summary>
/// <param name="Line">What is typed after the program's name.</param>
/// <param name="Effect">What it does.</param>
internal sealed record Example(string Line, string Effect);
