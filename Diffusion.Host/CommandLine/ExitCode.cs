namespace Diffusion.Host.CommandLine;

/// <summary>What the process tells whoever started it.</summary>
public enum ExitCode
{
    /// <summary>Everything asked for was done.</summary>
    Success = 0,

    /// <summary>The command line or an input cannot be used, or the work failed; one line on standard error says why.</summary>
    Failure = 1,

    /// <summary>A person or the system asked to stop, and what was done so far is saved. 128 + SIGINT, as shells count.</summary>
    Interrupted = 130,
}
