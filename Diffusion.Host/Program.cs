using Diffusion.Host.CommandLine;
using Diffusion.Host.Commands;

try
{
    return Whole.Run(args);
}
catch (Exception)
{
    // What tells of failures could not be loaded itself: every other one ends below as an exit code.
    LastWords.Say();
    return 1;
}
