using Diffusion.Host.CommandLine;
using Diffusion.Host.Editing;
using Diffusion.Math.Samplers;
using Diffusion.Math.Schedules;
using Diffusion.Model.Recipes;

namespace Diffusion.Host.Commands;

/// <summary>A noise schedule: its name, as JSON, or a file of JSON.</summary>
internal sealed class ScheduleWord : TokenKind<ScheduleSource>
{
    /// <summary>What stands for the value in help.</summary>
    public const string Placeholder = "NAME|FILE";

    private const string Name = "--schedule";

    /// <inheritdoc/>
    public override IReadOnlyList<string> Words { get; } = [.. NoiseChoice.Schedules.Select(choice => choice.Word)];

    /// <summary>What the option is, for help.</summary>
    public static string Listed =>
        $"{string.Join(", ", NoiseChoice.Schedules.Select(choice => choice.Word))}; or a .json file of one, or of a "
        + "recipe; or JSON as in a recipe";

    /// <inheritdoc/>
    public override string Expected => $"one of {string.Join(", ", Words)}, JSON such as {{\"kind\":\"cosine\"}}, or a .json file";

    /// <inheritdoc/>
    public override bool TryRead(string token, out ScheduleSource? value)
    {
        value = Find(token);
        try
        {
            value ??= IsJson(token) ? Inline(token) : IsFile(token) ? new ScheduleSource.File(token) : null;
        }
        catch (RecipeException)
        {
            // Reported below.
        }
        return value is not null;
    }

    /// <inheritdoc/>
    public override string Fault(string token)
    {
        try
        {
            if (IsJson(token))
                _ = Inline(token);
        }
        catch (RecipeException refusal)
        {
            return refusal.Message[(Name.Length + 2)..];
        }
        return base.Fault(token);
    }

    private static bool IsJson(string token) => token.TrimStart().StartsWith('{');

    private static bool IsFile(string token) => token.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    // By its word, or by the kind that recipes know it by.
    private static ScheduleSource.Known? Find(string token) => NoiseChoice.Schedules
        .Where(choice => choice.Word == token)
        .Concat(NoiseChoice.Schedules.Where(choice => ScheduleSource.KindOf(choice.Schedule) == token))
        .Select(choice => new ScheduleSource.Known(choice.Word, choice.Schedule)).FirstOrDefault();

    private static ScheduleSource.Known Inline(string token)
    {
        var schedule = RecipeText.ReadSchedule(token, Name);
        return new(ScheduleSource.KindOf(schedule), schedule);
    }
}
