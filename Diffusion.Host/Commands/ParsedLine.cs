using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Commands;

/// <summary>What became of a command line. A closed union.</summary>
public abstract record ParsedLine
{
    private ParsedLine()
    {
    }

    /// <summary>Something to do.</summary>
    /// <param name="Command">What.</param>
    /// <param name="Verbosity">How much to say.</param>
    /// <param name="Form">The form of the result.</param>
    public sealed record Accepted(Command Command, Verbosity Verbosity, ResultForm Form) : ParsedLine;

    /// <summary>Nothing that can be done.</summary>
    /// <param name="Reason">One line: the word at fault, what is wrong with it, and what would be right.</param>
    public sealed record Refused(string Reason) : ParsedLine;
}
