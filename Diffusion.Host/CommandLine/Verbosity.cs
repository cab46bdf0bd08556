namespace Diffusion.Host.CommandLine;

/// <summary>How much is said besides results and errors.</summary>
public enum Verbosity
{
    /// <summary>Nothing.</summary>
    Quiet,

    /// <summary>What was chosen, and how far the work is.</summary>
    Normal,

    /// <summary>Details too, and the stack trace of an error.</summary>
    Verbose,
}

/// <summary>The form of a command's result on standard output.</summary>
public enum ResultForm
{
    /// <summary>Text for a person.</summary>
    Text,

    /// <summary>One JSON object on one line, for a script.</summary>
    Json,
}
