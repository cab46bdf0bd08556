using System.Globalization;
using System.Text.RegularExpressions;
using Diffusion.Host.CommandLine;

namespace Diffusion.Host.Commands;

public abstract partial record Command
{
    /// <summary>Answers a shell: the words that a command line may go on with, one in a line. Files are left to the shell.</summary>
    /// <param name="Line">The command line, with the name of the program.</param>
    /// <param name="Cursor">Where the person is in it, counted in characters.</param>
    public sealed partial record Suggest(string Line, int Cursor) : Command
    {
        /// <summary>The request of a shell: <c>[suggest:CURSOR] LINE</c>, as dotnet-suggest writes it; null for other words.</summary>
        public static Suggest? Of(string[] words)
        {
            if (words is not [var directive, var line] || Directive().Match(directive) is not { Success: true } match)
                return null;
            return new(line, int.TryParse(match.Groups["at"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                ? Min(at, line.Length)
                : line.Length);
        }

        /// <inheritdoc/>
        public override ExitCode Run(Session session)
        {
            foreach (var word in new Grammar().Completions(Line[..Cursor]))
                session.Terminal.Output.WriteLine(word);
            return ExitCode.Success;
        }

        [GeneratedRegex(@"^\[suggest(:(?<at>\d+))?\]$")]
        private static partial Regex Directive();
    }
}
