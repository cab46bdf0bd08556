namespace Diffusion.Host.CommandLine;

/// <summary>Refusals of Math and Model as parts of a line for a person.</summary>
internal static class Incompatibility
{
    /// <summary>What the exception says.</summary>
    public static string Sentence(ArgumentException misfit) => Math.Values.Sentence.Of(misfit);

    /// <summary>What an attempt is refused for, or null where it succeeds.</summary>
    public static string? Of(Action attempt)
    {
        try
        {
            attempt();
            return null;
        }
        catch (ArgumentException misfit)
        {
            return Sentence(misfit);
        }
    }
}
